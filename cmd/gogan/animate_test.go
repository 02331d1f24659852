package main

import (
	"bytes"
	"fmt"
	"image/gif"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
)

// frames decodes a GIF to grey pictures.
func frames(t *testing.T, path ...string) (pictures []*imaging.Image8, delays []int) {
	t.Helper()
	all, err := gif.DecodeAll(bytes.NewReader(read(t, path...)))
	if err != nil {
		t.Fatal(err)
	}
	if all.LoopCount != 0 {
		t.Errorf("%v repeats %d times, want for ever", path, all.LoopCount)
	}
	for _, img := range all.Image {
		pictures = append(pictures, imaging.ToImage8(img, 1))
	}
	return pictures, all.Delay
}

// shrunk keeps each eighth pixel of an enlarged picture.
func shrunk(m *imaging.Image8) []byte {
	var out []byte
	for y := 0; y < m.H; y += 8 {
		for x := 0; x < m.W; x += 8 {
			out = append(out, m.Pix[y*m.W+x])
		}
	}
	return out
}

// A walk passes through the pictures of its seeds, in the grid and in the animation.
func TestSampleInterpolate(t *testing.T) {
	dir, run := t.TempDir(), trainedRun(t)
	var report sampleReport
	execute(t, dir, "sample", run, "--interpolate", "--seeds", "5,2,9", "--steps", "4", "--gif", "a/walk.gif", "--grid", "walk.png", "--json").
		document(t, &report)
	if want := (sampleReport{N: 2*4 + 3*4, Grid: "walk.png", GIF: "a/walk.gif"}); report != want {
		t.Errorf("reported %+v, want %+v", report, want)
	}
	var seeds [][]byte
	execute(t, dir, "sample", run, "--seeds", "5,2,9", "--out", "seeds").ok(t)
	for _, seed := range []int{5, 2, 9} {
		picture, _ := readPicture(t, filepath.Join(dir, "seeds", fmt.Sprintf("seed%08d.png", seed)))
		seeds = append(seeds, picture.Pix)
	}
	pictures, delays := frames(t, dir, "a", "walk.gif")
	if len(pictures) != 12 || pictures[0].W != 8*28 || delays[0] != 8 {
		t.Fatalf("%d frames of %d pixels, %d hundredths each; want 12 of 224, 8", len(pictures), pictures[0].W, delays[0])
	}
	for i, want := range seeds {
		if !bytes.Equal(shrunk(pictures[4*i]), want) {
			t.Errorf("frame %d is not the picture of its seed", 4*i)
		}
	}
	grid, text := readPicture(t, filepath.Join(dir, "walk.png"))
	if grid.W != 4*30-2 || grid.H != 2*30-2 || text["seed"] != "5,2,9" {
		t.Errorf("the grid has %dx%d pixels and says %v, want 2 rows of 4", grid.W, grid.H, text)
	}
	// The first picture of the second row is the last of the first.
	for _, at := range [][2]int{{0, 90}, {30, 0}} {
		if cell := crop(grid, at[0], at[1], 28); !bytes.Equal(cell, seeds[1]) {
			t.Errorf("the cell at %v is not the picture of seed 2", at)
		}
	}
	execute(t, dir, "sample", run, "--interpolate", "--linear", "--seeds", "5,2,9", "--steps", "4", "--gif", "line.gif", "--delay", "1s").ok(t)
	lines, delays := frames(t, dir, "line.gif")
	if bytes.Equal(lines[2].Pix, pictures[2].Pix) || !bytes.Equal(lines[4].Pix, pictures[4].Pix) || delays[0] != 100 {
		t.Errorf("lines and circles pass through other ends or the same middle, or --delay is ignored (%v)", delays)
	}
}

func crop(m *imaging.Image8, top, left, side int) []byte {
	var out []byte
	for y := range side {
		at := (top+y)*m.W + left
		out = append(out, m.Pix[at:at+side]...)
	}
	return out
}

// The grids of a run become an animation and rows.
func TestSampleOverTime(t *testing.T) {
	dir := t.TempDir()
	execute(t, dir, tiny("train", "dcgan", "--run", "r", "--until", "64", "--set", "grid_kimg=0.016")...).ok(t)
	r := execute(t, dir, "sample", "r", "--over-time", "--gif", "training.gif", "--grid", "rows.png").ok(t)
	if want := "rows.png (after 0 to 64 images)\ntraining.gif (after 0 to 64 images)\n"; r.stdout != want {
		t.Errorf("%v\nwant %q", r, want)
	}
	pictures, delays := frames(t, dir, "training.gif")
	if len(pictures) != 5 || !slices.Equal(delays, []int{25, 25, 25, 25, 225}) {
		t.Fatalf("%d frames shown for %v hundredths, want 5, the last for 225", len(pictures), delays)
	}
	newest, _ := readPicture(t, filepath.Join(dir, "r", "samples", "fakes_000000064.png"))
	last := pictures[4]
	for y := range newest.H {
		for x := range newest.W {
			if got, want := last.Pix[(last.H-2*newest.H+2*y)*last.W+2*x], newest.Pix[y*newest.W+x]; got != want {
				t.Fatalf("the last frame at (%d, %d) is %d, the newest grid %d", x, y, got, want)
			}
		}
	}
	rows, text := readPicture(t, filepath.Join(dir, "rows.png"))
	if rows.H < 5*28 || text["run"] != "r" || text["version"] != gan.Version {
		t.Errorf("the rows have %d pixels and say %v", rows.H, text)
	}
	for path, want := range map[string]string{"nosuch": "nosuch", "r/config.json": "config.json"} {
		execute(t, dir, "sample", path, "--over-time", "--gif", "x.gif").fails(t, 1, want)
	}
}
