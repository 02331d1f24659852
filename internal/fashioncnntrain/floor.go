package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/extractors/fashioncnn"
	"github.com/gogan-ml/gogan/metrics"
)

// floors are the comparisons: all training images as reals, and the first n test images where fakes would be.
var floors = []struct {
	set string
	n   []int
}{
	{"fashion-mini", []int{500, 1000, 2000}},
	{"fashion-mnist", []int{500, 1000, 2000, 5000, 10_000}},
}

// subset is the least number of fakes for kd, whose subsets have so many.
const subset = 1000

// score is a line of the floor.
type score struct {
	Reals string         `json:"reals"`
	Fakes string         `json:"fakes"`
	Score metrics.Result `json:"score"`
}

// floor writes what real images score against other real ones: what no generator can be asked to be better than.
func floor(ctx context.Context, log *json.Encoder) error {
	device, err := accel.Default(ctx)
	if err != nil {
		return err
	}
	network, err := fashioncnn.Open(ctx, device)
	if err != nil {
		return err
	}
	defer network.Close()
	all, err := metrics.Open(ctx, &metrics.Options{Network: network, Metrics: []string{"fd", "classifier_score", "kd"}})
	if err != nil {
		return err
	}
	few, err := metrics.Open(ctx, &metrics.Options{Network: network, Metrics: []string{"fd", "classifier_score"}})
	if err != nil {
		return err
	}
	for _, f := range floors {
		train, err := datasets.Open(f.set+":train", datasets.WithContext(ctx))
		if err != nil {
			return err
		}
		reals, err := all.Measure(ctx, train)
		if err != nil {
			return err
		}
		for _, n := range f.n {
			test, err := datasets.Open(f.set+":test", datasets.WithContext(ctx), datasets.WithLimit(n))
			if err != nil {
				return err
			}
			scorer := all
			if n < subset {
				scorer = few
			}
			fakes, err := scorer.Measure(ctx, test)
			if err != nil {
				return err
			}
			results, err := scorer.Compare(reals, fakes)
			if err != nil {
				return err
			}
			for _, r := range results {
				line := score{Reals: train.Name(), Fakes: fmt.Sprintf("%s, first %d", test.Name(), n), Score: r}
				if err := log.Encode(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
