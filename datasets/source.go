package datasets

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/internal/arrange"
)

// source is where pictures come from: encoded files, or arrays in memory. Its methods are safe for concurrent calls.
type source interface {
	count() int
	// item names a picture in messages.
	item(i int) string
	// header gives size and channels (1 or 3) of a picture, at the cost of reading its header.
	header(i int) (h, w, c int, err error)
	// load gives a picture with 1 or 3 channels, which is not to be changed.
	load(i int) (*imaging.Image8, error)
	// identify writes what decides the pixels of picture i, or as near to that as is cheap.
	identify(w io.Writer, i int)
	// inMemory says that load costs nothing, so that there is no need to keep its results.
	inMemory() bool
	io.Closer
}

// opened is a source with what belongs to it.
type opened struct {
	source
	name    string
	labels  []int32  // by picture; nil if there are none
	classes []string // their names; empty if there are no labels
}

// files are encoded pictures in a folder or a zip.
type files struct {
	names []string // relative, with slashes
	open  func(i int) (io.ReadCloser, error)
	mark  func(i int) string // of the content: size or checksum
	close func() error
}

func (f *files) count() int        { return len(f.names) }
func (f *files) item(i int) string { return f.names[i] }
func (f *files) inMemory() bool    { return false }
func (f *files) Close() error      { return f.close() }

func (f *files) identify(w io.Writer, i int) {
	fmt.Fprintf(w, "%q %s\n", f.names[i], f.mark(i))
}

func (f *files) header(i int) (h, w, c int, err error) {
	in, err := f.open(i)
	if err != nil {
		return 0, 0, 0, err
	}
	defer in.Close()
	w, h, c, err = imaging.DecodeSize(in)
	return h, w, c, err
}

func (f *files) load(i int) (*imaging.Image8, error) {
	in, err := f.open(i)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return decode(in)
}

// decode gives a picture the channels that imaging.DecodeSize says it has.
func decode(in io.Reader) (*imaging.Image8, error) {
	img, err := imaging.Decode(in)
	if err != nil {
		return nil, err
	}
	return imaging.ToImage8(img, imaging.Channels(img)), nil
}

// openFolder lists the pictures below a folder.
func openFolder(root string) (*opened, error) {
	names, err := imaging.ListImages(root)
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("datasets: there is no picture below %s (want .png .jpg .jpeg .gif .webp .bmp .tif .tiff)", root)
	}
	path := func(i int) string { return filepath.Join(root, filepath.FromSlash(names[i])) }
	src := &files{
		names: names,
		open:  func(i int) (io.ReadCloser, error) { return os.Open(path(i)) },
		mark: func(i int) string {
			info, err := os.Stat(path(i))
			if err != nil {
				return "?"
			}
			return fmt.Sprint(info.Size())
		},
		close: func() error { return nil },
	}
	out := &opened{source: src, name: baseName(root)}
	in, err := os.Open(filepath.Join(root, labelsFile))
	switch {
	case os.IsNotExist(err):
		out.labels, out.classes = arrange.FolderLabels(names)
		return out, nil
	case err != nil:
		return nil, fmt.Errorf("datasets: %w", err)
	}
	defer in.Close()
	if out.labels, out.classes, err = readLabels(in, names); err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", filepath.Join(root, labelsFile), err)
	}
	return out, nil
}

// baseName is how a file or folder is called in a run's config, which holds no paths.
func baseName(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}

// arrays are pictures of one shape, one after another in memory.
type arrays struct {
	name     string
	pix      []uint8
	n        int
	h, w, c  int
	identity string // of all the content
}

func (a *arrays) count() int        { return a.n }
func (a *arrays) item(i int) string { return fmt.Sprintf("picture %d of %s", i, a.name) }
func (a *arrays) inMemory() bool    { return true }
func (a *arrays) Close() error      { return nil }

func (a *arrays) header(int) (h, w, c int, err error) { return a.h, a.w, a.c, nil }

func (a *arrays) load(i int) (*imaging.Image8, error) {
	size := a.h * a.w * a.c
	return &imaging.Image8{H: a.h, W: a.w, C: a.c, Pix: a.pix[i*size : (i+1)*size : (i+1)*size]}, nil
}

func (a *arrays) identify(w io.Writer, i int) {
	if i == 0 { // each picture by itself would cost more than it tells
		fmt.Fprintf(w, "%s %dx%dx%d\n", a.identity, a.h, a.w, a.c)
	}
	fmt.Fprintln(w, i)
}
