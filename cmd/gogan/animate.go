package main

import (
	"context"
	"image"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// The times of a frame if nothing else is asked for: a walk runs smoothly, the grids of a training can be looked at, and
// the newest one stays.
const (
	walkDelay     = 80 * time.Millisecond
	trainingDelay = 250 * time.Millisecond
	trainingPause = 2 * time.Second
)

// moments is how many rows a grid over time has at most.
const moments = 8

// walk draws what --interpolate asks for, and returns the number of pictures.
func (s *sampling) walk(ctx context.Context, g *gan.Generator) (n int, err error) {
	spherical, cfg := !s.linear && g.Config().Latents.Normal(), g.Config()
	if s.grid != "" {
		pictures, err := g.Interpolate(ctx, s.seeds.seeds, s.steps, spherical, s.options()...)
		if err != nil {
			return 0, err
		}
		n += len(pictures)
		if err := s.writeGrid(cfg, asImages8(pictures, cfg.Channels), s.steps); err != nil {
			return 0, err
		}
	}
	if s.gif == "" {
		return n, nil
	}
	frames, err := g.Loop(ctx, s.seeds.seeds, s.steps, spherical, s.options()...)
	if err != nil {
		return 0, err
	}
	for i, f := range frames {
		frames[i] = figures.Enlarge(f, figures.Enlargement(f))
	}
	return n + len(frames), s.writeGIF(asImages8(frames, cfg.Channels), walkDelay, 0)
}

// showTraining shows the grids of a run.
func (s *sampling) showTraining(cmd *cobra.Command) error {
	d, err := run.Open(s.path)
	if err != nil {
		return err
	}
	var grids []figures.Grid
	if s.grid != "" {
		if grids, err = figures.RunGrids(d, moments); err != nil {
			return err
		}
		if err := s.writeRows(grids); err != nil {
			return err
		}
	}
	if s.gif != "" {
		if grids, err = figures.RunGrids(d, 0); err != nil {
			return err
		}
		frames := asImages8(figures.Frames(grids, figures.Enlargement(grids[0].Image)), imaging.Channels(grids[0].Image))
		if err := s.writeGIF(frames, trainingDelay, trainingPause); err != nil {
			return err
		}
	}
	first, last := grids[0].Label, grids[len(grids)-1].Label
	return s.print(cmd.OutOrStdout(), len(grids), "after "+first+" to "+last+" images")
}

// writeRows writes grids over time as the file of --grid.
func (s *sampling) writeRows(grids []figures.Grid) error {
	picture, err := figures.OverTime(grids)
	if err != nil {
		return err
	}
	text := map[string]string{"run": filepath.Base(filepath.Clean(s.path)), "version": gan.Version}
	return writeFile(s.grid, func(w io.Writer) error { return imaging.EncodePNG(w, picture, text) })
}

// writeGIF writes the file of --gif. delay is the time of a frame unless --delay says another.
func (s *sampling) writeGIF(frames []*imaging.Image8, delay, pause time.Duration) error {
	if s.delay > 0 {
		delay = s.delay
	}
	return writeFile(s.gif, func(w io.Writer) error { return imaging.AnimateGIF(w, frames, delay, pause) })
}

func asImages8(pictures []image.Image, channels int) []*imaging.Image8 {
	out := make([]*imaging.Image8, len(pictures))
	for i, picture := range pictures {
		out[i] = imaging.ToImage8(picture, channels)
	}
	return out
}
