package main

import (
	"context"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/gan/toy"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// train trains a toy in dir to the trial's number of steps, or finds it trained, and fills in what that took. The caller
// closes the run.
func (b Bench) train(ctx context.Context, dir string, cfg toy.Config, trial *figures.Trial) (*toy.Run, error) {
	r, err := toy.Open(dir, cfg)
	if err != nil {
		return nil, err
	}
	if err := r.TrainTo(ctx, trial.Steps, b.Reporter); err != nil {
		r.Close()
		return nil, err
	}
	d, err := run.Open(dir)
	if err != nil {
		r.Close()
		return nil, err
	}
	summary, err := d.Summary()
	if err != nil {
		r.Close()
		return nil, err
	}
	trial.Seconds, trial.Device = summary.Seconds, r.Device()
	return r, nil
}
