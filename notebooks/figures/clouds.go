package figures

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Clouds draws sets of points over common axes, and around each the ellipse in which 86 % of a normal distribution with
// its mean and covariance lie (two standard deviations): what a Fréchet distance knows of the points.
func Clouds(axes Axes, clouds ...Cloud) (*Figure, error) {
	if len(clouds) == 0 {
		return nil, errors.New("figures: no points to draw")
	}
	p := newPanel(axes.Title, axes.X, axes.Y)
	p.Add(rules())
	x, y := nothing(), nothing()
	var ellipses []*plotter.Line
	for i, c := range clouds {
		if len(c.X) != len(c.Y) || len(c.X) < 3 {
			return nil, fmt.Errorf("figures: %q has %d x and %d y; an ellipse takes three points", c.Name, len(c.X), len(c.Y))
		}
		points := dots(c, i)
		points.Color, points.Radius = pale(paint(i)), vg.Points(1)
		p.Add(points)
		line := draw.LineStyle{Color: paint(i), Width: vg.Points(1.8)}
		ellipse := &plotter.Line{XYs: ellipseOf(c), LineStyle: line}
		ellipses = append(ellipses, ellipse)
		x.include(c.X...)
		y.include(c.Y...)
		for _, at := range ellipse.XYs {
			x.include(at.X)
			y.include(at.Y)
		}
		p.name(c.Name, line)
	}
	for _, e := range ellipses {
		p.Add(e)
	}
	p.X.Min, p.X.Max = x.widened(0.02)
	p.Y.Min, p.Y.Max = y.widened(0.02)
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	return &Figure{panels: []*panel{p}, width: fullWidth / 2}, nil
}

// ellipseOf returns the points μ + 2L(cos t, sin t) with the triangle L of the covariance LLᵀ.
func ellipseOf(c Cloud) plotter.XYs {
	n := float64(len(c.X))
	var mx, my, xx, xy, yy float64
	for i := range c.X {
		mx += c.X[i] / n
		my += c.Y[i] / n
	}
	for i := range c.X {
		dx, dy := c.X[i]-mx, c.Y[i]-my
		xx += dx * dx / (n - 1)
		xy += dx * dy / (n - 1)
		yy += dy * dy / (n - 1)
	}
	a := math.Sqrt(xx)
	b := 0.0
	if a > 0 {
		b = xy / a
	}
	d := math.Sqrt(max(0, yy-b*b))
	const deviations, steps = 2, 120
	var out plotter.XYs
	for k := range steps + 1 {
		s, t := math.Sincos(2 * math.Pi * float64(k) / steps)
		out = append(out, plotter.XY{X: mx + deviations*a*t, Y: my + deviations*(b*t+d*s)})
	}
	return out
}
