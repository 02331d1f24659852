package lab

import (
	"context"

	"github.com/gogan-ml/gogan/datasets/sound"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics/sounds"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// SoundScore is Score for runs that make sounds: fd_logmel of n sounds, those of the seeds 0 to n-1, against reals, which
// are measured now, once.
func SoundScore(ctx context.Context, reals *sound.Set, n int) (gan.Score, error) {
	measured, err := sounds.Measure(ctx, reals.Name(), reals.All())
	if err != nil {
		return gan.Score{}, err
	}
	kind := stats.Result{Name: sounds.Name, NReal: measured.N, NFake: n, Preprocess: measured.Preprocess, DDoF: measured.DDoF}
	return gan.Score{Kind: kind, Measure: func(ctx context.Context, g *gan.Generator) (stats.Result, error) {
		fakes, err := sounds.Measure(ctx, "the generator", g.Sounds(ctx, n, 0))
		if err != nil {
			return stats.Result{}, err
		}
		return sounds.Compare(measured, fakes)
	}}, nil
}
