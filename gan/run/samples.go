package run

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/datasets/imaging"
)

// RealsName is the file below samples/ that shows real images.
const RealsName = "reals.png"

// SampleName returns the name of the file below samples/ for a grid after img images: fakes_000020000.png.
func SampleName(img int64) string { return fmt.Sprintf("fakes_%09d.png", img) }

// RealSoundsName is the file below samples/ that holds real sounds, for runs that make sounds.
const RealSoundsName = "reals.wav"

// SoundName returns the name of the file below samples/ for sounds after img of them: fakes_000020000.wav.
func SoundName(img int64) string { return fmt.Sprintf("fakes_%09d.wav", img) }

// Sample is a grid of generated images, or a file of generated sounds.
type Sample struct {
	Path string
	Img  int64 // real images shown when it was drawn
}

// WriteSample writes an image as samples/NAME with the given text in its PNG chunks, replacing one that is there.
// A reader sees the old file or the new one.
func (d *Dir) WriteSample(name string, img image.Image, text map[string]string) error {
	return d.writeSample(name, ".png", func(w io.Writer) error { return imaging.EncodePNG(w, img, text) })
}

// WriteSound writes a sound as samples/NAME with a comment, replacing one that is there. A reader sees the old file or
// the new one.
func (d *Dir) WriteSound(name string, s audio.Sound, comment string) error {
	return d.writeSample(name, ".wav", func(w io.Writer) error { return audio.EncodeWAV(w, s, comment) })
}

func (d *Dir) writeSample(name, extension string, write func(w io.Writer) error) error {
	if name != filepath.Base(name) || !strings.HasSuffix(name, extension) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("run: %q is no file name for a sample (a plain name that ends in %s)", name, extension)
	}
	if err := d.writable(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	if err := writeFile(d.Path(samplesName, name), write); err != nil {
		return fmt.Errorf("run: cannot write the sample %s: %w", name, err)
	}
	return nil
}

// Samples returns the grids of generated images, or of the spectra of sounds, by rising img.
func (d *Dir) Samples() ([]Sample, error) { return d.samples(".png", SampleName) }

// Sounds returns the files of generated sounds, by rising img; none if the run makes pictures.
func (d *Dir) Sounds() ([]Sample, error) { return d.samples(".wav", SoundName) }

// samples returns the files below samples/ whose names nameOf gives.
func (d *Dir) samples(extension string, nameOf func(img int64) string) ([]Sample, error) {
	entries, err := os.ReadDir(d.Path(samplesName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run: %w", err)
	}
	var out []Sample
	for _, entry := range entries {
		digits, _ := strings.CutPrefix(strings.TrimSuffix(entry.Name(), extension), "fakes_")
		img, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || nameOf(img) != entry.Name() {
			continue
		}
		out = append(out, Sample{d.Path(samplesName, entry.Name()), img})
	}
	slices.SortFunc(out, func(a, b Sample) int { return cmp.Compare(a.Img, b.Img) })
	return out, nil
}

// ReadSample reads a picture below samples/.
func ReadSample(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", path, err)
	}
	return img, nil
}

// Reals returns the path of the picture of real images, "" if there is none yet.
func (d *Dir) Reals() string { return d.sampleIfThere(RealsName) }

// RealSounds returns the path of the file of real sounds, "" if there is none.
func (d *Dir) RealSounds() string { return d.sampleIfThere(RealSoundsName) }

func (d *Dir) sampleIfThere(name string) string {
	path := d.Path(samplesName, name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
