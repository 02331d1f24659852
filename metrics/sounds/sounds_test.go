package sounds_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/datasets/sound"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/metrics/sounds"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// part yields sounds from to to-1 of a set, changed by f.
func part(set *sound.Set, from, to int, f func(i int, x []float32) []float32) iter.Seq2[audio.Sound, error] {
	return func(yield func(audio.Sound, error) bool) {
		for i := from; i < to; i++ {
			s, _, err := set.At(i)
			if f != nil {
				s.Samples = f(i, s.Samples)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

func measure(t *testing.T, s iter.Seq2[audio.Sound, error]) *stats.Stats {
	t.Helper()
	out, err := sounds.Measure(t.Context(), "here", s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compare(t *testing.T, real, fake *stats.Stats) stats.Result {
	t.Helper()
	r, err := sounds.Compare(real, fake)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The score is zero for a set and itself, small for two halves of one set, and rises with what is done to the sounds.
func TestScoreRisesWithDamage(t *testing.T) {
	set, err := sound.Open("tones:test", 2048, 8000)
	if err != nil {
		t.Fatal(err)
	}
	real := measure(t, part(set, 0, 500, nil))
	noisy := func(level float32) func(int, []float32) []float32 {
		return func(i int, x []float32) []float32 {
			out := golden.Scaled(uint32(i), len(x), level)
			for k, v := range x {
				out[k] += v
			}
			return out
		}
	}
	self := compare(t, real, real)
	if self.Name != sounds.Name || self.NReal != 500 || !(math.Abs(self.Value) < 1e-6*traces(real)) {
		t.Errorf("a set and itself: %s %g of %d", self.Name, self.Value, self.NReal)
	}
	last := 0.0
	for _, c := range []struct {
		name string
		fake iter.Seq2[audio.Sound, error]
	}{
		{"the other half", part(set, 500, 1000, nil)},
		{"a little noise", part(set, 500, 1000, noisy(0.003))},
		{"more noise", part(set, 500, 1000, noisy(0.03))},
		{"noise alone", part(set, 500, 1000, func(i int, x []float32) []float32 { return golden.Values(uint32(i), len(x)) })},
	} {
		got := compare(t, real, measure(t, c.fake)).Value
		if !(got > last) {
			t.Errorf("%s scores %g, what came before %g", c.name, got, last)
		}
		last = got
	}
}

func traces(s *stats.Stats) float64 {
	sum := 0.0
	for i := range s.Mean {
		sum += s.Cov[i*len(s.Mean)+i]
	}
	return sum
}

func TestMeasureFaults(t *testing.T) {
	of := func(sound ...audio.Sound) iter.Seq2[audio.Sound, error] {
		return func(yield func(audio.Sound, error) bool) {
			for _, s := range sound {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
	one := audio.Sound{Rate: 8000, Samples: make([]float32, 1000)}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for _, c := range []struct {
		ctx    context.Context
		sounds iter.Seq2[audio.Sound, error]
		want   string
	}{
		{t.Context(), of(), "needs 97 sounds or more, got 0"},
		{t.Context(), of(one, one), "needs 97 sounds or more, got 2"},
		{t.Context(), of(one, audio.Sound{Rate: 16000, Samples: one.Samples}), "sound 1 has 1000 samples at 16000 Hz, the first 1000 samples at 8000 Hz"},
		{t.Context(), of(audio.Sound{Samples: one.Samples}), "a rate of 0"},
		{t.Context(), func(yield func(audio.Sound, error) bool) { yield(audio.Sound{}, errors.New("no disk")) }, "no disk"},
		{stopped, of(one), "context canceled"},
	} {
		if _, err := sounds.Measure(c.ctx, "here", c.sounds); err == nil || !strings.HasPrefix(err.Error(), "sounds: here: ") ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
