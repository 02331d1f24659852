package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/notebooks/figures"
	"github.com/gogan-ml/gogan/notebooks/lab"
)

// pictures are what GANs of pictures are trained on in the experiments, and how they are scored. Sounds fit in, too.
type pictures struct {
	data  gan.Data
	score gan.Score
}

// The score is fd_fashion_cnn of this many fakes against the test split, which no training sees.
const scoredFakes = 5000

// openPictures opens the whole of Fashion-MNIST if it is on this machine, else the part of it that is embedded.
func openPictures(ctx context.Context, small bool) (pictures, error) {
	name, fakes := "fashion-mini", scoredFakes
	var options []datasets.Option
	if small {
		fakes = 200
		options = append(options, datasets.WithLimit(fakes))
	} else {
		for _, info := range datasets.List() {
			if info.Name == "fashion-mnist" && info.Ready {
				name = info.Name
			}
		}
	}
	data, err := datasets.Open(name + ":train")
	if err != nil {
		return pictures{}, err
	}
	reals, err := datasets.Open(name+":test", options...)
	if err != nil {
		return pictures{}, err
	}
	score, err := lab.Score(ctx, "fd_fashion_cnn", reals, fakes)
	return pictures{data: data, score: score}, err
}

// setting is one row of an experiment on pictures.
type setting struct {
	row    string
	config gan.Config
	kimg   int64 // length of the training in thousands of real images
	// measure adds more values of the trained run in dir to a trial; nil: there are none.
	measure func(ctx context.Context, dir string, values map[string]float64) error
}

// picture trains a setting with a seed, or finds it trained, and adds the trial. It is scored after the first step, after
// each multiple of every real images, and at the end. A training that breaks is a result like others.
func (b Bench) picture(ctx context.Context, p pictures, s setting, seed, every int64) error {
	cfg := s.config
	cfg.Seed, cfg.GridKimg = seed, float64(s.kimg) // a grid at the start and one at the end
	dir := filepath.Join(b.Runs, fmt.Sprintf("%s-%d", figures.FileName(s.row), seed))
	device, err := accel.Default(ctx)
	if err != nil {
		return err
	}
	r, err := gan.OpenOn(device, dir, cfg, p.data)
	if err != nil {
		return err
	}
	defer r.Close()
	trial := figures.Trial{Row: s.row, Seed: seed, Data: p.data.Name(), Device: device.Name()}
	err = b.follow(ctx, r, p.score, b.steps(s.kimg*gan.Kimg, 2*int64(cfg.Batch*cfg.NCritic)), every)
	if broken := (*gan.Diverged)(nil); errors.As(err, &broken) {
		trial.Broke = broken.Img
	} else if err != nil {
		return err
	}
	d, err := run.Open(dir)
	if err != nil {
		return err
	}
	if err := describe(d, &trial); err != nil {
		return err
	}
	if s.measure != nil && trial.Broke == 0 {
		if err := s.measure(ctx, dir, trial.Values); err != nil {
			return err
		}
	}
	if seed == 1 && trial.Broke == 0 {
		if err := b.keepGrid(d, figures.FileName(s.row)+".png"); err != nil {
			return err
		}
	}
	return b.add(trial)
}

// follow trains a run to a length and scores it on the way.
func (b Bench) follow(ctx context.Context, r *gan.Run, score gan.Score, until, every int64) error {
	if r.Img() == 0 {
		r.Evaluate(0, score)
		if err := r.TrainTo(ctx, 1, b.Reporter); err != nil {
			return err
		}
	}
	r.Evaluate(every, score)
	return r.TrainTo(ctx, until, b.Reporter)
}

// describe fills in what the files of a run say: the scores, and with each the means of the log since the one before.
func describe(d *run.Dir, trial *figures.Trial) error {
	summary, err := d.Summary()
	if err != nil {
		return err
	}
	trial.Steps, trial.Seconds = summary.Img, summary.Seconds
	for _, f := range summary.Findings {
		trial.Findings = append(trial.Findings, f.Text)
	}
	scores, err := d.Scores()
	if err != nil {
		return err
	}
	ticks, err := d.Ticks()
	if err != nil {
		return err
	}
	from := int64(0)
	for _, s := range scores {
		values := means(ticks, from, s.Img)
		values["fd"] = rounded(s.Value)
		trial.Over = append(trial.Over, figures.Progress{Steps: s.Img, Values: values})
		from = s.Img
	}
	trial.Values = map[string]float64{}
	if n := len(trial.Over); n > 0 {
		trial.Values["start"], trial.Values["fd"] = trial.Over[0].Values["fd"], trial.Over[n-1].Values["fd"]
	}
	return nil
}

// means averages what a log holds after from and up to to.
func means(ticks []run.Tick, from, to int64) map[string]float64 {
	sums, counts := map[string]float64{}, map[string]float64{}
	for _, t := range ticks {
		if t.Img > from && t.Img <= to {
			for name, v := range t.Values {
				sums[name] += v
				counts[name]++
			}
		}
	}
	for name, n := range counts {
		sums[name] = rounded(sums[name] / n)
	}
	return sums
}

// keepGrid writes the first row of the run's last grid into the results.
func (b Bench) keepGrid(d *run.Dir, name string) error {
	grids, err := figures.RunGrids(d, 0)
	if err != nil {
		return err
	}
	last := grids[len(grids)-1]
	part := imaging.ToImage8(last.Image, 1)
	part.H = last.TileH
	part.Pix = part.Pix[:part.H*part.W]
	var out bytes.Buffer
	if err := imaging.EncodePNG(&out, part.Image(), nil); err != nil {
		return err
	}
	return b.write(name, out.Bytes())
}

// rounded keeps four significant digits, which is more than a score or the mean of a log means.
func rounded(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		return v // infinite
	}
	return r
}
