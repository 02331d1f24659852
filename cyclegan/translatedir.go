package cyclegan

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
)

// TranslateDir translates the pictures of src, a folder, a zip or one picture file, and writes them below the folder dst under
// their names, as PNG: photos/a/b.jpg becomes dst/a/b.png. Files that are there are replaced. Each carries the name of its
// original, what translated it, and the version in its text chunks.
//
// It returns how many were written. A file that cannot be read is told to rep and left out; the error then says how many
// those were, and names the first. It is an error, before anything is written, if src has no picture, if two of its pictures
// would get one name, or if dst is the folder of the originals.
func (t *Translator) TranslateDir(ctx context.Context, src, dst string, rep gan.Reporter, options ...TranslateOption) (n int, err error) {
	c, err := t.cutting(options)
	if err != nil {
		return 0, fmt.Errorf("cyclegan: %w", err)
	}
	in, err := openPictures(src)
	if err != nil {
		return 0, fmt.Errorf("cyclegan: %w", err)
	}
	defer in.close()
	targets, err := in.targets(dst)
	if err != nil {
		return 0, fmt.Errorf("cyclegan: %s: %w", src, err)
	}
	if rep == nil {
		rep = gan.Silent()
	}
	began := time.Now()
	rep.Start(run.Info{Dir: dst, Title: "translating " + filepath.Base(filepath.Clean(src)), Until: int64(len(in.names)), Device: t.device})
	defer func() { rep.Done(run.Summary{Dir: dst, Img: int64(n), Seconds: time.Since(began).Seconds()}) }()
	var bad []error
	sizes := map[image.Point]bool{} // that the network was compiled for
	for i, name := range in.names {
		img, err := in.read(name)
		if err == nil {
			img, err = t.Translate(ctx, img, options...)
		}
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", name, err))
			rep.Note(fmt.Sprintf("left out %s: %v", name, err))
			continue
		}
		if err := t.write(targets[i], name, img); err != nil {
			return n, fmt.Errorf("cyclegan: %w", err)
		}
		n++
		b := img.Bounds()
		if size := image.Pt(roundUp(b.Dx(), c.multiple), roundUp(b.Dy(), c.multiple)); !sizes[size] && b.Dx()*b.Dy() <= c.tile*c.tile {
			if sizes[size] = true; len(sizes) == manySizes {
				rep.Note(fmt.Sprintf("%d sizes so far, for each of which the network is compiled: padded to multiples of 64, say, they would "+
					"be fewer (PadTo, --pad-to)", manySizes))
			}
		}
		seconds := time.Since(began).Seconds()
		rep.Tick(run.Tick{Img: int64(i + 1), Seconds: seconds, ImgPerSec: float64(i+1) / seconds})
	}
	if len(bad) > 0 {
		return n, fmt.Errorf("cyclegan: %s: %d of %d pictures could not be translated, the first is %w", src, len(bad), len(in.names), bad[0])
	}
	return n, nil
}

// manySizes is when TranslateDir says what would be faster.
const manySizes = 4

// write writes a picture with its text; after an error path is as it was.
func (t *Translator) write(path, original string, img image.Image) error {
	text := maps.Clone(t.text)
	text["original"] = original
	var b bytes.Buffer
	if err := imaging.EncodePNG(&b, img, text); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(path), ".tmp-"+filepath.Base(path))
	defer os.Remove(tmp) // fails, as it should, once the file has its name
	if err := os.WriteFile(tmp, b.Bytes(), 0o666); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// pictures are the picture files of a folder or a zip.
type pictures struct {
	files  fs.FS
	folder string   // of the files, "" for a zip
	names  []string // with slashes, sorted bytewise
	close  func() error
}

func openPictures(src string) (*pictures, error) {
	info, err := os.Stat(src)
	switch {
	case err != nil:
		return nil, fmt.Errorf("no folder, zip or picture at %s: %w", src, err)
	case info.IsDir():
		names, err := imaging.ListImages(src)
		if err == nil && len(names) == 0 {
			err = fmt.Errorf("there is no picture in the folder %s", src)
		}
		return &pictures{os.DirFS(src), src, names, func() error { return nil }}, err
	case strings.EqualFold(filepath.Ext(src), ".zip"):
		return openZip(src)
	}
	return &pictures{os.DirFS(filepath.Dir(src)), filepath.Dir(src), []string{filepath.Base(src)}, func() error { return nil }}, nil
}

func openZip(src string) (*pictures, error) {
	z, err := zip.OpenReader(src)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as a zip: %w", src, err)
	}
	p := &pictures{files: z, close: z.Close}
	for _, f := range z.File {
		switch {
		case !imaging.IsImagePath(f.Name):
		case !fs.ValidPath(f.Name):
			return nil, errors.Join(fmt.Errorf("%s holds a file %q, whose name is no path inside a zip", src, f.Name), z.Close())
		default:
			p.names = append(p.names, f.Name)
		}
	}
	if len(p.names) == 0 {
		return nil, errors.Join(fmt.Errorf("there is no picture in %s", src), z.Close())
	}
	slices.Sort(p.names)
	return p, nil
}

// targets are the files that the pictures become.
func (p *pictures) targets(dst string) ([]string, error) {
	if here, err := os.Stat(p.folder); err == nil {
		if there, err := os.Stat(dst); err == nil && os.SameFile(here, there) {
			return nil, fmt.Errorf("%s is the folder of the originals; give another one", dst)
		}
	}
	var out []string
	from := map[string]string{}
	for _, name := range p.names {
		target := strings.TrimSuffix(name, path.Ext(name)) + ".png"
		if other, taken := from[target]; taken {
			return nil, fmt.Errorf("%s and %s would both become %s; rename one of them", other, name, target)
		}
		from[target] = name
		out = append(out, filepath.Join(dst, filepath.FromSlash(target)))
	}
	return out, nil
}

func (p *pictures) read(name string) (img image.Image, err error) {
	f, err := p.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return imaging.Decode(f)
}
