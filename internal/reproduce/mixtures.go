package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"github.com/gogan-ml/gogan/gan/toy"
	"github.com/gogan-ml/gogan/notebooks/figures"
	"github.com/gogan-ml/gogan/weights"
)

var mixturesRing = Experiment{Name: "mixtures-ring", About: "8 modes on a circle: GAN, PacGAN, WGAN-GP, Unrolled GAN; 3 seeds",
	Run: func(ctx context.Context, b Bench) error { return mixtures(ctx, b, toy.Ring(), mixtureRows(), 3) }}

var mixturesGrid = Experiment{Name: "mixtures-grid", About: "25 modes on a grid: GAN, PacGAN, WGAN-GP, Unrolled GAN; 3 seeds",
	Run: func(ctx context.Context, b Bench) error { return mixtures(ctx, b, toy.Grid(), mixtureRows(), 3) }}

var unrolledDemo = Experiment{Name: "unrolled-demo", About: "the demo of Unrolled GANs: 7 modes, with and without looking 5 updates ahead; 5 seeds",
	Run: func(ctx context.Context, b Bench) error {
		rows := []mixtureRow{{"Unrolled0", toy.Unrolled(0), 15_000, 20}, {"Unrolled5", toy.Unrolled(5), 15_000, 20}}
		return mixtures(ctx, b, toy.SevenRing(), rows, 5)
	}}

// mixtureRow is a method on a mixture, with the number of steps of G that two cores have time for.
type mixtureRow struct {
	name        string
	config      toy.Config
	full, small int64
}

func mixtureRows() []mixtureRow {
	wgangp := toy.WGANGP()
	wgangp.Units, wgangp.CriticUnits = 128, 128 // of 512
	return []mixtureRow{
		{"GAN", toy.GAN(), 25_000, 60},
		{"PacGAN2", toy.PacGAN(2), 25_000, 60},
		{"WGAN-GP", wgangp, 10_000, 30},
		{"Unrolled5", toy.Unrolled(5), 8_000, 20},
	}
}

// mixtures trains every row with the seeds 1 to seeds.
func mixtures(ctx context.Context, b Bench, data toy.Mixture, rows []mixtureRow, seeds int64) error {
	for seed := range seeds {
		for _, row := range rows {
			cfg := row.config
			cfg.Data, cfg.Seed = data, seed+1
			if err := b.mixture(ctx, row, cfg, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// keptPoints is the number of points of a moment that the results hold, for a picture.
const keptPoints = 600

// mixture makes one training and measures it at every moment that it has drawn.
func (b Bench) mixture(ctx context.Context, row mixtureRow, cfg toy.Config, data toy.Mixture) error {
	steps := b.steps(row.full, row.small)
	cfg.SampleSteps = max(1, steps/10)
	trial := figures.Trial{Row: row.name, Seed: cfg.Seed, Steps: steps, PaperSteps: cfg.PaperSteps}
	dir := filepath.Join(b.Runs, fmt.Sprintf("%s-%d", cfg.Preset, cfg.Seed))
	r, err := b.train(ctx, dir, cfg, &trial)
	if err != nil {
		return err
	}
	defer r.Close()
	moments, err := toy.Moments(dir)
	if err != nil {
		return err
	}
	for _, m := range moments {
		if m.Steps > steps {
			continue // of a longer training that was done before
		}
		c, err := data.Measure(m.Points)
		if err != nil {
			return err
		}
		trial.Values = map[string]float64{"modes": float64(c.Modes), "high_quality": c.HighQuality, "reverse_kl": c.ReverseKL}
		trial.Over = append(trial.Over, figures.Progress{Steps: m.Steps, Values: trial.Values})
	}
	if cfg.Seed == 1 {
		if err := b.keep(row.name, moments); err != nil {
			return err
		}
	}
	return b.add(trial)
}

// keep writes some points of the first moment, of those after a tenth and a third of the training, and of the last.
func (b Bench) keep(name string, moments []toy.Moment) error {
	n := len(moments) - 1
	kept := map[string]weights.Array{}
	for _, i := range []int{0, n / 10, n / 3, n} {
		m := moments[i]
		kept[fmt.Sprintf("%09d", m.Steps)] = weights.FromFloat32(m.Points[:2*keptPoints], keptPoints, 2)
	}
	var file bytes.Buffer
	if err := weights.WriteNPZ(&file, kept, true); err != nil {
		return err
	}
	return b.write(name+".npz", file.Bytes())
}
