package figures

import (
	"image"
	"slices"
	"testing"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/fakerun"
)

func TestRunGrids(t *testing.T) {
	dir := t.TempDir()
	if err := fakerun.Make(dir, 10); err != nil {
		t.Fatal(err)
	}
	d, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int][]string{0: {"0", "2k", "4k", "6k", "8k", "10k"}, 3: {"0", "6k", "10k"}} {
		grids, err := RunGrids(d, n)
		if err != nil {
			t.Fatal(err)
		}
		var labels []string
		for _, g := range grids {
			labels = append(labels, g.Label)
			if tiles, err := g.Tiles(); err != nil || len(tiles) != fakerun.Columns*fakerun.Columns {
				t.Errorf("the grid at %s has %d tiles, %v", g.Label, len(tiles), err)
			}
		}
		if !slices.Equal(labels, want) {
			t.Errorf("of at most %d grids there are %v, want %v", n, labels, want)
		}
	}
	empty, err := run.Create(t.TempDir(), fakerun.Config{ImageSize: fakerun.Side}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if _, err := RunGrids(empty, 0); err == nil {
		t.Error("a run without grids was accepted")
	}
}

func TestEnlargement(t *testing.T) {
	for side, want := range map[int]int{28: 8, 100: 5, 238: 2, 400: 1, 2000: 1} {
		if got := Enlargement(image.NewGray(image.Rect(0, 0, side, side/2))); got != want {
			t.Errorf("%d pixels are enlarged %d times, want %d", side, got, want)
		}
	}
}

// Frames have one size, a label above and the enlarged grid below it.
func TestFrames(t *testing.T) {
	grid := func(label string) Grid { return Grid{Image: fakerun.Grid(0).Image(), Label: label} }
	const scale = 2
	frames := Frames([]Grid{grid("0"), grid("20.5k")}, scale)
	if len(frames) != 2 || frames[0].Bounds() != frames[1].Bounds() {
		t.Fatalf("%d frames of %v and %v", len(frames), frames[0].Bounds(), frames[1].Bounds())
	}
	small := fakerun.Grid(0)
	b := frames[0].Bounds()
	band := b.Dy() - scale*small.H
	if b.Dx() != scale*small.W || band < 10 || band > 40 {
		t.Fatalf("a frame of %v for a grid of %dx%d", b, small.W, small.H)
	}
	ink := [2]int{}
	for i, frame := range frames {
		grey := frame.(*image.Gray)
		for _, v := range grey.Pix[:band*grey.Stride] {
			if v < 128 {
				ink[i]++
			}
		}
		for y := range scale * small.H {
			for x := range scale * small.W {
				if got, want := grey.GrayAt(x, band+y).Y, small.Pix[y/scale*small.W+x/scale]; got != want {
					t.Fatalf("frame %d at (%d, %d) is %d, want %d", i, x, y, got, want)
				}
			}
		}
	}
	if ink[0] < 10 || ink[1] < 2*ink[0] {
		t.Errorf("the labels have %v dark pixels", ink)
	}
}

func TestSpread(t *testing.T) {
	samples := func(imgs ...int64) (out []run.Sample) {
		for _, img := range imgs {
			out = append(out, run.Sample{Img: img})
		}
		return out
	}
	for _, test := range []struct {
		in, want []run.Sample
		n        int
	}{
		{samples(0, 5), samples(0, 5), 4},
		{samples(0, 1, 2, 3, 4, 5, 6, 7, 8), samples(0, 2, 4, 6, 8), 5},
		{samples(0, 1, 2, 3, 100), samples(0, 3, 100), 3},         // equal distances in img, not in number
		{samples(0, 97, 98, 99, 100), samples(0, 97, 98, 100), 4}, // never one twice, always the last
	} {
		if got := spread(test.in, test.n); !slices.Equal(got, test.want) {
			t.Errorf("spread(%v, %d) = %v, want %v", test.in, test.n, got, test.want)
		}
	}
}
