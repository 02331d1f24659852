package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// Copies of training pictures are found, and called so; new pictures are not.
func TestNearest(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "train.npz"), "train", 0, 60)
	clothes(t, filepath.Join(dir, "copies.npz"), "train", 30, 20)
	clothes(t, filepath.Join(dir, "test.npz"), "test", 0, 30)
	clothes(t, filepath.Join(dir, "new.npz"), "test", 100, 30)
	for _, extractor := range []string{"pixels", "fashion-cnn"} {
		var got nearestReport
		execute(t, dir, "nearest", "--real", "train.npz", "--fake", "copies.npz", "--test", "test.npz", "--extractor", extractor, "-k", "3",
			"--grid", "near.png", "--rows", "4", "--json").document(t, &got)
		if got.NReal != 60 || got.NFake != 20 || got.NTest != 30 || got.Extractor != extractor || got.Median != 0 || got.MedianTest <= 0 ||
			got.Copying == nil || got.Copying.Z > -5 || got.Copying.Share != 1 || len(got.Neighbours) != 20 {
			t.Errorf("%s: reported %+v", extractor, got)
		}
		for i, n := range got.Neighbours {
			if n.Fake != i || len(n.Real) != 3 || n.Real[0] != 30+i || n.Distance[0] != 0 || n.Distance[1] <= 0 {
				t.Errorf("%s: copy %d has the neighbours %+v", extractor, i, n)
			}
		}
		grid, text := readPicture(t, filepath.Join(dir, "near.png"))
		if want := 4*60 - 4; grid.H != want || text["extractor"] != extractor {
			t.Errorf("%s: the grid has %d pixels and says %v, want 4 rows of %d", extractor, grid.H, text, want)
		}
		// Three columns end each row: real 3, real 2 and the copied one, before which stand a white tile and the copy.
		const step = 60
		for row := range 4 {
			top, left := row*step, grid.W+4-5*step
			fake, white, real := crop(grid, top, left, 56), crop(grid, top, left+step, 56), crop(grid, top, left+2*step, 56)
			if !bytes.Equal(fake, real) || !bytes.Equal(white, bytes.Repeat([]byte{255}, len(white))) {
				t.Errorf("%s: row %d does not show the copy beside its original", extractor, row)
			}
		}
	}
	var fresh nearestReport
	execute(t, dir, "nearest", "--real", "train.npz", "--fake", "new.npz", "--test", "test.npz", "--json").document(t, &fresh)
	if fresh.Copying.Z < -3 || fresh.Copying.Z > 3 {
		t.Errorf("new pictures are judged %+v", fresh.Copying)
	}
	r := execute(t, dir, "nearest", "--real", "train.npz", "--fake", "copies.npz", "--test", "test.npz").ok(t)
	for _, want := range []string{"20 pictures of copies.npz, the nearest of 60 of train.npz by pixels", "median 0, least 0 (picture 0, real 30",
		"of 30 new pictures of test.npz: median ", "in 100 % of pairs"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%v\nwant %q", r, want)
		}
	}
}

// The pictures of a run compare with data that it was shown padded and in colour.
func TestNearestOfRun(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "clothes.npz"), "test", 0, 40)
	execute(t, dir, "train", "dcgan", "--data", "clothes.npz", "--run", "r", "--until", "8", "--set", "batch=8", "--set", "base_channels=2",
		"--set", "image_size=32", "--set", "channels=3").ok(t)
	var got nearestReport
	execute(t, dir, "nearest", "--real", "clothes.npz", "--fake", "r", "--samples", "12", "--json").document(t, &got)
	if got.NFake != 12 || got.NReal != 40 || got.Median <= 0 || got.Copying != nil || len(got.Neighbours[0].Real) != 5 {
		t.Errorf("reported %+v", got)
	}
	// Features take pictures of any size, and the grid shows them.
	for i, size := range [][2]int{{28, 28}, {40, 30}, {300, 200}} {
		picture(t, filepath.Join(dir, "mixed", string(rune('a'+i))+".png"), size[0], size[1])
	}
	execute(t, dir, "nearest", "--real", "mixed", "--fake", "r", "--samples", "2", "--extractor", "fashion-cnn", "-k", "2", "--grid", "mixed.png").ok(t)
	if grid, _ := readPicture(t, filepath.Join(dir, "mixed.png")); grid.H != 2*116-4 {
		t.Errorf("the grid of mixed sizes has %d pixels, want two rows of 112", grid.H)
	}
}

func TestNearestRefuses(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "clothes.npz"), "test", 0, 4)
	picture(t, filepath.Join(dir, "wide", "a.png"), 40, 30)
	with := func(more ...string) []string { return append([]string{"nearest", "--real", "clothes.npz"}, more...) }
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{2, `"fake"`, with()},
		{2, "at least 1", with("--fake", "clothes.npz", "-k", "0")},
		{2, "at least 1", with("--fake", "clothes.npz", "--rows", "0")},
		{2, "no extractor", with("--fake", "clothes.npz", "--extractor", "eyes")},
		{2, "inception-2015", with("--fake", "clothes.npz", "--weights", "w.pth")},
		{2, "--samples", with("--fake", "clothes.npz", "--samples", "3")},
		{2, "--best", with("--fake", "clothes.npz", "--best")},
		{2, "it can be --fake", []string{"nearest", "--real", "model.safetensors", "--fake", "clothes.npz"}},
		{2, "not --test", with("--fake", "clothes.npz", "--test", "model.safetensors")},
		{1, "5 neighbours", with("--fake", "clothes.npz")},
		{1, "nosuch", with("--fake", "nosuch")},
	} {
		execute(t, dir, test.args...).fails(t, test.code, test.want)
	}
	// Seen when the pictures are read.
	if r := execute(t, dir, with("--fake", "wide", "-k", "1")...); r.code != 1 || !strings.Contains(r.stderr, "40x30") {
		t.Errorf("%v\nwant an error about the size", r)
	}
}
