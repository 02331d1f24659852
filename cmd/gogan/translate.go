package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
)

// The directions of a translation, as the reference code calls them: domain A is X, domain B is Y.
const (
	directionAtoB = "AtoB"
	directionBtoA = "BtoA"
)

// translating is what `gogan translate` was asked for.
type translating struct {
	model, src, out string
	direction       string
	tile, padTo     int // 0: the library's own
	json            bool
}

// newTranslate returns `gogan translate`.
func newTranslate() *cobra.Command {
	var t translating
	directions := []string{directionAtoB, directionBtoA}
	cmd := &cobra.Command{
		Use:   "translate FILE|RUN SRC OUTDIR",
		Short: "Translate pictures from one domain into the other with CycleGAN",
		Long: `Translates pictures, a folder, a zip or one file, and writes them to a new folder as PNG under their names. The model is a
run, with both directions, a file that "gogan weights convert RUN" made from one, or a generator's file of the authors' code
(latest_net_G.pth, *_net_G_A.pth; ResNet or U-Net, old ones too). Which network it is, is said on stderr.

Pictures may have any size: they are padded by reflection to what the network takes, and cut back. One of more than --tile
squared pixels is translated in tiles that overlap, so that memory stays bounded. The network is compiled for each size, which
takes seconds: for a folder of many sizes, --pad-to 64 makes them fewer. Grey pictures become RGB for a network of RGB, alpha
is dropped.`,
		Example: `  gogan translate horse2zebra_net_G.pth photos out/zebras
  gogan translate runs/glyphs letters out --direction BtoA
  gogan translate latest_net_G.pth horse.jpg out --json`,
		Args:              args(cobra.ExactArgs(3)),
		ValidArgsFunction: completeFiles(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.model, t.src, t.out = args[0], args[1], args[2]
			switch {
			case t.direction != directionAtoB && t.direction != directionBtoA:
				return usage("there is no direction %q; --direction takes %s, %s", t.direction, directionAtoB, directionBtoA)
			case t.tile < 0 || t.padTo < 0:
				return usage("--tile %d, --pad-to %d: want numbers of pixels", t.tile, t.padTo)
			}
			return t.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&t.direction, "direction", directionAtoB, "`DIRECTION` of a model of both: AtoB (X to Y) or BtoA (Y to X)")
	flags.IntVar(&t.tile, "tile", 0, "`PIXELS` of a tile's side, for pictures of more than their square (default 1024)")
	flags.IntVar(&t.padTo, "pad-to", 0, "`PIXELS` to pad height and width to multiples of (default: the least that the network takes)")
	flags.BoolVar(&t.json, "json", false, "print what was written as one JSON document")
	must(cmd.RegisterFlagCompletionFunc("direction", cobra.FixedCompletions(directions, cobra.ShellCompDirectiveNoFileComp)))
	for _, name := range []string{"tile", "pad-to"} {
		must(cmd.RegisterFlagCompletionFunc(name, completeNothing))
	}
	return cmd
}

// translateReport is the JSON document of `gogan translate`.
type translateReport struct {
	N         int    `json:"n"`
	Out       string `json:"out"`
	Direction string `json:"direction"`
	Network   string `json:"network"`
}

func (t *translating) run(cmd *cobra.Command) error {
	if err := emptyDir(t.out); err != nil {
		return err
	}
	model, err := cyclegan.Load(t.model)
	if err != nil {
		return err
	}
	defer model.Close()
	translator := model.G
	if t.direction == directionBtoA {
		if translator = model.F; translator == nil {
			return fmt.Errorf("%s holds one generator, whatever its direction is: leave --direction out", t.model)
		}
	}
	stderr := cmd.ErrOrStderr()
	fmt.Fprintf(stderr, "%s: %v\n", t.model, translator)
	var options []cyclegan.TranslateOption
	if t.tile > 0 {
		options = append(options, cyclegan.Tile(t.tile))
	}
	if t.padTo > 0 {
		options = append(options, cyclegan.PadTo(t.padTo))
	}
	n, err := translator.TranslateDir(cmd.Context(), t.src, t.out, &pictureReporter{Reporter: gan.Silent(), w: stderr, meter: newMeter(stderr)}, options...)
	if err != nil {
		return err
	}
	if t.json {
		return printJSON(cmd.OutOrStdout(), translateReport{N: n, Out: t.out, Direction: t.direction, Network: translator.String()})
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d pictures\n", t.out, n)
	return err
}

// emptyDir returns an error if something is at path already, but for an empty folder.
func emptyDir(path string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("the folder %s is not empty: give a new one", path)
	}
	return nil
}

// A pictureReporter shows progress in pictures, with what a meter has.
type pictureReporter struct {
	gan.Reporter
	w     io.Writer
	meter *meter
	total int64
}

func (r *pictureReporter) Start(info run.Info) { r.total = info.Until }

func (r *pictureReporter) Tick(t run.Tick) { r.meter.progress("pictures", t.Img, r.total) }

func (r *pictureReporter) Note(text string) {
	r.meter.finish()
	fmt.Fprintln(r.w, text)
}

func (r *pictureReporter) Done(run.Summary) { r.meter.finish() }
