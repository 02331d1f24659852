package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// contestant is a program that trains: n steps of D and G, the seconds that they took, and their losses.
type contestant interface {
	steps(ctx context.Context, n int) (seconds float64, history []losses, err error)
}

const (
	checkedSteps = 2 // the first steps, whose losses must be equal
	// The first loss of D is that of the shared weights: equal but for rounding. Adam's first updates are ±lr whatever
	// the size of a gradient, so that rounding moves weights whose gradient is near zero, and later losses by some 1e-4.
	firstTolerance, laterTolerance = 1e-4, 1e-3 // relative

	warmLimit = 45 * time.Second // of a peer's setting until its first steps are done; compilers are slow
	raceTime  = 40.0             // seconds of alternating runs, about
	raceShare = 0.8              // of what is left of the time for the line, if that is less than raceTime
	maxRounds = 21
	minRounds = 3
	minRun    = 0.3 // seconds a run lasts at least
)

// race compares our step with a peer in its fastest setting.
func race(ctx context.Context, s setting, p peerProgram) (result, error) {
	python, err := pythonOfPeers()
	if err != nil {
		return result{}, err
	}
	dir, err := os.MkdirTemp("", "gogan-bench-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	we, err := s.open(ctx)
	if err != nil {
		return result{}, err
	}
	defer we.close()
	inputs := filepath.Join(dir, "inputs.safetensors")
	if err := we.export(inputs); err != nil {
		return result{}, err
	}
	_, want, err := we.steps(ctx, checkedSteps)
	if err != nil {
		return result{}, err
	}
	they, err := p.fastest(ctx, python, s, inputs, want)
	if err != nil {
		return result{}, err
	}
	defer they.close()
	ours, peer, err := alternate(ctx, we, they)
	return result{ours, peer, they.version}, err
}

// alternate lets both run in turns and returns the medians of their seconds a step.
func alternate(ctx context.Context, a, b contestant) (float64, float64, error) {
	both := [2]contestant{a, b}
	var perStep [2]float64
	for i, c := range both { // not counted: how long a step takes about
		seconds, _, err := c.steps(ctx, 2)
		if err != nil {
			return 0, 0, err
		}
		perStep[i] = seconds / 2
	}
	n := int(math.Ceil(minRun / min(perStep[0], perStep[1])))
	seconds := raceTime
	if deadline, ok := ctx.Deadline(); ok {
		seconds = min(seconds, raceShare*time.Until(deadline).Seconds())
	}
	rounds := int(seconds / (float64(n) * (perStep[0] + perStep[1])))
	rounds = min(max(rounds, minRounds), maxRounds)
	var times [2][]float64
	for round := range rounds {
		for turn := range both {
			i := (turn + round) % 2 // who is first changes
			seconds, _, err := both[i].steps(ctx, n)
			if err != nil {
				return 0, 0, err
			}
			times[i] = append(times[i], seconds/float64(n))
		}
	}
	return median(times[0]), median(times[1]), nil
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// equalLosses returns an error that names the first loss of got which is not want's.
func equalLosses(got, want []losses) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d steps of losses, want %d", len(got), len(want))
	}
	for i := range want {
		for _, l := range []struct {
			name      string
			got, want float64
		}{{"loss_d", got[i].d, want[i].d}, {"loss_g", got[i].g, want[i].g}} {
			tolerance := laterTolerance
			if i == 0 && l.name == "loss_d" {
				tolerance = firstTolerance
			}
			if d := math.Abs(l.got - l.want); !(d <= tolerance*math.Abs(l.want)) {
				return fmt.Errorf("%s of step %d is %.7g, ours %.7g: not the same program", l.name, i+1, l.got, l.want)
			}
		}
	}
	return nil
}
