package main

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
)

// sampling is what `gogan sample` was asked for.
type sampling struct {
	path           string // run or file
	seeds          seedList
	best           bool
	class          int    // -1: by seed
	out, grid, npz string // "" for those that are not wanted
	json           bool
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

--out writes seedNNNNNNNN.png files that carry seed, run and version in their text chunks, --grid one picture of them
all, --npz one array arr_0, uint8 [n, height, width, channels], as other programs take it.`,
		Example: `  gogan sample runs/dcgan --seeds 0-63 --out samples
  gogan sample runs/dcgan --seeds 0-63 --grid grid.png
  gogan sample dcgan.safetensors --seeds 0-9999 --npz fakes.npz`,
		Args:              args(cobra.ExactArgs(1)),
		ValidArgsFunction: completeFiles(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.path = args[0]
			return s.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.Var(&s.seeds, "seeds", "seeds to draw: 7, 0-63 or 1,5,10-12 (required)")
	flags.BoolVar(&s.best, "best", false, "take the checkpoint with the best score, not the newest")
	flags.IntVar(&s.class, "class", -1, "class to draw, counted from 0 (a conditional run; default: seed mod classes)")
	flags.StringVar(&s.out, "out", "", "`DIR` for one PNG a seed")
	flags.StringVar(&s.grid, "grid", "", "`FILE.png` for one picture of all")
	flags.StringVar(&s.npz, "npz", "", "`FILE.npz` for one array of all")
	flags.BoolVar(&s.json, "json", false, "print what was written as one JSON document")
	must(cmd.MarkFlagRequired("seeds"))
	must(cmd.MarkFlagDirname("out"))
	must(cmd.MarkFlagFilename("grid", "png"))
	must(cmd.MarkFlagFilename("npz", "npz"))
	cmd.MarkFlagsOneRequired("out", "grid", "npz")
	return cmd
}

// sampleReport is the JSON document of `gogan sample`.
type sampleReport struct {
	N    int    `json:"n"`
	Out  string `json:"out,omitempty"`
	Grid string `json:"grid,omitempty"`
	NPZ  string `json:"npz,omitempty"`
}

func (s *sampling) run(cmd *cobra.Command) error {
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
	if err := s.draw(cmd.Context(), g); err != nil {
		return err
	}
	r := sampleReport{N: len(s.seeds.seeds), Out: s.out, Grid: s.grid, NPZ: s.npz}
	if s.json {
		return printJSON(cmd.OutOrStdout(), r)
	}
	for _, path := range []string{r.Out, r.Grid, r.NPZ} {
		if path != "" {
			fmt.Fprintf(cmd.OutOrStdout(), "%s (seeds %s)\n", path, s.seeds.text)
		}
	}
	return nil
}

// sampleChunk pictures are drawn at a time: with --out alone no more are ever held.
const sampleChunk = 256

// draw draws and writes all that was asked for.
func (s *sampling) draw(ctx context.Context, g *gan.Generator) error {
	var all []*imaging.Image8 // for --grid and --npz
	var options []gan.SampleOption
	if s.class != -1 {
		options = append(options, gan.Class(s.class))
	}
	for seeds := s.seeds.seeds; len(seeds) > 0; {
		n := min(sampleChunk, len(seeds))
		pictures, err := g.Sample(ctx, seeds[:n], options...)
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
		err := writeFile(s.grid, func(w io.Writer) error {
			return imaging.EncodePNG(w, imaging.Grid(all, columns, 2).Image(), s.text(g.Config(), s.seeds.text))
		})
		if err != nil {
			return err
		}
	}
	if s.npz != "" {
		return writeFile(s.npz, func(w io.Writer) error { return writeImages(w, all) })
	}
	return nil
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
