package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/datasets/sound"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/metrics/sounds"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// trainScores are the scores that training can follow: those that are one number.
var trainScores = []string{"fd_fashion_cnn", "classifier_score_fashion_cnn", "kd_fashion_cnn", "fid", "is", "kid", "sfid",
	sounds.Name}

// leastSamples are the fewest pictures of a side that a metric can be computed from: kid takes subsets of 1,000 of them, is 10 parts.
var leastSamples = map[string]int64{"fd": 2, "fid": 2, "sfid": 2, "kd": 1000, "kid": 1000, "classifier_score": 10, "is": 10}

// trainScoring is what `gogan train` was asked to measure while it trains. The network is opened once and the reals are
// measured once, for all runs of the command.
type trainScoring struct {
	name    string // "" for nothing
	every   imageCount
	samples imageCount
	weights string

	options *metrics.Options
	scorer  *metrics.Scorer
	meter   *meter
	sounds  *stats.Stats                                                              // the reals, where sounds are scored; nil until they are measured
	score   func(ctx context.Context, fakes metrics.Images) ([]metrics.Result, error) // nil until the reals are measured
}

func (s *trainScoring) addFlags(cmd *cobra.Command) {
	s.every, s.samples = imageCount{"20k", 20_000}, imageCount{"2k", 2000}
	flags := cmd.Flags()
	flags.StringVar(&s.name, "score", "", "`SCORE` to measure while training, and to keep the best checkpoint by: "+strings.Join(trainScores, ", "))
	flags.Var(&s.every, "every", "real images between two scores; the end is always scored")
	flags.Var(&s.samples, "score-samples", "pictures to draw for a score, with the seeds 0 to N-1")
	flags.StringVar(&s.weights, "weights", "", "`FILE` of inception-2015's weights, for its scores (default: downloaded once, to the cache)")
	must(cmd.RegisterFlagCompletionFunc("score", cobra.FixedCompletions(trainScores, cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("every", completeNothing))
	must(cmd.RegisterFlagCompletionFunc("score-samples", completeNothing))
}

// check makes the options of the flags. Its errors are seen from the command line alone.
func (s *trainScoring) check(cmd *cobra.Command, cfg gan.Config) error {
	if s.name == "" {
		for _, flag := range []string{"every", "score-samples", "weights"} {
			if cmd.Flags().Changed(flag) {
				return fmt.Errorf("--%s says how to score, and there is no --score", flag)
			}
		}
		return nil
	}
	if hears := s.name == sounds.Name; hears != cfg.Sound() {
		return fmt.Errorf("--score %s: sounds are scored with %s, and pictures with the others", s.name, sounds.Name)
	} else if hears && s.samples.n < sounds.Least {
		return fmt.Errorf("--score-samples %s: %s needs at least %d sounds", s.samples.text, s.name, sounds.Least)
	} else if hears {
		return nil
	}
	metric, extractor, err := metrics.ParseName(s.name)
	if err != nil || metric == "prdc" {
		return fmt.Errorf("--score %s: there are %s", s.name, strings.Join(trainScores, ", "))
	}
	if least := leastSamples[metric]; s.samples.n < least {
		return fmt.Errorf("--score-samples %s: %s needs at least %d pictures", s.samples.text, s.name, least)
	}
	s.meter = newMeter(cmd.ErrOrStderr())
	warned := map[string]bool{}
	s.options = &metrics.Options{Metrics: []string{metric}, Extractor: extractor, Weights: s.weights, Bootstrap: metrics.Zero, Progress: s.progress,
		Warn: func(text string) {
			if !warned[text] {
				warned[text] = true
				fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+text)
			}
		}}
	return s.options.Validate()
}

// progress shows what is done before training: the fakes of a training are drawn beside its own line of progress.
func (s *trainScoring) progress(what string, done, total int64) {
	if s.score == nil {
		s.meter.progress(what, done, total)
	}
}

// open opens the network and looks whether the data can be scored with it, before a run is made.
func (s *trainScoring) open(cmd *cobra.Command, data trainData) (err error) {
	set, pictures := data.(*datasets.Set)
	if s.name == "" || !pictures {
		return nil
	}
	if least := leastSamples[s.options.Metrics[0]]; s.options.ComparesWithReals() && int64(set.Len()) < least {
		return fmt.Errorf("--score %s: %s has %d pictures, and the score needs at least %d", s.name, set.Name(), set.Len(), least)
	}
	if h, w, c := set.ImageShape(); s.options.Extractor == "fashion-cnn" && (c != 1 || h > 32 || w > 32) {
		s.options.Warn(fmt.Sprintf("%s looks at grey pictures of clothes of 28x28 pixels: of pictures of %dx%d with %d channels it says little",
			s.options.Extractor, w, h, c))
	}
	if s.scorer, err = metrics.Open(cmd.Context(), s.options); err != nil {
		return fmt.Errorf("--score %s: %w", s.name, err)
	}
	s.meter.finish()
	return nil
}

func (s *trainScoring) close() {
	if s.scorer != nil {
		s.scorer.Close()
	}
}

// attach makes a run score its generator. The reals are measured for the first run.
func (s *trainScoring) attach(cmd *cobra.Command, r *gan.Run, data trainData) error {
	if s.name == "" {
		return nil
	}
	set, pictures := data.(*datasets.Set)
	if !pictures {
		return s.attachSounds(cmd.Context(), r, data.(*sound.Set))
	}
	if s.score == nil {
		cfg := r.Config()
		score, err := s.scorer.Against(cmd.Context(), shown{set, cfg.ImageSize, cfg.Channels})
		if err != nil {
			return s.fault(err)
		}
		s.meter.finish()
		s.score = score
	}
	kind := s.scorer.Kind()
	kind.Name, kind.NFake = s.name, int(s.samples.n)
	if s.options.ComparesWithReals() {
		kind.NReal = set.Len()
	}
	r.Evaluate(s.every.n, gan.Score{Kind: kind, Measure: func(ctx context.Context, g *gan.Generator) (metrics.Result, error) {
		results, err := s.score(ctx, g.Samples(int(s.samples.n), 0).WithContext(ctx))
		if err != nil {
			return metrics.Result{}, s.fault(err)
		}
		return results[0], nil // of one metric that is one number
	}})
	return nil
}

func (s *trainScoring) fault(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("--score %s: %w", s.name, err)
}

// shown are the pictures of a set as the networks of a run see them: padded to their size, with their channels.
type shown struct {
	set            *datasets.Set
	size, channels int
}

func (s shown) Name() string { return s.set.Name() }
func (s shown) Len() int     { return s.set.Len() }

// At returns picture i. It may be called from several goroutines.
func (s shown) At(i int) (image.Image, int, error) {
	img, class, err := s.set.At(i)
	if err != nil {
		return nil, 0, err
	}
	return imaging.Pad(imaging.ToImage8(img, s.channels), s.size, s.size).Image(), class, nil
}

// All yields the pictures in order.
func (s shown) All() iter.Seq2[image.Image, error] {
	return func(yield func(image.Image, error) bool) {
		for i := range s.Len() {
			if img, _, err := s.At(i); !yield(img, err) {
				return
			}
		}
	}
}
