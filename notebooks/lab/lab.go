// Package lab is what cells compute with: it draws from trained models, scores them, and spoils real pictures by degrees to
// learn what scores see. It links GoMLX; a cell that only looks at files uses package notebooks.
package lab

import (
	"context"
	"image"

	"github.com/gogan-ml/gogan/gan"
)

// Sample draws one picture for each seed from a run directory or an exported file.
func Sample(ctx context.Context, path string, seeds []int64, options ...gan.LoadOption) ([]image.Image, error) {
	g, err := gan.Load(path, options...)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	return g.Sample(ctx, seeds)
}

// Interpolate draws steps pictures between each two neighbours of seeds, the ends included: row after row of steps
// pictures, to show in as many columns. Latents of N(0, I) are joined by great circles, others by lines.
func Interpolate(ctx context.Context, path string, seeds []int64, steps int, options ...gan.LoadOption) ([]image.Image, error) {
	g, err := gan.Load(path, options...)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	return g.Interpolate(ctx, seeds, steps, g.Config().Latents.Normal())
}
