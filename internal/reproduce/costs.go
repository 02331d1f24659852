package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// costImg is how many real images each setting is shown in a round, at least.
const costImg = 1280

// costs measures what the settings cost in comparison: all of them are open in this process and take turns, a second or so
// each, so that whatever else the machine does slows all of them alike. Costs that are there already are kept.
func (b Bench) costs(ctx context.Context, p pictures, settings []setting, reference string) error {
	old, err := figures.ReadCosts(b.Results)
	if err == nil && len(old) == len(settings) && !slices.ContainsFunc(settings, func(s setting) bool {
		return !slices.ContainsFunc(old, func(c figures.Cost) bool { return c.Row == s.row })
	}) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	device, err := accel.Default(ctx)
	if err != nil {
		return err
	}
	var runs []*gan.Run
	defer func() {
		for _, r := range runs {
			r.Close()
		}
	}()
	for _, s := range settings {
		r, err := gan.OpenOn(device, filepath.Join(b.Runs, "costs", figures.FileName(s.row)), s.config, p.data)
		if err != nil {
			return err
		}
		runs = append(runs, r)
		if _, err := timeSteps(ctx, r.Trainer(), 1); err != nil { // compiles
			return fmt.Errorf("%s: %w", s.row, err)
		}
	}
	rounds := make([][]float64, b.steps(15, 3))
	for i := range rounds {
		rounds[i] = make([]float64, len(runs))
		for k := range runs {
			if i%2 == 1 { // there and back, so that a trend of the machine's speed cancels
				k = len(runs) - 1 - k
			}
			if rounds[i][k], err = timeSteps(ctx, runs[k].Trainer(), b.steps(costImg, 1)); err != nil {
				return err
			}
		}
	}
	var rows []string
	for _, s := range settings {
		rows = append(rows, s.row)
	}
	out, err := figures.NewCosts(rows, reference, rounds)
	if err != nil {
		return err
	}
	for i := range out {
		out[i].Cores, out[i].CPU, out[i].Device = runtime.NumCPU(), cpu(), device.Name()
	}
	return figures.WriteCosts(b.Results, out)
}

// timeSteps takes whole cycles until n more images have been shown, and returns the seconds for each.
func timeSteps(ctx context.Context, t *gan.Trainer, n int64) (float64, error) {
	begin, from := time.Now(), t.Img()
	var last *gan.Report
	for t.Img() < from+n || !t.AtCycleStart() {
		var err error
		if last, err = t.Step(ctx); err != nil {
			return 0, err
		}
	}
	if _, err := last.Values(); err != nil { // waits for the device
		return 0, err
	}
	return time.Since(begin).Seconds() / float64(t.Img()-from), nil
}
