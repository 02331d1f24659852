// Package fakerun makes run directories that look like those of a training and take no training: for tests of what views
// them.
package fakerun

import (
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Side is the height and width of the images, Columns the number of rows and columns of a grid.
const (
	Side    = 28
	Columns = 8
)

// Config is what the config.json of a fake run holds.
type Config struct {
	Preset    string `json:"preset"`
	Loss      string `json:"loss"`
	ImageSize int    `json:"image_size"`
}

// Make writes a stopped run of `kimg` thousand images into dir: a tick every 500 images, a grid every fifth of the way,
// the reals and one score. Its losses approach the equilibrium of the non-saturating loss, and its fakes, discs whose
// noise fades, approach its reals.
func Make(dir string, kimg int64) error {
	d, err := run.Create(dir, Config{Preset: "dcgan", Loss: "non-saturating", ImageSize: Side}, run.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.WriteSample(run.RealsName, Grid(0).Image(), nil); err != nil {
		return err
	}
	last := kimg * run.Kimg
	for img := int64(0); img <= last; img += run.Kimg / 2 {
		if err := d.AppendTick(Tick(img, last)); err != nil {
			return err
		}
		if img%(last/5) == 0 {
			noise := 1 - float64(img)/float64(last)
			text := map[string]string{"img": fmt.Sprint(img)}
			if err := d.WriteSample(run.SampleName(img), Grid(noise).Image(), text); err != nil {
				return err
			}
		}
	}
	return d.AppendScore(stats.Result{Name: "fd_fashion_cnn", Value: 12.5, CI: [2]float64{11.8, 13.1}, NReal: 2000,
		NFake: 2000, Extractor: "fashion-cnn", Preprocess: "none", Seed: 2020, DDoF: 1, Img: last})
}

// Tick returns the log line of a fake run of `last` images after img images.
func Tick(img, last int64) run.Tick {
	far := math.Exp(-6 * float64(img) / float64(last))
	wave := 0.08 * math.Sin(float64(img)) // looks like noise and is the same in every run
	return run.Tick{Img: img, Seconds: float64(img) / 800, ImgPerSec: 800 + 50*math.Cos(float64(img)),
		Values: map[string]float64{
			"loss_d": 2*math.Ln2 - 0.9*far + wave, "loss_g": math.Ln2 + 1.5*far - wave,
			"d_real": 0.5 + 0.4*far + wave/2, "d_fake": 0.5 - 0.4*far - wave/2,
		}}
}

// Grid returns a grid of discs of many radii, mixed with noise (0: none, 1: nothing else).
func Grid(noise float64) *imaging.Image8 {
	var tiles []*imaging.Image8
	for i := range Columns * Columns {
		m := imaging.NewImage8(Side, Side, 1)
		radius := 3 + float64(i%11)
		for y := range Side {
			for x := range Side {
				disc := 0.0
				if math.Hypot(float64(x)-13.5, float64(y)-13.5) < radius {
					disc = 255
				}
				grain := float64((x*7919 + y*104729 + i*1299709) % 256)
				m.Pix[y*Side+x] = uint8((1-noise)*disc + noise*grain)
			}
		}
		tiles = append(tiles, m)
	}
	return imaging.Grid(tiles, Columns, 2)
}
