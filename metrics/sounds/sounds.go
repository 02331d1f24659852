// Package sounds scores sounds: "fd_logmel" is the Fréchet distance (metrics/stats) between the log-mel features
// (datasets/audio) of two sets of sounds. It hears which frequencies sound when and how loud, not what is said or played,
// and compares with no published score.
package sounds

import (
	"context"
	"fmt"
	"iter"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Name is the name of the score.
const Name = "fd_logmel"

// extractor is what statistics say of their features; package stats makes Name of it.
const extractor = "logmel"

// Least is the smallest number of sounds of a side from which the covariance of the features has full rank.
const Least = audio.MelFeatures + 1

// Measure returns the statistics of sounds; source says for people what they are. All must have one rate and one length,
// which the statistics record: those of other sounds do not compare. It returns the error that sounds end with, the
// context's, or one that says what is odd or that there are fewer than Least.
func Measure(ctx context.Context, source string, sounds iter.Seq2[audio.Sound, error]) (*stats.Stats, error) {
	moments := stats.NewMoments(audio.MelFeatures)
	preprocess := ""
	for s, err := range sounds {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("sounds: %s: %w", source, err)
		}
		form := fmt.Sprintf("%d samples at %d Hz", len(s.Samples), s.Rate)
		if preprocess == "" {
			preprocess = form
		}
		if form != preprocess {
			return nil, fmt.Errorf("sounds: %s: sound %d has %s, the first %s", source, moments.N, form, preprocess)
		}
		features, err := audio.LogMel(s)
		if err != nil {
			return nil, fmt.Errorf("sounds: %s: %w", source, err)
		}
		if err := moments.Add(stats.Rows{N: 1, D: len(features), Data: features}); err != nil {
			return nil, fmt.Errorf("sounds: %s: sound %d: %w", source, moments.N, err)
		}
	}
	if moments.N < Least {
		return nil, fmt.Errorf("sounds: %s: %s needs %d sounds or more, got %d", source, Name, Least, moments.N)
	}
	cov, err := moments.Covariance(ddof)
	if err != nil {
		return nil, err
	}
	return &stats.Stats{Source: source, N: moments.N, Mean: moments.Mean, Cov: cov, DDoF: ddof, Extractor: extractor,
		Preprocess: preprocess}, nil
}

// ddof makes the covariance that of NumPy's cov, as FID's programs have it.
const ddof = 1

// Compare returns fd_logmel of two measured sets. The error is that of [stats.Frechet].
func Compare(real, fake *stats.Stats) (stats.Result, error) { return stats.Frechet(real, fake, nil) }
