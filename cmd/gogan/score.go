package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics"
)

// allRules is the value of --preprocess that asks what each program would report.
const allRules = "all"

// scoring is what `gogan score` was asked for.
type scoring struct {
	measuring
	real, fake                 string // sources; "" where there are statistics
	realStats, fakeStats       string // files
	metrics                    []string
	seed                       int64
	splits, subsets, subset, k int
	bootstrap                  int
	cite, record               bool

	opt   *metrics.Options
	meter *meter
	img   int64 // length of the run that draws the fakes; 0 if there is none
}

// newScore returns `gogan score`.
func newScore() *cobra.Command {
	var s scoring
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Measure generated pictures: FID, Inception Score, KID and relatives",
		Long: `Compares generated pictures with real ones. A source is a folder, a zip, an npz, or a name of "gogan data list"; --fake also
takes a run, or a file that "gogan weights convert" made, whose pictures are drawn with the seeds 0 to N-1 when they are
read. Each picture is read once, whatever is measured, and resized by itself, so that mixed sizes are fine.

Metrics: of inception-2015 fid, is, kid, sfid and prdc (precision, recall, density, coverage); of other extractors fd,
classifier_score, kd and prdc, whose results carry the extractor's name. "is" and "classifier_score" need no reals.

Preprocess: tf1 (TTUR, torch-fidelity, StyleGAN2-ADA), pytorch-fid, clean (clean-fid), torchmetrics (from 1.8 on); "all" prints
what each program would report. Files of statistics are those of "gogan stats", pytorch-fid, TTUR, guided-diffusion and
clean-fid.`,
		Example: `  gogan score --real photos --fake out/samples
  gogan score --real fashion-mini --fake runs/dcgan --extractor fashion-cnn
  gogan score --real photos --fake out/samples --metrics fid,is,kid,prdc --preprocess clean --json
  gogan score --real-stats celeba.npz --fake runs/dcgan --samples 10000 --cite
  gogan score --real photos --fake out/samples --preprocess all`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.configure(cmd); err != nil {
				return usageError{err}
			}
			return s.run(cmd)
		},
	}
	s.addFlags(cmd)
	return cmd
}

func (s *scoring) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.real, "real", "", "`SRC` of real pictures")
	flags.StringVar(&s.fake, "fake", "", "`SRC|RUN` of generated pictures")
	flags.StringVar(&s.realStats, "real-stats", "", "`FILE.npz` of statistics in place of --real")
	flags.StringVar(&s.fakeStats, "fake-stats", "", "`FILE.npz` of statistics in place of --fake")
	flags.StringSliceVar(&s.metrics, "metrics", nil, "`NAMES` of metrics, with commas between (default fid, of other extractors fd)")
	s.measuring.addFlags(cmd, allRules)
	flags.Int64Var(&s.seed, "seed", 2020, "seed of shuffles, subsets and bootstrap; 2020 is torch-fidelity's")
	flags.IntVar(&s.splits, "is-splits", 10, "parts of which the Inception Score is the mean")
	flags.IntVar(&s.subsets, "kid-subsets", 100, "subsets of which KID is the mean")
	flags.IntVar(&s.subset, "kid-subset-size", 1000, "pictures of a subset")
	flags.IntVar(&s.k, "k", 5, "neighbours that prdc looks at")
	flags.IntVar(&s.bootstrap, "bootstrap", 50, "resamplings for a 95 % interval, each as long as the score itself; 0: none")
	flags.BoolVar(&s.cite, "cite", false, "print a LaTeX row and the protocol in a sentence, too")
	flags.BoolVar(&s.record, "record", false, "add the results to the scores of the run that --fake is")
	must(cmd.MarkFlagFilename("real-stats", "npz"))
	must(cmd.MarkFlagFilename("fake-stats", "npz"))
	cmd.MarkFlagsMutuallyExclusive("real", "real-stats")
	cmd.MarkFlagsMutuallyExclusive("fake", "fake-stats")
	cmd.MarkFlagsOneRequired("fake", "fake-stats")
	cmd.MarkFlagsMutuallyExclusive("json", "cite")
	cmd.MarkFlagsMutuallyExclusive("record", "fake-stats")
	must(cmd.RegisterFlagCompletionFunc("real", completeSources))
	must(cmd.RegisterFlagCompletionFunc("fake", completeSources))
	must(cmd.RegisterFlagCompletionFunc("metrics", s.completeMetrics))
	for _, name := range []string{"seed", "is-splits", "kid-subsets", "kid-subset-size", "k", "bootstrap"} {
		must(cmd.RegisterFlagCompletionFunc(name, completeNothing))
	}
}

// configure makes the options of the flags. Its errors are seen from the command line alone.
func (s *scoring) configure(cmd *cobra.Command) error {
	if s.preprocess == allRules {
		if err := s.checkAll(cmd); err != nil {
			return err
		}
	}
	for flag, n := range map[string]int{"is-splits": s.splits, "kid-subsets": s.subsets, "kid-subset-size": s.subset, "k": s.k} {
		if n < 1 {
			return fmt.Errorf("--%s %d: want at least 1", flag, n)
		}
	}
	if s.bootstrap < 0 {
		return fmt.Errorf("--bootstrap %d: want 0 or more", s.bootstrap)
	}
	if s.seed < 0 {
		return fmt.Errorf("--seed %d: want 0 or more", s.seed)
	}
	opt, err := s.measuring.options(cmd, s.metrics)
	if err != nil {
		return err
	}
	if s.preprocess == allRules {
		opt.Preprocess = ""
	}
	opt.Seed, opt.ISSplits, opt.KIDSubsets, opt.KIDSubsetSize = orZero(s.seed), s.splits, s.subsets, s.subset
	opt.K, opt.Bootstrap = s.k, orZero(s.bootstrap)
	s.meter = newMeter(cmd.ErrOrStderr())
	opt.Progress = s.meter.progress
	s.opt = opt
	if err := opt.Validate(); err != nil {
		return err
	}
	if opt.ComparesWithReals() && s.real == "" && s.realStats == "" {
		return errors.New("there is nothing to compare with: add --real SRC or --real-stats F.npz")
	}
	return nil
}

// checkAll refuses what --preprocess all decides by itself.
func (s *scoring) checkAll(cmd *cobra.Command) error {
	for _, flag := range []string{"real-stats", "fake-stats", "ddof", "cite", "record"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--preprocess all prints what each program would report of two sources: leave --%s out", flag)
		}
	}
	if s.extractor != metrics.ExtractorNames()[0] {
		return fmt.Errorf("--preprocess all is of %s, with which other programs look: leave --extractor out", metrics.ExtractorNames()[0])
	}
	var reported []string
	for _, program := range metrics.Programs() {
		reported = append(reported, program.Metrics...)
	}
	for _, name := range s.metrics {
		if !slices.Contains(reported, name) {
			return fmt.Errorf("--preprocess all: no program reports %s in this way; want fid, is, kid", name)
		}
	}
	return nil
}

func (s *scoring) run(cmd *cobra.Command) error {
	switch err := s.check(s.fake); {
	case err != nil:
		return err
	case s.record && !isRun(s.fake):
		return usage("--record adds scores to a run, and %q is none", s.fake)
	case isModel(s.real):
		return usage("%s draws pictures: it can be --fake, not --real", s.real)
	}
	if s.preprocess == allRules {
		return s.runAll(cmd)
	}
	results, err := s.measure(cmd)
	s.meter.finish()
	if err != nil {
		return sourceError(err)
	}
	for i := range results {
		results[i].Img = s.img
	}
	if err := s.print(cmd.OutOrStdout(), results); err != nil {
		return err
	}
	if s.record {
		return record(s.fake, results)
	}
	return nil
}

// measure returns the results, with as few pictures looked at as there can be.
func (s *scoring) measure(cmd *cobra.Command) ([]metrics.Result, error) {
	reals, fakes, err := s.readStats()
	if err != nil {
		return nil, err
	}
	if fakes != nil && (reals != nil || s.real == "") {
		return metrics.Compare(reals, fakes, s.opt)
	}
	realSide, fakeSide, err := s.openSides(cmd, reals)
	if err != nil {
		return nil, err
	}
	defer closeSides(realSide, fakeSide)
	if s.opt.Device, err = s.device(cmd); err != nil {
		return nil, err
	}
	scorer, err := metrics.Open(cmd.Context(), s.opt)
	if err != nil {
		return nil, err
	}
	defer scorer.Close()
	for _, st := range []*metrics.Stats{reals, fakes} {
		if st == nil {
			continue
		}
		if err := scorer.Accepts(st); err != nil {
			return nil, err
		}
	}
	switch {
	case fakes != nil:
		reals, err = scorer.Measure(cmd.Context(), realSide)
	case reals != nil:
		fakes, err = scorer.Measure(cmd.Context(), fakeSide)
	default:
		return scorer.Score(cmd.Context(), imagesOf(realSide), fakeSide)
	}
	if err != nil {
		return nil, err
	}
	return scorer.Compare(reals, fakes)
}

// readStats reads the files that stand for sides.
func (s *scoring) readStats() (reals, fakes *metrics.Stats, err error) {
	if s.realStats != "" {
		if reals, err = metrics.ReadStats(s.realStats); err != nil {
			return nil, nil, err
		}
	}
	if s.fakeStats != "" {
		fakes, err = metrics.ReadStats(s.fakeStats)
	}
	return reals, fakes, err
}

// openSides opens the sources; a side that has none is nil.
func (s *scoring) openSides(cmd *cobra.Command, reals *metrics.Stats) (realSide, fakeSide *side, err error) {
	n := 0
	if reals != nil {
		n = reals.N
	}
	if s.real != "" {
		if realSide, err = s.openData(cmd, s.real); err != nil {
			return nil, nil, err
		}
		n = realSide.Len()
	}
	if n == 0 {
		n = maxDrawn
	}
	if s.fake != "" {
		if fakeSide, err = s.open(cmd, s.fake, min(n, maxDrawn)); err != nil {
			closeSides(realSide)
			return nil, nil, err
		}
		s.img = fakeSide.img
	}
	return realSide, fakeSide, nil
}

func closeSides(sides ...*side) {
	for _, s := range sides {
		if s != nil {
			s.Close()
		}
	}
}

// imagesOf returns the pictures of a side, nil if there is none.
func imagesOf(s *side) metrics.Images {
	if s == nil {
		return nil
	}
	return s
}

// runAll prints what each program would report.
func (s *scoring) runAll(cmd *cobra.Command) error {
	realSide, fakeSide, err := s.openSides(cmd, nil)
	if err != nil {
		return err
	}
	defer closeSides(realSide, fakeSide)
	if s.opt.Device, err = s.device(cmd); err != nil {
		return err
	}
	reports, err := metrics.Reports(cmd.Context(), imagesOf(realSide), fakeSide, s.opt)
	s.meter.finish()
	if err != nil {
		return sourceError(err)
	}
	if s.json {
		return printJSON(cmd.OutOrStdout(), map[string]any{"results": distinct(reports, s.img)})
	}
	return printReports(cmd.OutOrStdout(), reports)
}

// distinct returns the results of the reports, each once.
func distinct(reports []metrics.Report, img int64) []metrics.Result {
	type kind struct {
		name, preprocess string
		ddof             int
	}
	seen := map[kind]bool{}
	out := []metrics.Result{}
	for _, report := range reports {
		for _, r := range report.Results {
			if k := (kind{r.Name, r.Preprocess, r.DDoF}); !seen[k] {
				seen[k], r.Img = true, img
				out = append(out, r)
			}
		}
	}
	return out
}

// record adds results to the scores of a run, which nobody else may be writing.
func record(dir string, results []metrics.Result) error {
	reader, err := run.Open(dir)
	if err != nil {
		return err
	}
	config, err := reader.ConfigJSON()
	if err != nil {
		return err
	}
	d, err := run.Create(dir, json.RawMessage(config), run.Options{})
	if err != nil {
		return fmt.Errorf("the scores are not recorded: %w", err)
	}
	for _, r := range results {
		if err == nil {
			err = d.AppendScore(r)
		}
	}
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}
