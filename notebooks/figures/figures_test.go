package figures

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan/run"
)

// training is a log whose losses end at equilibrium.
func training() []run.Tick {
	var ticks []run.Tick
	for i := range 101 {
		far := math.Exp(-float64(i) / 20)
		ticks = append(ticks, run.Tick{Img: int64(i) * run.Kimg, Values: map[string]float64{
			"loss_d": 2*math.Ln2 - 0.8*far, "loss_g": math.Ln2 + far,
			"d_real": 0.5 + 0.4*far, "d_fake": 0.5 - 0.4*far}})
	}
	return ticks
}

func TestCurvesNamesItsEquilibrium(t *testing.T) {
	for _, test := range []struct {
		loss string
		want []string // texts of the figure
		not  []string
	}{
		{"non-saturating", []string{">2 ln 2<", ">ln 2<", ">1/2<", ">D(x)<", ">D(G(z))<"}, nil},
		{"minimax", []string{">2 ln 2<", ">-ln 2<", ">1/2<"}, []string{">ln 2<"}},
		{"least-squares", []string{">1/4<", ">1/8<"}, []string{">1/2<", "ln 2"}},
		{"wasserstein", []string{">D(x)<"}, []string{"ln 2", ">1/2<"}},
	} {
		f, err := Curves(training(), test.loss)
		if err != nil {
			t.Fatal(err)
		}
		svg, err := f.SVG()
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(string(svg)), " ") // "<text ...\n>D(x)</text>"
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the figure does not say %s", test.loss, want)
			}
		}
		for _, not := range test.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: the figure says %s", test.loss, not)
			}
		}
	}
}

func TestCurvesPNG(t *testing.T) {
	f, err := Curves(training(), "non-saturating")
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.Bounds().Size(), image.Pt(900, 336); got != want {
		t.Errorf("the figure has %v pixels, want %v", got, want)
	}
	if len(data) > 100_000 {
		t.Errorf("the figure has %d bytes; a notebook keeps many of them", len(data))
	}
	for i, line := range palette[:2] { // each of both panels shows a line of D and one of G
		for half := range 2 {
			if n := count(img, image.Rect(half*450, 0, half*450+450, 336), line); n < 300 {
				t.Errorf("half %d has %d pixels of line %d, want at least 300", half, n, i)
			}
		}
	}
	if r, g, b, a := img.At(0, 0).RGBA(); r != 0xFFFF || g != 0xFFFF || b != 0xFFFF || a != 0xFFFF {
		t.Error("the background is not white")
	}
}

// count returns how many pixels of a part of img have the colour c.
func count(img image.Image, part image.Rectangle, c color.Color) (n int) {
	want := color.NRGBAModel.Convert(c)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if color.NRGBAModel.Convert(img.At(x, y)) == want {
				n++
			}
		}
	}
	return n
}

// A VAE's log holds no game: three panels and no guide of an equilibrium, whatever loss its config names.
func TestCurvesOfAVAE(t *testing.T) {
	var ticks []run.Tick
	for i := range 20 {
		kl := 10 - 8/float64(i+1)
		ticks = append(ticks, run.Tick{Img: int64(i) * run.Kimg, Values: map[string]float64{
			"loss_elbo": 300 + kl, "reconstruction": 300, "kl": kl}})
	}
	f, err := Curves(ticks, "non-saturating")
	if err != nil {
		t.Fatal(err)
	}
	svg, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(svg)), " ")
	for _, want := range []string{">Loss, nats per picture<", ">Reconstruction, nats<", ">KL(q(z|x) || p(z)), nats<"} {
		if !strings.Contains(text, want) {
			t.Errorf("the figure does not say %s", want)
		}
	}
	if strings.Contains(text, "ln 2") {
		t.Error("the figure marks the equilibrium of a game")
	}
}

func TestCurvesWithoutLosses(t *testing.T) {
	if _, err := Curves([]run.Tick{{Img: 1, Values: map[string]float64{"elbo": 1}}}, "elbo"); err == nil {
		t.Error("a log without losses gave a figure")
	}
}

func TestLinesRefusesBadSeries(t *testing.T) {
	nan := math.NaN()
	for name, s := range map[string]Series{
		"unequal":    {X: []float64{1, 2}, Y: []float64{1}},
		"empty":      {},
		"not finite": {X: []float64{1, 2}, Y: []float64{nan, math.Inf(1)}},
	} {
		if _, err := Lines(Axes{}, []Series{s}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	f, err := Lines(Axes{}, []Series{{X: []float64{1, 2, 3}, Y: []float64{nan, 5, nan}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.PNG(); err != nil { // one point, empty ranges
		t.Fatal(err)
	}
}

// The values are p/(p+q) worked out by hand: for N(0,1) against N(2,1) it is the logistic function of 2 - 2x.
func TestDiscriminator(t *testing.T) {
	for _, test := range []struct {
		p, q    Normal
		x, want float64
	}{
		{Normal{0, 1}, Normal{0, 1}, 3, 0.5},
		{Normal{0, 1}, Normal{2, 1}, 1, 0.5},
		{Normal{0, 1}, Normal{2, 1}, 0, 0.8807970779778823},  // sigmoid(2)
		{Normal{0, 1}, Normal{2, 1}, 2, 0.11920292202211757}, // sigmoid(-2)
		{Normal{0, 1}, Normal{0, 2}, 0, 2.0 / 3},             // densities 1 : 1/2
		{Normal{0, 1}, Normal{2, 1}, -400, 1},                // both densities are 0 as floats
		{Normal{0, 1}, Normal{2, 1}, 400, 0},
	} {
		if got := Discriminator(test.p, test.q, test.x); math.Abs(got-test.want) > 1e-14 { // a few roundings of float64
			t.Errorf("D*(%g) of %v against %v: got %v, want %v", test.x, test.p, test.q, got, test.want)
		}
	}
}

func TestDensitiesRefusesBadInput(t *testing.T) {
	if _, err := Densities(Normal{0, 1}, []Normal{{0, 0}}, []string{"flat"}); err == nil {
		t.Error("a deviation of 0 gave a figure")
	}
	if _, err := Densities(Normal{0, 1}, []Normal{{0, 1}}, nil); err == nil {
		t.Error("a generator without title gave a figure")
	}
}

func TestHistogram(t *testing.T) {
	f, err := Histogram(Axes{Title: "shares"}, 4, []Series{{Name: "a", Y: []float64{0, 0, 1, 4}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.panels[0].Y.Max, 0.5*1.08; math.Abs(got-want) > 1e-12 { // two of four values share the first bin
		t.Errorf("the axis ends at %g, want %g", got, want)
	}
	if _, err := Histogram(Axes{}, 4, []Series{{Y: []float64{math.NaN()}}}); err == nil {
		t.Error("NaN was counted")
	}
	if _, err := Histogram(Axes{}, 4, nil); err == nil {
		t.Error("no values gave a figure")
	}
}

func TestSmoothKeepsLinesAndMeans(t *testing.T) {
	points := make(plotter.XYs, 101)
	for i := range points {
		points[i] = plotter.XY{X: float64(i), Y: float64(i % 2)}
	}
	for i, p := range smooth(points)[10:90] {
		if math.Abs(p.Y-0.5) > 0.11 { // windows of 5 hold 2 or 3 ones: 0.4 or 0.6
			t.Errorf("point %d of an alternating series: %g", i, p.Y)
		}
	}
	if points[1].Y != 1 {
		t.Error("smooth changed its argument")
	}
}

func TestTicksAreRoundAndFew(t *testing.T) {
	for _, r := range [][2]float64{{0, 1}, {-4, 4.6}, {0, 200}, {0.01, 0.013}, {-3e5, 7e6}} {
		marks := ticks{}.Ticks(r[0], r[1])
		if len(marks) < 3 || len(marks) > 8 {
			t.Errorf("%v has %d ticks", r, len(marks))
		}
		for _, m := range marks {
			if m.Label == "-0" || len(m.Label) > 6 {
				t.Errorf("%v has a tick %q", r, m.Label)
			}
		}
	}
}

func TestOverTime(t *testing.T) {
	grey := func(v uint8) *imaging.Image8 {
		m := imaging.NewImage8(4, 4, 1)
		for i := range m.Pix {
			m.Pix[i] = v
		}
		return m
	}
	var grids []Grid
	for row := range 3 {
		var tiles []*imaging.Image8
		for column := range 4 {
			tiles = append(tiles, grey(uint8(100*row+column+1)))
		}
		grids = append(grids, Grid{Image: imaging.Grid(tiles, 2, 2).Image(), TileW: 4, TileH: 4, Gap: 2, Label: "1k"})
	}
	img, err := OverTime(grids)
	if err != nil {
		t.Fatal(err)
	}
	const side, step = 56, 60 // tiles of 4 pixels are enlarged 14 times
	b := img.Bounds()
	left := b.Dx() - (4*step - 4)
	for row := range 3 {
		for column := range 4 {
			got := color.GrayModel.Convert(img.At(left+column*step+side/2, row*step+side/2)).(color.Gray).Y
			if want := uint8(100*row + column + 1); got != want {
				t.Errorf("row %d, column %d is %d, want %d", row, column, got, want)
			}
		}
	}
	dark := 0
	for y := range b.Dy() {
		for x := range left {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 100 {
				dark++
			}
		}
	}
	if dark < 60 {
		t.Errorf("the labels have %d dark pixels", dark)
	}
	grids[0].Gap = 1
	if _, err := OverTime(grids); err == nil {
		t.Error("a picture that is no such grid was cut")
	}
}
