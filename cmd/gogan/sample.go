package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
)

// sampling is what `gogan sample` was asked for.
type sampling struct {
	path                string // run or file
	seeds               seedList
	best                bool
	class               int // -1: by seed
	interpolate         bool
	steps               int // from one seed to the next
	linear              bool
	overTime            bool
	out, grid, npz, gif string        // "" for those that are not wanted
	delay               time.Duration // of a frame of the GIF, 0: defaultDelay of what is shown
	json                bool
}

// newSample returns `gogan sample`.
func newSample() *cobra.Command {
	var s sampling
	cmd := &cobra.Command{
		Use:   "sample RUN|FILE",
		Short: "Draw pictures from a trained run",
		Long: `Draws one picture for each seed from the newest checkpoint of a run, from a file that "gogan weights convert" made, or
from a generator's file of another program: PyTorch's DCGAN example, SNGAN of kwotsin/mimicry.
With --best it is the checkpoint with the best score, of a run that was trained with --score.
The same seed gives the same picture, whatever is drawn with it. A conditional run shows class seed mod classes, or the one
that --class names.

--interpolate walks from each seed to the next: on great circles for normal latents, on lines with --linear or for uniform
ones. --grid then has a row from each seed to the next, and --gif walks on to the first seed and repeats. --over-time shows
the grids that a run kept while it trained, without drawing: --grid a row for each of up to eight moments, whose columns
are seeds, --gif all of them.

--out writes seedNNNNNNNN.png files that carry seed, run and version in their text chunks, --grid one picture of them
all, --npz one array arr_0, uint8 [n, height, width, channels], as other programs take it. Of a run that makes sounds, --out
writes WAV files, --grid their spectra over time, and --npz float32 [n, samples].`,
		Example: `  gogan sample runs/dcgan --seeds 0-63 --out samples
  gogan sample runs/dcgan --seeds 0-63 --grid grid.png
  gogan sample dcgan.safetensors --seeds 0-9999 --npz fakes.npz
  gogan sample runs/dcgan --interpolate --seeds 0-7 --gif walk.gif
  gogan sample runs/dcgan --interpolate --seeds 0-7 --steps 12 --grid walk.png
  gogan sample runs/dcgan --over-time --gif training.gif`,
		Args:              args(cobra.ExactArgs(1)),
		ValidArgsFunction: completeFiles(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.path = args[0]
			if err := s.check(cmd); err != nil {
				return usageError{err}
			}
			return s.run(cmd)
		},
	}
	s.addFlags(cmd)
	return cmd
}

func (s *sampling) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(&s.seeds, "seeds", "seeds to draw: 7, 0-63 or 1,5,10-12 (required, but for --over-time)")
	flags.BoolVar(&s.best, "best", false, "take the checkpoint with the best score, not the newest")
	flags.IntVar(&s.class, "class", -1, "class to draw, counted from 0 (a conditional run; default: seed mod classes)")
	flags.BoolVar(&s.interpolate, "interpolate", false, "walk from each seed to the next")
	flags.IntVar(&s.steps, "steps", 10, "pictures from one seed to the next")
	flags.BoolVar(&s.linear, "linear", false, "walk on lines, not on great circles")
	flags.BoolVar(&s.overTime, "over-time", false, "show the grids of a run from its first to its newest")
	flags.StringVar(&s.out, "out", "", "`DIR` for one PNG a seed")
	flags.StringVar(&s.grid, "grid", "", "`FILE.png` for one picture of all")
	flags.StringVar(&s.npz, "npz", "", "`FILE.npz` for one array of all")
	flags.StringVar(&s.gif, "gif", "", "`FILE.gif` for an animation, with --interpolate or --over-time")
	flags.DurationVar(&s.delay, "delay", 0, "time of a frame of the animation (default 80ms, with --over-time 250ms)")
	flags.BoolVar(&s.json, "json", false, "print what was written as one JSON document")
	must(cmd.MarkFlagDirname("out"))
	must(cmd.MarkFlagFilename("grid", "png"))
	must(cmd.MarkFlagFilename("npz", "npz"))
	must(cmd.MarkFlagFilename("gif", "gif"))
	cmd.MarkFlagsOneRequired("seeds", "over-time")
	cmd.MarkFlagsOneRequired("out", "grid", "npz", "gif")
	for _, flag := range []string{"seeds", "best", "class", "interpolate", "out", "npz"} {
		cmd.MarkFlagsMutuallyExclusive("over-time", flag) // it shows what is there
	}
	for _, flag := range []string{"out", "npz"} {
		cmd.MarkFlagsMutuallyExclusive("interpolate", flag) // they are of seeds
	}
	for _, name := range []string{"seeds", "class", "steps", "delay"} {
		must(cmd.RegisterFlagCompletionFunc(name, completeNothing))
	}
}

// check returns what is wrong with the flags together.
func (s *sampling) check(cmd *cobra.Command) error {
	switch {
	case s.gif != "" && !s.interpolate && !s.overTime:
		return errors.New("--gif shows a walk or a training: add --interpolate or --over-time")
	case s.delay != 0 && s.gif == "":
		return errors.New("--delay is of an animation, and there is no --gif")
	case s.delay < 0:
		return fmt.Errorf("--delay %v: want some milliseconds", s.delay)
	case !s.interpolate && cmd.Flags().Changed("steps"), !s.interpolate && s.linear:
		return errors.New("--steps and --linear say how to walk, and there is no --interpolate")
	case s.interpolate && len(s.seeds.seeds) < 2:
		return errors.New("--interpolate walks between seeds: name at least two, as in --seeds 0-7")
	case s.interpolate && s.steps < 2:
		return fmt.Errorf("--steps %d: want at least 2", s.steps)
	case cmd.Flags().Changed("class") && s.class < 0:
		return fmt.Errorf("--class %d: classes are counted from 0", s.class)
	}
	return nil
}

// sampleReport is the JSON document of `gogan sample`.
type sampleReport struct {
	N    int    `json:"n"`
	Out  string `json:"out,omitempty"`
	Grid string `json:"grid,omitempty"`
	NPZ  string `json:"npz,omitempty"`
	GIF  string `json:"gif,omitempty"`
}

// print says what was written, and what it shows.
func (s *sampling) print(w io.Writer, n int, shown string) error {
	r := sampleReport{N: n, Out: s.out, Grid: s.grid, NPZ: s.npz, GIF: s.gif}
	if s.json {
		return printJSON(w, r)
	}
	for _, path := range []string{r.Out, r.Grid, r.NPZ, r.GIF} {
		if path != "" {
			fmt.Fprintf(w, "%s (%s)\n", path, shown)
		}
	}
	return nil
}

func (s *sampling) run(cmd *cobra.Command) error {
	if s.overTime {
		return s.showTraining(cmd)
	}
	load := gogan.Load
	if s.best {
		load = gogan.LoadBest
	}
	model, err := load(s.path)
	if err != nil {
		return err
	}
	defer model.Close()
	g, ok := model.(*gan.Generator)
	if !ok {
		return fmt.Errorf("%s holds a %T, which draws nothing from seeds", s.path, model)
	}
	n := len(s.seeds.seeds)
	if g.Config().Sound() {
		err = s.drawSounds(cmd.Context(), g)
	} else if s.interpolate {
		n, err = s.walk(cmd.Context(), g)
	} else {
		err = s.draw(cmd.Context(), g)
	}
	if err != nil {
		return err
	}
	return s.print(cmd.OutOrStdout(), n, "seeds "+s.seeds.text)
}

// options are those of the pictures that are drawn.
func (s *sampling) options() []gan.SampleOption {
	if s.class == -1 {
		return nil
	}
	return []gan.SampleOption{gan.Class(s.class)}
}

// sampleChunk pictures are drawn at a time: with --out alone no more are ever held.
const sampleChunk = 256

// draw draws and writes all that was asked for.
func (s *sampling) draw(ctx context.Context, g *gan.Generator) error {
	var all []*imaging.Image8 // for --grid and --npz
	for seeds := s.seeds.seeds; len(seeds) > 0; {
		n := min(sampleChunk, len(seeds))
		pictures, err := g.Sample(ctx, seeds[:n], s.options()...)
		if err != nil {
			return err
		}
		for i, picture := range pictures {
			if s.out != "" {
				if err := s.writePNG(g.Config(), seeds[i], picture); err != nil {
					return err
				}
			}
			if s.grid != "" || s.npz != "" {
				all = append(all, imaging.ToImage8(picture, g.Config().Channels))
			}
		}
		seeds = seeds[n:]
	}
	if s.grid != "" {
		columns := int(math.Ceil(math.Sqrt(float64(len(all)))))
		if err := s.writeGrid(g.Config(), all, columns); err != nil {
			return err
		}
	}
	if s.npz != "" {
		return writeFile(s.npz, func(w io.Writer) error { return writeImages(w, all) })
	}
	return nil
}

// writeGrid writes the file of --grid.
func (s *sampling) writeGrid(cfg gan.Config, pictures []*imaging.Image8, columns int) error {
	return writeFile(s.grid, func(w io.Writer) error {
		return imaging.EncodePNG(w, imaging.Grid(pictures, columns, 2).Image(), s.text(cfg, s.seeds.text))
	})
}

func (s *sampling) writePNG(cfg gan.Config, seed int64, picture image.Image) error {
	path := filepath.Join(s.out, fmt.Sprintf("seed%08d.png", seed))
	return writeFile(path, func(w io.Writer) error {
		return imaging.EncodePNG(w, picture, s.text(cfg, strconv.FormatInt(seed, 10)))
	})
}

// text is what a picture says about its origin. No absolute path is in it.
func (s *sampling) text(cfg gan.Config, seed string) map[string]string {
	return map[string]string{
		"seed": seed, "psi": "1", "run": filepath.Base(filepath.Clean(s.path)), "preset": cfg.Preset, "data": cfg.Data,
		"run_seed": strconv.FormatInt(cfg.Seed, 10), "version": gan.Version,
	}
}

// writeImages writes arr_0, uint8 [n, height, width, channels].
func writeImages(w io.Writer, images []*imaging.Image8) error {
	first := images[0]
	pix := make([]uint8, 0, len(images)*len(first.Pix))
	for _, m := range images {
		pix = append(pix, m.Pix...)
	}
	array := weights.FromUint8(pix, len(images), first.H, first.W, first.C)
	return weights.WriteNPZ(w, map[string]weights.Array{"arr_0": array}, true)
}
