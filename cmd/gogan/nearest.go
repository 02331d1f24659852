package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// nearestSamples is how many pictures of a run are drawn if nothing says how many: enough for the test.
const nearestSamples = 1000

// nearest is what `gogan nearest` was asked for.
type nearest struct {
	measuring
	real, fake, test string // sources; test "" if there is none
	k, rows          int
	grid             string
}

// newNearest returns `gogan nearest`.
func newNearest() *cobra.Command {
	n := nearest{measuring: measuring{ddof: 1}} // which no distance needs
	cmd := &cobra.Command{
		Use:   "nearest",
		Short: "Find the training pictures nearest to generated ones, to see whether they are copies",
		Long: `Finds for each generated picture the nearest real ones, by the distance of the samples (pixels, the default) or of the
features of an extractor. A source is a folder, a zip, an npz, or a name of "gogan data list"; --fake also takes a run, or a
file of one, whose pictures are drawn with the seeds 0 to N-1.

--grid shows those generated pictures that are nearest to a real one, a row each: the picture, and what is nearest to it,
behind the distance. With --test, real pictures that were not trained on, it also tests whether generated pictures are nearer
to the training data than new ones are (data-copying, Meehan et al. 2020): z far below 0, or a share far above 50 %, says
that they are copies.`,
		Example: `  gogan nearest --real fashion-mini --fake runs/dcgan --grid nearest.png
  gogan nearest --real fashion-mini:train --test fashion-mini:test --fake runs/dcgan --extractor fashion-cnn
  gogan nearest --real photos --fake out/samples --extractor inception-2015 -k 8 --grid nearest.png --json`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := n.configure(); err != nil {
				return usageError{err}
			}
			return n.run(cmd)
		},
	}
	n.addFlags(cmd)
	return cmd
}

func (n *nearest) addFlags(cmd *cobra.Command) {
	flags, extractors := cmd.Flags(), append([]string{metrics.Pixels}, metrics.ExtractorNames()...)
	flags.StringVar(&n.real, "real", "", "`SRC` of the pictures that were trained on (required)")
	flags.StringVar(&n.fake, "fake", "", "`SRC|RUN` of generated pictures (required)")
	flags.StringVar(&n.test, "test", "", "`SRC` of real pictures that were not trained on")
	flags.StringVar(&n.extractor, "extractor", metrics.Pixels, "what looks at the pictures: "+strings.Join(extractors, ", "))
	flags.StringVar(&n.weights, "weights", "", "`FILE` of inception-2015's weights (default: downloaded once, to the cache)")
	flags.IntVar(&n.samples, "samples", 0, fmt.Sprintf("pictures to draw of a run (default %d)", nearestSamples))
	flags.BoolVar(&n.best, "best", false, "draw from the run's checkpoint with the best score, not from the newest")
	flags.IntVarP(&n.k, "neighbours", "k", 5, "real pictures to find for each generated one")
	flags.StringVar(&n.grid, "grid", "", "`FILE.png` for the generated pictures that are nearest to a real one, beside what they are near to")
	flags.IntVar(&n.rows, "rows", 10, "generated pictures in the grid")
	flags.BoolVar(&n.skipBad, "skip-bad", false, "leave out pictures that cannot be read, and say which")
	flags.BoolVar(&n.json, "json", false, "print all neighbours as one JSON document")
	must(cmd.MarkFlagRequired("real"))
	must(cmd.MarkFlagRequired("fake"))
	must(cmd.MarkFlagFilename("grid", "png"))
	for _, name := range []string{"real", "fake", "test"} {
		must(cmd.RegisterFlagCompletionFunc(name, completeSources))
	}
	must(cmd.RegisterFlagCompletionFunc("extractor", cobra.FixedCompletions(extractors, cobra.ShellCompDirectiveNoFileComp)))
	for _, name := range []string{"samples", "neighbours", "rows"} {
		must(cmd.RegisterFlagCompletionFunc(name, completeNothing))
	}
}

// configure says what is wrong with the flags.
func (n *nearest) configure() error {
	switch {
	case n.k < 1:
		return fmt.Errorf("--neighbours %d: want at least 1", n.k)
	case n.rows < 1:
		return fmt.Errorf("--rows %d: want at least 1", n.rows)
	case n.extractor == metrics.Pixels && n.weights != "":
		return errors.New("--weights is of inception-2015: add --extractor inception-2015")
	case n.extractor == metrics.Pixels:
		return nil
	}
	opt := metrics.Options{Extractor: n.extractor, Weights: n.weights}
	return opt.Validate()
}

func (n *nearest) run(cmd *cobra.Command) error {
	if err := n.check(n.fake); err != nil {
		return err
	}
	for flag, path := range map[string]string{"real": n.real, "test": n.test} {
		if isModel(path) {
			return usage("%s draws pictures: it can be --fake, not --%s", path, flag)
		}
	}
	fakes, err := n.open(cmd, n.fake, nearestSamples)
	if err != nil {
		return err
	}
	defer fakes.Close()
	reals, err := n.openReals(cmd, n.real, fakes)
	if err != nil {
		return err
	}
	defer reals.Close()
	var test metrics.Images
	if n.test != "" {
		held, err := n.openReals(cmd, n.test, fakes)
		if err != nil {
			return err
		}
		defer held.Close()
		test = held
	}
	meter := newMeter(cmd.ErrOrStderr())
	opt, err := n.options(cmd, nil)
	if err != nil {
		return err
	}
	opt.Progress = meter.progress
	if n.extractor != metrics.Pixels {
		if opt.Device, err = n.device(cmd); err != nil {
			return err
		}
	}
	near, err := metrics.Nearest(cmd.Context(), fakes, reals, test, n.k, opt)
	meter.finish()
	if err != nil {
		return sourceError(err)
	}
	if n.grid != "" {
		if err := n.draw(near, fakes, reals); err != nil {
			return err
		}
	}
	if n.json {
		return printJSON(cmd.OutOrStdout(), n.report(near))
	}
	return n.print(cmd.OutOrStdout(), near, fakes.name, reals.name)
}

// openReals opens a source of real pictures. Smaller ones than a run draws are padded, and get its channels, as they were
// when it was trained.
func (n *nearest) openReals(cmd *cobra.Command, path string, fakes *side) (*side, error) {
	reals, err := n.openData(cmd, path)
	if err != nil {
		return nil, err
	}
	set, isSet := reals.Images.(*datasets.Set)
	source, isDrawn := fakes.Images.(*drawn)
	if !isSet || !isDrawn {
		return reals, nil
	}
	cfg := source.g.Config()
	if h, w, _ := set.ImageShape(); set.Uniform() == nil && h <= cfg.ImageSize && w <= cfg.ImageSize {
		reals.Images = shown{set, cfg.ImageSize, cfg.Channels}
	}
	return reals, nil
}

// byDistance returns the indices of the fakes, those nearest to a real first.
func byDistance(near *metrics.Neighbours) []int {
	first, order := near.First(), make([]int, near.N)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(first[a], first[b]) })
	return order
}

// nearestReport is the JSON document of `gogan nearest`. Distances are Euclidean, of samples 0 to 255 or of features.
type nearestReport struct {
	NReal         int               `json:"n_real"`
	NFake         int               `json:"n_fake"`
	NTest         int               `json:"n_test,omitempty"`
	Extractor     string            `json:"extractor"`
	WeightsSHA256 string            `json:"weights_sha256,omitempty"`
	Median        float64           `json:"median"`
	MedianTest    float64           `json:"median_test,omitempty"`
	Copying       *copyingReport    `json:"copying,omitempty"`
	Neighbours    []neighbourReport `json:"neighbours"` // those nearest to a real first
}

type copyingReport struct {
	Z     float64 `json:"z"`
	Share float64 `json:"share"`
}

type neighbourReport struct {
	Fake     int       `json:"fake"` // from 0; of a run, the seed
	Real     []int     `json:"real"` // from 0, the nearest first
	Distance []float64 `json:"distance"`
}

func (n *nearest) report(near *metrics.Neighbours) nearestReport {
	r := nearestReport{NReal: near.Kind.NReal, NFake: near.N, NTest: len(near.Test), Extractor: near.Kind.Extractor,
		WeightsSHA256: near.Kind.WeightsSHA256, Median: stats.Median(near.First())}
	if near.Copying != nil {
		r.MedianTest = stats.Median(near.Test)
		r.Copying = &copyingReport{near.Copying.Z, near.Copying.Share}
	}
	for _, i := range byDistance(near) {
		index, distance := near.At(i)
		r.Neighbours = append(r.Neighbours, neighbourReport{i, index, distance})
	}
	return r
}

// print writes the result for people.
func (n *nearest) print(w io.Writer, near *metrics.Neighbours, fakes, reals string) error {
	first, least := near.First(), byDistance(near)[0]
	index, _ := near.At(least)
	fmt.Fprintf(w, "%d pictures of %s, the nearest of %d of %s by %s\n", near.N, fakes, near.Kind.NReal, reals, near.Kind.Extractor)
	fmt.Fprintf(w, "distance to the nearest real: median %.4g, least %.4g (picture %d, real %d, counted from 0)\n", stats.Median(first), first[least],
		least, index[0])
	if c := near.Copying; c != nil {
		fmt.Fprintf(w, "of %d new pictures of %s: median %.4g\n", c.Test, n.test, stats.Median(near.Test))
		fmt.Fprintf(w, "data-copying: z %.2f; in %.0f %% of pairs the generated picture is the nearer one (50 %%: no copying)\n", c.Z, 100*c.Share)
	}
	if n.grid != "" {
		fmt.Fprintln(w, n.grid)
	}
	return nil
}
