package gan

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

func TestInterpolation(t *testing.T) {
	a, b := []float32{2, 0}, []float32{0, 2}
	line, circle := Lerp(a, b, 3), Slerp(a, b, 3)
	near(t, "middle of the line", float64(line[1][0]), 1, 1e-7)
	// Halfway between two vectors of length 2 at a right angle: (√2, √2), of the same length.
	near(t, "middle of the circle", float64(circle[1][0]), math.Sqrt2, 1e-6)
	near(t, "middle of the circle", float64(circle[1][1]), math.Sqrt2, 1e-6)
	for i, want := range [][]float32{a, b} {
		for _, path := range [][][]float32{line, circle} {
			for k, v := range path[2*i] {
				near(t, fmt.Sprintf("end %d", i), float64(v), float64(want[k]), 1e-6)
			}
		}
	}
	for _, v := range Slerp(a, []float32{-2, 0}, 5) {
		if math.IsNaN(float64(v[0])) || math.IsNaN(float64(v[1])) {
			t.Errorf("opposite ends give %v", v)
		}
	}
}

// Walks pass through the pictures of their seeds, and a closed one shows none of them twice.
func TestWalks(t *testing.T) {
	dir := t.TempDir()
	train(t, open(t, dir, tiny()), 4)
	g, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	seeds := []int64{3, 9, 1}
	ends, err := g.Sample(t.Context(), seeds)
	if err != nil {
		t.Fatal(err)
	}
	pix := func(img image.Image) []byte { return img.(*image.Gray).Pix }
	rows, err := g.Interpolate(t.Context(), seeds, 5, true)
	if err != nil || len(rows) != 10 {
		t.Fatalf("%d pictures, %v; want 2 rows of 5", len(rows), err)
	}
	for at, want := range map[int]image.Image{0: ends[0], 4: ends[1], 5: ends[1], 9: ends[2]} {
		if !bytes.Equal(pix(rows[at]), pix(want)) {
			t.Errorf("picture %d of the rows is not that of its seed", at)
		}
	}
	loops := map[bool][]image.Image{}
	for _, spherical := range []bool{true, false} {
		loop, err := g.Loop(t.Context(), seeds, 4, spherical)
		if err != nil || len(loop) != 12 {
			t.Fatalf("%d pictures, %v; want 3 legs of 4", len(loop), err)
		}
		for i, want := range ends {
			if !bytes.Equal(pix(loop[4*i]), pix(want)) {
				t.Errorf("picture %d of the loop is not that of seed %d", 4*i, seeds[i])
			}
		}
		loops[spherical] = loop
	}
	// Five points on the rows are four steps of the loop.
	if !bytes.Equal(pix(loops[true][2]), pix(rows[2])) || bytes.Equal(pix(loops[true][2]), pix(loops[false][2])) {
		t.Error("between two seeds the loop does not walk as the rows do, or lines and circles are the same")
	}
	for name, f := range map[string]func() ([]image.Image, error){
		"one seed":           func() ([]image.Image, error) { return g.Interpolate(t.Context(), seeds[:1], 5, true) },
		"one step":           func() ([]image.Image, error) { return g.Interpolate(t.Context(), seeds, 1, true) },
		"a loop of one seed": func() ([]image.Image, error) { return g.Loop(t.Context(), seeds[:1], 5, true) },
		"a loop of 0 steps":  func() ([]image.Image, error) { return g.Loop(t.Context(), seeds, 0, true) },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), "at least 2 seeds") {
			t.Errorf("%s: got %v, want an error that says what is wanted", name, err)
		}
	}
	if _, err := g.Loop(t.Context(), seeds, 4, true, Class(1)); err == nil || !strings.Contains(err.Error(), "without classes") {
		t.Errorf("a class of a run without classes: %v", err)
	}
}
