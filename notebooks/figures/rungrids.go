package figures

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"

	"github.com/gogan-ml/gogan/gan/run"
)

// runGap is the number of pixels between the tiles of a run's grids.
const runGap = 2

// RunGrids reads at most n grids of a run, the first and the last among them, at about equal distances in real images
// shown; n 0 reads all. Each is labelled by the images shown until then. It returns an error if there is none yet.
func RunGrids(d *run.Dir, n int) ([]Grid, error) {
	samples, err := d.Samples()
	if err != nil {
		return nil, err
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("figures: the run %s has no grid yet", d.Path())
	}
	if n > 0 {
		samples = spread(samples, n)
	}
	side, sounds, err := imageSize(d)
	if err != nil {
		return nil, err
	}
	var grids []Grid
	for _, s := range samples {
		img, err := run.ReadSample(s.Path)
		if err != nil {
			return nil, err
		}
		w, h := side, side
		if sounds { // spectra have a size of their own
			w, h = tileSize(img.Bounds().Dx()), tileSize(img.Bounds().Dy())
		}
		grids = append(grids, Grid{Image: img, TileW: w, TileH: h, Gap: runGap, Label: run.RoundImg(s.Img)})
	}
	return grids, nil
}

// spread picks at most n samples, the first and the last among them, at about equal distances in img.
func spread(samples []run.Sample, n int) []run.Sample {
	if len(samples) <= n {
		return samples
	}
	first, last := samples[0].Img, samples[len(samples)-1].Img
	var out []run.Sample
	next := 0
	for k := range n {
		goal := first + (last-first)*int64(k)/int64(n-1)
		// As near to the goal as can be, but leave enough samples for the moments that follow.
		for next < len(samples)-(n-k) && distance(samples[next+1].Img, goal) <= distance(samples[next].Img, goal) {
			next++
		}
		out = append(out, samples[next])
		next++
	}
	return out
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// imageSize returns the height and width of a run's images from its config, or that the run makes sounds.
func imageSize(d *run.Dir) (side int, sounds bool, err error) {
	text, err := d.ConfigJSON()
	if err != nil {
		return 0, false, err
	}
	var config struct {
		ImageSize  int `json:"image_size"`
		SampleRate int `json:"sample_rate"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return 0, false, fmt.Errorf("figures: the config of the run: %w", err)
	}
	if config.ImageSize <= 0 {
		return 0, false, errors.New("figures: the config of the run has no image_size")
	}
	return config.ImageSize, config.SampleRate > 0, nil
}

// runSide is the number of tiles in a row and a column of a run's grids.
const runSide = 8

// tileSize returns the width of a tile of a grid of a given width.
func tileSize(grid int) int { return (grid - (runSide-1)*runGap) / runSide }

// Frames returns each grid, enlarged by scale, below its label: the frames of an animation. They have one size if the grids
// have.
func Frames(grids []Grid, scale int) []image.Image {
	label := newLabeller()
	band := label.Face.Metrics().Height.Ceil() + 4
	frames := make([]image.Image, len(grids))
	for i, g := range grids {
		b := g.Image.Bounds()
		out := blank(b.Dx()*scale, band+b.Dy()*scale, g.Image)
		draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
		label.write(out, 4, band/2, g.Label)
		paste(out, 0, band, g.Image, scale)
		frames[i] = out
	}
	return frames
}

// Enlargement returns the whole factor, at most 8, that brings a small picture near to 480 pixels.
func Enlargement(img image.Image) int {
	side := max(img.Bounds().Dx(), img.Bounds().Dy(), 1)
	return min(8, max(1, int(math.Round(480/float64(side)))))
}
