package figures

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Line is y = At0 + Slope·x.
type Line struct{ At0, Slope float64 }

// Fit returns the line through points with the least sum of squared vertical distances. It returns an error if the points
// do not have two different x.
func Fit(x, y []float64) (Line, error) {
	if len(x) != len(y) || len(x) < 2 {
		return Line{}, fmt.Errorf("figures: %d x and %d y decide no line", len(x), len(y))
	}
	n := float64(len(x))
	var meanX, meanY, xx, xy float64
	for i := range x {
		meanX += x[i] / n
		meanY += y[i] / n
	}
	for i := range x {
		xx += (x[i] - meanX) * (x[i] - meanX)
		xy += (x[i] - meanX) * (y[i] - meanY)
	}
	if xx == 0 {
		return Line{}, fmt.Errorf("figures: %d points above one x decide no line", len(x))
	}
	return Line{meanY - xy/xx*meanX, xy / xx}, nil
}

// Cloud is a set of points.
type Cloud struct {
	Name string    // in the legend
	X, Y []float64 // of equal length
}

// Trend draws points, and through them a dashed line from x = 0 on. A figure of several trends stands side by side, see
// [Beside].
func Trend(axes Axes, points Cloud, line Line) (*Figure, error) {
	if len(points.X) != len(points.Y) || len(points.X) == 0 {
		return nil, fmt.Errorf("figures: %q has %d x and %d y", points.Name, len(points.X), len(points.Y))
	}
	p := newPanel(axes.Title, axes.X, axes.Y)
	p.Add(rules())
	x, y := extent{0, 0}, nothing()
	x.include(points.X...)
	y.include(points.Y...)
	y.include(line.At0, line.At0+line.Slope*x.high)
	style := draw.LineStyle{Color: paint(1), Width: vg.Points(1.4), Dashes: []vg.Length{5, 3}}
	p.Add(dots(points, 0), &plotter.Line{XYs: plotter.XYs{{X: 0, Y: line.At0}, {X: x.high, Y: line.At0 + line.Slope*x.high}}, LineStyle: style})
	p.name(points.Name, draw.LineStyle{Color: paint(0), Width: vg.Points(3)})
	p.name("straight line", style)
	p.X.Min, p.X.Max = x.widened(0.02)
	p.Y.Min, p.Y.Max = y.widened(0.06)
	if axes.YMin != axes.YMax {
		p.Y.Min, p.Y.Max = axes.YMin, axes.YMax
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	return &Figure{panels: []*panel{p}, width: fullWidth / 2}, nil
}

// Beside puts the panels of figures side by side into one.
func Beside(left *Figure, more ...*Figure) *Figure {
	out := &Figure{panels: left.panels, width: fullWidth}
	for _, f := range more {
		out.panels = append(out.panels[:len(out.panels):len(out.panels)], f.panels...)
	}
	return out
}

// Panels puts the panels of figures into one, row by row with so many columns.
func Panels(columns int, figures ...*Figure) (*Figure, error) {
	if columns < 1 || len(figures) == 0 {
		return nil, fmt.Errorf("figures: %d figures in %d columns; want at least one of each", len(figures), columns)
	}
	out := Beside(figures[0], figures[1:]...)
	out.columns = columns
	return out, nil
}

// dots draws the points of a cloud in colour i.
func dots(c Cloud, i int) *plotter.Scatter {
	points := make(plotter.XYs, len(c.X))
	for k := range points {
		points[k] = plotter.XY{X: c.X[k], Y: c.Y[k]}
	}
	return &plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: paint(i), Radius: vg.Points(1.8), Shape: draw.CircleGlyph{}}}
}
