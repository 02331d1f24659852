package lab

import (
	"context"
	"fmt"
	"slices"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics"
)

// Score returns what gan.Run.Evaluate takes: a score that draws n pictures, those of the seeds 0 to n-1, and measures them
// under a name, such as "fd_fashion_cnn" or "fid", against reals. The network is opened and the reals are measured
// now, once. The error lists the names that there are, or says what keeps the network from being opened.
func Score(ctx context.Context, name string, reals metrics.Images, n int) (gan.Score, error) {
	metric, extractor, err := metrics.ParseName(name)
	if err != nil {
		return gan.Score{}, err
	}
	opt := &metrics.Options{Metrics: []string{metric}, Extractor: extractor}
	scorer, err := metrics.Open(ctx, opt)
	if err != nil {
		return gan.Score{}, err
	}
	score, err := scorer.Against(ctx, reals)
	if err != nil {
		return gan.Score{}, err
	}
	kind := scorer.Kind()
	kind.Name, kind.NFake = name, n
	if opt.ComparesWithReals() {
		kind.NReal = max(0, reals.Len()) // negative where it is not known
	}
	return gan.Score{Kind: kind, Measure: func(ctx context.Context, g *gan.Generator) (metrics.Result, error) {
		results, err := score(ctx, g.Samples(n, 0).WithContext(ctx))
		if err != nil {
			return metrics.Result{}, err
		}
		i := slices.IndexFunc(results, func(r metrics.Result) bool { return r.Name == name })
		if i < 0 {
			return metrics.Result{}, fmt.Errorf("lab: %s is more than one number: name one of its results, such as %s", name, results[0].Name)
		}
		return results[i], nil
	}}, nil
}
