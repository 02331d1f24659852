package run

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// RealsName is the file below samples/ that shows real images.
const RealsName = "reals.png"

// SampleName returns the name of the file below samples/ for a grid after img images: fakes_000020000.png.
func SampleName(img int64) string { return fmt.Sprintf("fakes_%09d.png", img) }

// Sample is a grid of generated images.
type Sample struct {
	Path string
	Img  int64 // real images shown when it was drawn
}

// WriteSample writes an image as samples/NAME with the given text in its PNG chunks, replacing one that is there.
// A reader sees the old file or the new one.
func (d *Dir) WriteSample(name string, img image.Image, text map[string]string) error {
	if name != filepath.Base(name) || !strings.HasSuffix(name, ".png") || strings.HasPrefix(name, ".") {
		return fmt.Errorf("run: %q is no file name for a sample (a plain name that ends in .png)", name)
	}
	if err := d.writable(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	err := writeFile(d.Path(samplesName, name), func(w io.Writer) error { return imaging.EncodePNG(w, img, text) })
	if err != nil {
		return fmt.Errorf("run: cannot write the sample %s: %w", name, err)
	}
	return nil
}

// Samples returns the grids of generated images, by rising img.
func (d *Dir) Samples() ([]Sample, error) {
	entries, err := os.ReadDir(d.Path(samplesName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run: %w", err)
	}
	var out []Sample
	for _, entry := range entries {
		digits, _ := strings.CutPrefix(strings.TrimSuffix(entry.Name(), ".png"), "fakes_")
		img, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || SampleName(img) != entry.Name() {
			continue
		}
		out = append(out, Sample{d.Path(samplesName, entry.Name()), img})
	}
	slices.SortFunc(out, func(a, b Sample) int { return cmp.Compare(a.Img, b.Img) })
	return out, nil
}

// Reals returns the path of the picture of real images, "" if there is none yet.
func (d *Dir) Reals() string {
	path := d.Path(samplesName, RealsName)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
