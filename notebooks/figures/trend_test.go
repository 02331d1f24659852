package figures

import (
	"image"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/stats"
)

func TestFit(t *testing.T) {
	line, err := Fit([]float64{0, 1, 2}, []float64{1, 3, 8}) // slope 7/2, mean (1, 4)
	if err != nil || math.Abs(line.At0-0.5) > 1e-12 || math.Abs(line.Slope-3.5) > 1e-12 {
		t.Errorf("the line is %v, error %v; want 0.5 + 3.5 x", line, err)
	}
	for _, x := range [][]float64{{1}, {2, 2}, {1, 2, 3}} {
		if _, err := Fit(x, []float64{1, 2}); err == nil {
			t.Errorf("x %v decided a line", x)
		}
	}
}

// TestTrendBesideClouds: two panels side by side, each with its points and its line.
func TestTrendBesideClouds(t *testing.T) {
	cloud := Cloud{Name: "draws", X: []float64{1, 2, 3, 4}, Y: []float64{2, 1, 4, 3}}
	left, err := Trend(Axes{Title: "bias"}, cloud, Line{1, 0.5})
	if err != nil {
		t.Fatal(err)
	}
	right, err := Clouds(Axes{Title: "plane"}, cloud, Cloud{Name: "others", X: []float64{5, 6, 5}, Y: []float64{5, 5, 6}})
	if err != nil {
		t.Fatal(err)
	}
	svg, err := Beside(left, right).SVG()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(svg)), " ")
	for _, want := range []string{">bias<", ">plane<", ">draws<", ">straight line<", ">others<"} {
		if !strings.Contains(text, want) {
			t.Errorf("the figure does not say %s", want)
		}
	}
	if left.width != fullWidth/2 || len(left.panels) != 1 {
		t.Error("Beside changed its argument")
	}
	for _, bad := range []Cloud{{X: []float64{1}}, {}} {
		if _, err := Trend(Axes{}, bad, Line{}); err == nil {
			t.Errorf("%v gave a trend", bad)
		}
		if _, err := Clouds(Axes{}, bad); err == nil {
			t.Errorf("%v gave a cloud", bad)
		}
	}
	if _, err := Clouds(Axes{}); err == nil {
		t.Error("no cloud gave a figure")
	}
}

// TestEllipse: of points with variances 4 and 1 and correlation 1/2 every point of the ellipse has (x-μ)ᵀΣ⁻¹(x-μ) = 4.
func TestEllipse(t *testing.T) {
	// Four points ±a, ±b around (3, -1): Σ = 2/3 (aaᵀ + bbᵀ) with a = (√6, √6/4), b = (0, √(9/8)).
	a, b := []float64{math.Sqrt(6), math.Sqrt(6) / 4}, []float64{0, math.Sqrt(9. / 8)}
	var c Cloud
	for _, v := range [][]float64{a, b} {
		c.X, c.Y = append(c.X, 3+v[0], 3-v[0]), append(c.Y, -1+v[1], -1-v[1])
	}
	points := ellipseOf(c)
	left, right := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		x, y := p.X-3, p.Y+1
		// Σ = [4, 1; 1, 1], Σ⁻¹ = [1, -1; -1, 4]/3.
		if got := (x*x - 2*x*y + 4*y*y) / 3; math.Abs(got-4) > 1e-9 {
			t.Fatalf("a point has the squared distance %g, want 4", got)
		}
		left, right = min(left, p.X), max(right, p.X)
	}
	if math.Abs(left+1) > 0.01 || math.Abs(right-7) > 0.01 {
		t.Errorf("it reaches from %g to %g, want 3 ± 2·2", left, right)
	}
}

func TestRows(t *testing.T) {
	tile := image.NewGray(image.Rect(0, 0, 10, 20))
	img, err := Rows([]string{"one", "two"}, [][]image.Image{{tile, tile}, {tile}})
	if err != nil {
		t.Fatal(err)
	}
	// Tiles are doubled, with gaps of 4; the second row has one.
	b := img.Bounds()
	left := b.Dx() - (2*20 + 4)
	if b.Dy() != 2*40+4 || left < 30 {
		t.Errorf("two rows of 20x40 have %v with labels of %d pixels", b, left)
	}
	if black := func(x, y int) bool { r, _, _, _ := img.At(x, y).RGBA(); return r == 0 }; !black(left, 0) || !black(left+24+19, 39) ||
		black(left+21, 20) || !black(left+19, 44) || black(left+24+5, 50) {
		t.Error("the tiles are not where they should be")
	}
	for name, rows := range map[string][][]image.Image{"one row": {{tile}}, "empty": {{}, {tile}},
		"sizes": {{tile}, {image.NewGray(image.Rect(0, 0, 10, 21))}}} {
		if _, err := Rows([]string{"one", "two"}, rows); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCompared(t *testing.T) {
	var dirs []string
	for i := range 2 {
		dir := filepath.Join(t.TempDir(), "run")
		d, err := run.Create(dir, map[string]string{"loss": "non-saturating"}, run.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, tick := range training() {
			if err := d.AppendTick(tick); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.AppendScore(stats.Result{Name: "fd_x", Value: float64(10 + i), Img: 50 * run.Kimg}); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
	}
	f, err := Compared("fd_x", []string{"first", "second"}, dirs)
	if err != nil {
		t.Fatal(err)
	}
	svg, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(svg)), " ")
	for _, want := range []string{">first<", ">second<", ">Loss of D<", ">Loss of G<", ">fd_x<", ">2 ln 2<", ">ln 2<"} {
		if n := strings.Count(text, want); n != 1 {
			t.Errorf("the figure says %s %d times", want, n)
		}
	}
	if _, err := Compared("fid", []string{"first", "second"}, dirs); err == nil || !strings.Contains(err.Error(), "no score fid") {
		t.Errorf("a score that there is not: error %v", err)
	}
	if _, err := Compared("fid", nil, dirs); err == nil {
		t.Error("runs without names")
	}
}
