package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
)

// training is what `gogan train` was asked for.
type training struct {
	config   gan.Config
	options  []datasets.Option
	data     []string // one source; two domains may have one each
	dir      string
	until    length
	seed     int64
	seeds    seedList
	settings []string
	snapshot time.Duration
	scoring  trainScoring
	dryRun   bool
	json     bool
}

// newTrain returns `gogan train`.
func newTrain() *cobra.Command {
	t := training{until: length{text: paper}}
	cmd := &cobra.Command{
		Use:   "train PRESET",
		Short: "Train a preset on data, in a run directory",
		Long: `Trains a preset until so many real images, or pairs of them, have been shown in all. A run that is there already goes on where its last
checkpoint stands, to the same bits as if it had never stopped; one that is long enough is left as it is.
Ctrl-C saves after the running step.

--score measures the generator from time to time, against all of the data for scores that compare with reals; the
results go to scores.jsonl of the run, and the checkpoint with the best one is kept. It changes nothing in the training.

Presets: ` + strings.Join(presetNames(), ", ") + `
Data: a folder, a zip, an npz, or a name of "gogan data list" with or without :split. The presets wavegan take sounds: a
folder of WAV files, or tones; files of another rate are resampled, and cut or filled up with silence to the preset's length.
The presets cyclegan translate between two domains: a folder or zip with trainA and trainB, a named pair (glyphs), or two
--data, X and then Y.

--set changes a field of the preset by its name in config.json; a dot goes into a nested one. Other fields say how the
data is read, in the order given:
` + dataSettingsHelp(),
		Example: `  gogan train dcgan --data fashion-mini --run runs/dcgan --until 200k
  gogan train dcgan --data photos --run runs/photos --set crop=178 --set resize=64 --set flip=true
  gogan train dcgan --data fashion-mini --run runs/small --until 50k --seeds 1-5 --set base_channels=16
  gogan train dcgan --data fashion-mini --run runs/dcgan --until 200k --score fd_fashion_cnn --every 20k
  gogan train wavegan-small --data tones --run runs/tones --until 100k --score fd_logmel
  gogan train cyclegan-64-small --data glyphs --run runs/glyphs --until 20k
  gogan train cyclegan-256 --data afhq.zip:train/cat --data afhq.zip:train/dog --run runs/pets --until 100k
  gogan train mlp-gan --data fashion-mini --until 1m --dry-run`,
		Args:              args(cobra.ExactArgs(1)),
		ValidArgsFunction: completePresets,
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.Contains(cyclegan.PresetNames(), args[0]) {
				return (&pairTraining{training: &t}).run(cmd, args[0])
			}
			if err := t.configure(cmd, args[0]); err != nil {
				return usageError{err}
			}
			if err := t.scoring.check(cmd, t.config); err != nil {
				return usageError{err}
			}
			if t.dryRun {
				return t.plan(cmd)
			}
			return t.run(cmd, t.prepare)
		},
	}
	t.addFlags(cmd)
	return cmd
}

func (t *training) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&t.data, "data", nil, "`SRC` of the images or sounds: folder, zip, npz or name[:split] (required)")
	flags.StringVar(&t.dir, "run", "", "`DIR` of the run, new or to be continued (required, but for --dry-run)")
	flags.Var(&t.until, "until", "real images to show in all: 500, 20k, 1m, or paper for the paper's length")
	flags.Int64Var(&t.seed, "seed", 0, "seed of initial values, latents and the order of the data")
	flags.Var(&t.seeds, "seeds", "train once with each seed, in DIR/seed-1 and so on, and sum up: 1-5")
	flags.StringArrayVar(&t.settings, "set", nil, "`FIELD=VALUE` to change in the preset, or in how data is read; may be repeated")
	flags.DurationVar(&t.snapshot, "snapshot", 0, "time between two checkpoints (default the preset's 1m)")
	t.scoring.addFlags(cmd)
	flags.BoolVar(&t.dryRun, "dry-run", false, "write nothing: print config, parameters, memory, speed and time needed")
	flags.BoolVar(&t.json, "json", false, "print the result as one JSON document")
	must(cmd.MarkFlagRequired("data"))
	must(cmd.MarkFlagDirname("run"))
	cmd.MarkFlagsOneRequired("run", "dry-run")
	cmd.MarkFlagsMutuallyExclusive("seed", "seeds")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "seeds")
	must(cmd.RegisterFlagCompletionFunc("data", completeSources))
	must(cmd.RegisterFlagCompletionFunc("set", completeSettings))
	must(cmd.RegisterFlagCompletionFunc("until", completeNothing))
	must(cmd.RegisterFlagCompletionFunc("seeds", completeNothing))
}

func dataSettingsHelp() string {
	lines := make([]string, len(dataSettings))
	for i, s := range dataSettings {
		lines[i] = fmt.Sprintf("  %-11s %s", s.name, s.help)
	}
	return strings.Join(lines, "\n")
}

// configure makes the config of preset and flags. Its errors are seen from the command line alone.
func (t *training) configure(cmd *cobra.Command, preset string) error {
	cfg, err := gan.Preset(preset)
	if err != nil {
		return err
	}
	if len(t.data) != 1 {
		return fmt.Errorf("%s takes one --data, got %d", preset, len(t.data))
	}
	if t.options, err = applySettings(&cfg, t.settings); err != nil {
		return err
	}
	t.options = withChannels(t.options, cfg.Channels)
	if cmd.Flags().Changed("seed") {
		cfg.Seed = t.seed
	}
	if cmd.Flags().Changed("snapshot") {
		cfg.SnapshotSeconds = t.snapshot.Seconds()
	}
	if t.until.img == 0 && cfg.PaperImg(1) == 0 {
		return fmt.Errorf("the paper of %s gives no length: say how many images to show, as in --until 200k", preset)
	}
	t.config, t.seed = cfg, cfg.Seed
	return cfg.Validate()
}

// trainData are pictures or sounds: a *datasets.Set or a *sound.Set.
type trainData interface {
	gan.Data
	Len() int
}

// open opens the data and resolves the length.
func (t *training) open(cmd *cobra.Command) (set trainData, until int64, err error) {
	if t.config.Sound() {
		set, err = t.openSounds()
	} else {
		set, err = t.openPictures(cmd)
	}
	if err != nil {
		return nil, 0, err
	}
	if until = t.until.img; until == 0 {
		until = t.config.PaperImg(set.Len())
	}
	return set, until, nil
}

// openPictures opens the data of a preset that makes pictures.
func (t *training) openPictures(cmd *cobra.Command) (*datasets.Set, error) {
	src := t.data[0]
	if holdsSounds(src) {
		return nil, fmt.Errorf("%s holds sounds, and %s is trained on pictures: take wavegan-small or wavegan", src, t.config.Preset)
	}
	set, err := datasets.Open(src, t.reading(cmd)...)
	if err != nil {
		return nil, err
	}
	if err := uniform(cmd, set); err != nil {
		return nil, err
	}
	if h, w, _ := set.ImageShape(); h != w {
		return nil, fmt.Errorf("the images of %s are %d pixels wide and %d high, and must be square: add --set crop=%d or --set resize=%[4]d",
			src, w, h, min(w, h))
	}
	return set, nil
}

// reading are the options of the data: those of --set, and what a long reading tells.
func (t *training) reading(cmd *cobra.Command) []datasets.Option {
	return append([]datasets.Option{datasets.WithContext(cmd.Context()),
		datasets.WithProgress(progress(cmd.ErrOrStderr()))}, t.options...)
}

// uniform returns an error if the pictures of a set are not all alike, and tells which files were left out.
func uniform(cmd *cobra.Command, set *datasets.Set) error {
	if err := set.Uniform(); err != nil {
		return fmt.Errorf("%w; add --set resize=64, --set crop=64 or --set channels=3", err)
	}
	for _, file := range set.Skipped() {
		fmt.Fprintf(cmd.ErrOrStderr(), "left out %s: %v\n", file.Name, file.Err)
	}
	return nil
}

// plan prints what a run would be.
func (t *training) plan(cmd *cobra.Command) error {
	set, until, err := t.open(cmd)
	if err != nil {
		return err
	}
	p, err := gan.DryRun(cmd.Context(), t.config, set, until)
	if err != nil {
		return err
	}
	if t.json {
		return printJSON(cmd.OutOrStdout(), p)
	}
	return printPlan(cmd.OutOrStdout(), p)
}

// A trainer trains the run in dir with a seed, from nothing or from its last checkpoint on.
type trainer func(dir string, seed int64) (run.Summary, error)

// prepare opens the data and what scores it.
func (t *training) prepare(cmd *cobra.Command) (trainer, error) {
	set, until, err := t.open(cmd)
	if err != nil {
		return nil, err
	}
	if err := t.scoring.open(cmd, set); err != nil {
		return nil, err
	}
	return func(dir string, seed int64) (run.Summary, error) {
		cfg := t.config
		cfg.Seed = seed
		r, err := gan.Open(dir, cfg, set)
		if err != nil {
			return run.Summary{}, err
		}
		if err := t.scoring.attach(cmd, r, set); err != nil {
			return run.Summary{}, errors.Join(err, r.Close())
		}
		return finishRun(cmd, dir, r, until)
	}, nil
}

// run trains one run, or one a seed, one after another.
func (t *training) run(cmd *cobra.Command, prepare func(*cobra.Command) (trainer, error)) error {
	train, err := prepare(cmd)
	if err != nil {
		return err
	}
	defer t.scoring.close()
	if len(t.seeds.seeds) > 0 {
		return t.runSeeds(cmd, train)
	}
	result, err := train(t.dir, t.seed)
	if err != nil {
		return err
	}
	if t.json {
		return printJSON(cmd.OutOrStdout(), result)
	}
	return printSummaries(cmd.OutOrStdout(), []run.Summary{result})
}

func (t *training) runSeeds(cmd *cobra.Command, train trainer) error {
	var results []run.Summary
	for _, seed := range t.seeds.seeds {
		result, err := train(filepath.Join(t.dir, fmt.Sprintf("seed-%d", seed)), seed)
		if err != nil {
			return err
		}
		results = append(results, result)
	}
	if t.json {
		return printJSON(cmd.OutOrStdout(), map[string]any{"runs": results, "spread": spreads(results)})
	}
	if err := printSummaries(cmd.OutOrStdout(), results); err != nil {
		return err
	}
	return printSpreads(cmd.OutOrStdout(), spreads(results))
}

// An openRun is a run of any family.
type openRun interface {
	TrainTo(ctx context.Context, until int64, rep gan.Reporter) error
	Img() int64
	Close() error
}

// finishRun trains the run in dir until the given number of images has been shown, and closes it.
func finishRun(cmd *cobra.Command, dir string, r openRun, until int64) (run.Summary, error) {
	err := r.TrainTo(cmd.Context(), until, gan.Terminal(cmd.ErrOrStderr()))
	img := r.Img()
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if errors.Is(err, context.Canceled) {
		return run.Summary{}, stopped(fmt.Sprintf("stopped at %s of %s images and saved in %s; the same command goes on from there",
			run.FormatImg(img), run.FormatImg(until), dir))
	}
	if err != nil {
		return run.Summary{}, err
	}
	return run.Summarize(dir)
}
