package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan/run"
)

// pairTraining is what `gogan train` was asked for with a preset that translates between two domains.
type pairTraining struct {
	*training
	config cyclegan.Config
	x, y   *datasets.Set
	until  int64
}

func (t *pairTraining) run(cmd *cobra.Command, preset string) error {
	if err := t.configure(cmd, preset); err != nil {
		return usageError{err}
	}
	if t.dryRun {
		return t.plan(cmd)
	}
	return t.training.run(cmd, t.prepare)
}

// configure makes the config of preset and flags. Its errors are seen from the command line alone.
func (t *pairTraining) configure(cmd *cobra.Command, preset string) error {
	cfg, err := cyclegan.Preset(preset)
	if err != nil {
		return err
	}
	if t.options, err = applySettings(&cfg, t.settings, "flip"); err != nil {
		return err
	}
	t.options = withChannels(t.options, cfg.Channels)
	if cfg.LoadSize > 0 {
		t.options = append(t.options, datasets.WithResize(cfg.LoadSize, imaging.Bicubic))
	}
	if cfg.CropSize > 0 {
		t.options = append(t.options, datasets.WithRandomCrop(cfg.CropSize))
	}
	if cfg.Flip {
		t.options = append(t.options, datasets.WithRandomFlip())
	}
	if cmd.Flags().Changed("seed") {
		cfg.Seed = t.seed
	}
	if cmd.Flags().Changed("snapshot") {
		cfg.SnapshotSeconds = t.snapshot.Seconds()
	}
	for _, flag := range []string{"score", "every", "score-samples", "weights"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s is for presets that draw pictures; %s translates them: score what `gogan translate` made of a test split", flag, preset)
		}
	}
	switch {
	case len(t.data) > 2:
		return fmt.Errorf("--data is given %d times; %s takes one pair, or X and Y", len(t.data), preset)
	case t.training.until.img == 0 && cfg.PaperEpochs == 0:
		return fmt.Errorf("the paper of %s gives no length: say how many pairs to show, as in --until 20k", preset)
	}
	t.config, t.seed = cfg, cfg.Seed
	return cfg.Validate()
}

// open opens both domains and resolves the length.
func (t *pairTraining) open(cmd *cobra.Command) (err error) {
	if options := t.reading(cmd); len(t.data) == 1 {
		t.x, t.y, err = datasets.OpenPair(t.data[0], options...)
	} else if t.x, err = datasets.Open(t.data[0], options...); err == nil {
		t.y, err = datasets.Open(t.data[1], options...)
	}
	if err != nil {
		return err
	}
	for _, set := range []*datasets.Set{t.x, t.y} {
		if err := uniform(cmd, set); err != nil {
			return err
		}
	}
	if t.until = t.training.until.img; t.until == 0 {
		t.until = t.config.PaperImg(t.x.Len(), t.y.Len())
	}
	return nil
}

// plan prints what a run would be.
func (t *pairTraining) plan(cmd *cobra.Command) error {
	if err := t.open(cmd); err != nil {
		return err
	}
	p, err := cyclegan.DryRun(cmd.Context(), t.config, t.x, t.y, t.until)
	if err != nil {
		return err
	}
	if t.json {
		return printJSON(cmd.OutOrStdout(), p)
	}
	return printPairPlan(cmd.OutOrStdout(), p)
}

func printPairPlan(w io.Writer, p cyclegan.Plan) error {
	table := newTable(w)
	c := p.Config
	fmt.Fprintf(table, "preset\t%s, %dx%dx%d, %s, base_channels %d, batch %d, loss %s\n", c.Preset, c.Width, c.Height, c.Channels,
		c.Architecture, c.BaseChannels, c.Batch, c.Loss)
	fmt.Fprintf(table, "data\tX %s, Y %s\n", c.DataX, c.DataY)
	printEstimate(table, p.Estimate)
	return table.Flush()
}

// prepare opens the data.
func (t *pairTraining) prepare(cmd *cobra.Command) (trainer, error) {
	if err := t.open(cmd); err != nil {
		return nil, err
	}
	return func(dir string, seed int64) (run.Summary, error) {
		cfg := t.config
		cfg.Seed = seed
		r, err := cyclegan.Open(dir, cfg, t.x, t.y)
		if err != nil {
			return run.Summary{}, err
		}
		return finishRun(cmd, dir, r, t.until)
	}, nil
}
