package metrics

import (
	"context"
	"errors"
	"testing"
)

// A distance has an interval unless none is asked for, and those who wait for it are told and can stop it.
func TestInterval(t *testing.T) {
	for _, bootstrap := range []int{0, Zero, 20} {
		want := map[int]int64{0: 50, Zero: 0, 20: 20}[bootstrap]
		var told int64
		opt := &Options{Network: small(), Bootstrap: bootstrap, Progress: func(what string, done, total int64) {
			if what == "interval" {
				if told++; done != told || total != want {
					t.Errorf("resampling %d of %d, want %d of %d", done, total, told, want)
				}
			}
		}}
		r, err := FID(t.Context(), pictures{n: 20}, pictures{n: 21, salt: 50}, opt)
		if err != nil {
			t.Fatal(err)
		}
		if told != want || (r.CI != [2]float64{}) != (want > 0) {
			t.Errorf("Bootstrap %d: %d resamplings and the interval %v", bootstrap, told, r.CI)
		}
	}
}

func TestIntervalStops(t *testing.T) {
	for _, metric := range []string{"fd", "classifier_score"} {
		ctx, cancel := context.WithCancel(t.Context())
		var last int64
		opt := &Options{Network: small(), Metrics: []string{metric}, ISSplits: 2, Bootstrap: 1000,
			Progress: func(what string, done, _ int64) {
				if what == "interval" {
					last = done
					cancel()
				}
			}}
		if _, err := Score(ctx, pictures{n: 20}, pictures{n: 21, salt: 50}, opt); !errors.Is(err, context.Canceled) || last > 100 {
			t.Errorf("%s: %v after %d resamplings", metric, err, last)
		}
	}
}
