package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics"
)

// maxDrawn is how many pictures are drawn of a run if nothing says how many: as many as published values use.
const maxDrawn = 50_000

// A side is an opened source of pictures to measure.
type side struct {
	metrics.Images
	io.Closer
	name string
	img  int64 // length of the run that draws the pictures; 0 if there is none
}

// isModel reports whether path is a run or a file of one, which draws pictures rather than holding them.
func isModel(path string) bool { return isRun(path) || filepath.Ext(path) == ".safetensors" }

func isRun(path string) bool {
	if path == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(path, "config.json"))
	return err == nil && !info.IsDir()
}

// check returns an error of usage if what is to be drawn does not fit the path.
func (m *measuring) check(path string) error {
	switch {
	case m.samples > 0 && !isModel(path):
		return usage("--samples says how many pictures a run is to draw, and %q is none", path)
	case m.best && !isRun(path):
		return usage("--best is of a run, and %q is none", path)
	}
	return nil
}

// open opens a source of pictures, or a run of which n are drawn unless --samples says otherwise.
func (m *measuring) open(cmd *cobra.Command, path string, n int) (*side, error) {
	if !isModel(path) {
		return m.openData(cmd, path)
	}
	if m.samples > 0 {
		n = m.samples
	}
	return m.openModel(cmd.Context(), path, n)
}

// openData opens a source of pictures.
func (m *measuring) openData(cmd *cobra.Command, path string) (*side, error) {
	options := []datasets.Option{datasets.WithContext(cmd.Context()), datasets.WithProgress(progress(cmd.ErrOrStderr())),
		datasets.WithCache(0)} // every picture is seen once
	if m.skipBad {
		options = append(options, datasets.WithPolicy(datasets.Skip))
	}
	set, err := datasets.Open(path, options...)
	if err != nil {
		return nil, sourceError(err)
	}
	for _, file := range set.Skipped() {
		fmt.Fprintf(cmd.ErrOrStderr(), "left out %s: %v\n", file.Name, file.Err)
	}
	return &side{Images: set, Closer: set, name: set.Name()}, nil
}

// sourceError says --skip-bad where the library names its policies.
func sourceError(err error) error {
	text := err.Error()
	if picture := new(metrics.PictureError); errors.As(err, &picture) {
		text = fmt.Sprintf("picture %d of the %s cannot be read: %v", picture.Index, picture.Side, picture.Err)
	}
	for _, library := range []string{"leave it out with the policy Skip", "leave them out with the policy Skip"} {
		if strings.Contains(text, library) {
			return errors.New(strings.ReplaceAll(text, library, "add --skip-bad"))
		}
	}
	return err
}

// openModel opens a run, or a file of one, whose pictures with the seeds 0 to n-1 are drawn when they are read.
func (m *measuring) openModel(ctx context.Context, path string, n int) (*side, error) {
	load := gogan.Load
	if m.best {
		load = gogan.LoadBest
	}
	model, err := load(path)
	if err != nil {
		return nil, err
	}
	s := &side{Closer: model, name: filepath.Base(filepath.Clean(path))}
	g, ok := model.(*gan.Generator)
	if !ok {
		model.Close()
		return nil, fmt.Errorf("%s holds a %T, which draws nothing from seeds", path, model)
	}
	s.Images = &drawn{ctx, g, gan.Seeds(0, int64(n))}
	if isRun(path) {
		if s.img, err = m.length(path); err != nil {
			model.Close()
			return nil, err
		}
	}
	return s, nil
}

// length returns after how many real images the checkpoint was made that is drawn from.
func (m *measuring) length(path string) (int64, error) {
	d, err := run.Open(path)
	if err != nil {
		return 0, err
	}
	if m.best {
		img, _, _, err := d.Best()
		return img, err
	}
	state, _, _, _, err := d.Load()
	return state.Img, err
}

// drawn are the pictures of some seeds, drawn when they are read.
type drawn struct {
	ctx   context.Context
	g     *gan.Generator
	seeds []int64
}

// drawChunk pictures are drawn at a time.
const drawChunk = 64

func (d *drawn) Len() int { return len(d.seeds) }

func (d *drawn) All() iter.Seq2[image.Image, error] {
	return func(yield func(image.Image, error) bool) {
		for at := 0; at < len(d.seeds); at += drawChunk {
			pictures, err := d.g.Sample(d.ctx, d.seeds[at:min(len(d.seeds), at+drawChunk)])
			if err != nil {
				yield(nil, err)
				return
			}
			for _, picture := range pictures {
				if !yield(picture, nil) {
					return
				}
			}
		}
	}
}

// shard returns part i of n of a side. Of a run no other pictures are drawn.
func (s *side) shard(i, n int) error {
	d, ok := s.Images.(*drawn)
	if !ok {
		part, err := metrics.Shard(s.Images, i, n)
		if err == nil {
			s.Images = part
		}
		return err
	}
	part := &drawn{ctx: d.ctx, g: d.g}
	for k := (i + n - 1) % n; k < len(d.seeds); k += n {
		part.seeds = append(part.seeds, d.seeds[k])
	}
	if len(part.seeds) == 0 {
		return fmt.Errorf("part %d of %d of %d pictures is empty: use at most %[3]d parts", i, n, len(d.seeds))
	}
	s.Images = part
	return nil
}
