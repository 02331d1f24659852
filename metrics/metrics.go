package metrics

import (
	"context"

	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Result is a score with everything that is needed to compare or to repeat it.
type Result = stats.Result

// Stats is what a set of pictures leaves: the moments of its features, and rows where they are needed.
type Stats = stats.Stats

// Preprocess names a rule that makes a picture the input of a network. Scores of different rules do not compare.
type Preprocess = extractors.Preprocess

// The rules of the programs whose scores are published, see package extractors.
const (
	TF1          = extractors.TF1          // TTUR, torch-fidelity, StyleGAN2-ADA: the default
	PytorchFID   = extractors.PytorchFID   // pytorch-fid
	Clean        = extractors.Clean        // clean-fid
	Torchmetrics = extractors.Torchmetrics // torchmetrics from 1.8.0 on
)

// FID returns the Fréchet distance between reals and fakes: FID with inception-2015, and with another extractor the
// distance that is named after it. Options.Metrics is not looked at. opt may be nil.
func FID(ctx context.Context, reals, fakes Images, opt *Options) (Result, error) {
	var distance Options
	if opt != nil {
		distance = *opt
	}
	distance.Metrics = nil
	results, err := Score(ctx, reals, fakes, &distance)
	if err != nil {
		return Result{}, err
	}
	return results[0], nil
}

// Score returns the metrics of opt, which may be nil, in their order. Each side is read once. reals may be nil if no
// metric compares with them. The error names what is wrong with the options, or the picture that cannot be read.
func Score(ctx context.Context, reals, fakes Images, opt *Options) ([]Result, error) {
	s, err := Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Score(ctx, reals, fakes)
}

// Measure returns the statistics of pictures that the metrics of opt, which may be nil, need of either side.
func Measure(ctx context.Context, images Images, opt *Options) (*Stats, error) {
	s, err := Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Measure(ctx, images)
}

// ReadStats reads a file of statistics: of gogan, or mu and sigma of pytorch-fid, TTUR, guided-diffusion or clean-fid.
func ReadStats(path string) (*Stats, error) { return stats.Read(path) }

// Frechet returns the Fréchet distance between two statistics. It needs no device. Statistics of different extractors,
// weights or preprocessing are an error that names both.
func Frechet(reals, fakes *Stats) (Result, error) {
	opt := stats.DefaultOptions()
	return stats.Frechet(reals, fakes, &opt)
}
