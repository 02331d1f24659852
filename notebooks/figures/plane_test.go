package figures

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"testing"
)

func render(t *testing.T, f *Figure) image.Image {
	t.Helper()
	data, err := f.PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// circle is a path around the origin.
func circle(radius float64) (c Cloud) {
	for i := range 101 {
		s, t := math.Sincos(2 * math.Pi * float64(i) / 100)
		c.X, c.Y = append(c.X, radius*t), append(c.Y, radius*s)
	}
	return c
}

func rotation(x, y float64) (dx, dy float64) { return -y, x }

// Six panels in rows of three: three panels wide, two rows high, and each has its path. What lies beyond the axes is cut.
func TestPanelsOfPortraits(t *testing.T) {
	var figures []*Figure
	for i := range 6 {
		f, err := Portrait(Axes{Title: "t", X: "θ", Y: "ψ"}, 2, rotation, circle([]float64{1, 3}[i/3]))
		if err != nil {
			t.Fatal(err)
		}
		figures = append(figures, f)
	}
	f, err := Panels(3, figures...)
	if err != nil {
		t.Fatal(err)
	}
	img := render(t, f)
	if got, want := img.Bounds().Size(), image.Pt(900, 672); got != want {
		t.Fatalf("the figure has %v pixels, want %v", got, want)
	}
	for i := range 6 {
		x, y := i%3*300, i/3*336
		n := count(img, image.Rect(x, y, x+300, y+336), paint(0))
		if i < 3 && n < 20 {
			t.Errorf("panel %d shows %d pixels of its path, want at least 20", i, n)
		} else if i >= 3 && n > 0 {
			t.Errorf("panel %d shows %d pixels of a path beyond its axes", i, n)
		}
	}
	if _, err := Panels(0, figures...); err == nil {
		t.Error("panels in no column were drawn")
	}
	if _, err := Panels(3); err == nil {
		t.Error("no panel was drawn")
	}
}

func TestScatter(t *testing.T) {
	f, err := Scatter(Axes{Title: "t"}, 2, Cloud{Name: "data", X: []float64{-1, 5}, Y: []float64{-1, 5}}, circle(1))
	if err != nil {
		t.Fatal(err)
	}
	img := render(t, f)
	if count(img, img.Bounds(), guide) == 0 || count(img, img.Bounds(), paint(1)) < 100 {
		t.Error("a cloud is missing")
	}
}

// The contours of x² + y² are circles: lines of low values near the middle, of higher ones around.
func TestContours(t *testing.T) {
	const side = 21
	values := make([][]float64, side)
	for y := range values {
		for x := range side {
			values[y] = append(values[y], math.Pow(float64(x-10), 2)+math.Pow(float64(y-10), 2))
		}
	}
	f, err := Contours(Axes{Title: "t"}, 2, values)
	if err != nil {
		t.Fatal(err)
	}
	img := render(t, f)
	low, high := between(paint(0), paint(1), 0.5/contourLevels), between(paint(0), paint(1), 4.5/contourLevels)
	middle := image.Rect(130, 110, 230, 210) // of the axes
	if count(img, middle, low) == 0 || count(img, middle, high) > 0 {
		t.Error("the middle must have lines of low values and none of high ones")
	}
	if count(img, img.Bounds(), high) == 0 {
		t.Error("there is no line of a high value")
	}
}

func TestPlanesRefuse(t *testing.T) {
	uneven := Cloud{X: []float64{1}}
	for name, draw := range map[string]func() (*Figure, error){
		"reach":        func() (*Figure, error) { return Scatter(Axes{}, 0) },
		"uneven cloud": func() (*Figure, error) { return Scatter(Axes{}, 1, uneven) },
		"uneven path":  func() (*Figure, error) { return Portrait(Axes{}, 1, rotation, uneven) },
		"no path":      func() (*Figure, error) { return Portrait(Axes{}, 1, rotation, Cloud{}) },
		"no square":    func() (*Figure, error) { return Contours(Axes{}, 1, [][]float64{{1, 2}}) },
		"no values":    func() (*Figure, error) { return Contours(Axes{}, 1, nil) },
		"flat":         func() (*Figure, error) { return Contours(Axes{}, 1, [][]float64{{1, 1}, {1, 1}}) },
		"not a number": func() (*Figure, error) { return Contours(Axes{}, 1, [][]float64{{1, math.NaN()}, {1, 1}}) },
	} {
		if _, err := draw(); err == nil {
			t.Errorf("%s: a figure was drawn", name)
		}
	}
}
