package figures

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Axes names a plot and its axes; an empty text is left out.
type Axes struct {
	Title, X, Y string
	// YMin and YMax, if they differ, fix the range of the vertical axis.
	YMin, YMax float64
}

// Series is one line.
type Series struct {
	Name string    // in the legend; empty: not there
	X, Y []float64 // of equal length; points that are not finite are left out
	// Smooth draws the points pale and a running mean of them strong: for values that jump from step to step.
	Smooth bool
	Dashed bool // for a line that may lie on another one
	Dots   bool // marks each point: for a few values with nothing between them
}

// Guide is a horizontal line to compare data with, named to the right of the plot.
type Guide struct {
	Name string
	Y    float64
	Of   int // which series it belongs to, counted from 1, and has the colour of; 0: all of them
}

func (g Guide) color() color.NRGBA {
	if g.Of > 0 {
		return paint(g.Of - 1)
	}
	return guide
}

// Lines draws series over a common axis, with guides behind them.
func Lines(axes Axes, series []Series, guides ...Guide) (*Figure, error) {
	p, err := linePanel(axes, series, guides)
	if err != nil {
		return nil, err
	}
	return &Figure{panels: []*panel{p}, width: fullWidth}, nil
}

// linePanel draws, from back to front: pale points, guides, lines.
func linePanel(axes Axes, series []Series, guides []Guide) (*panel, error) {
	p := newPanel(axes.Title, axes.X, axes.Y)
	p.guides = guides
	p.Add(rules())
	x, y := nothing(), nothing()
	var lines []plot.Plotter
	for i, s := range series {
		if len(s.X) != len(s.Y) {
			return nil, fmt.Errorf("figures: series %q has %d x and %d y", s.Name, len(s.X), len(s.Y))
		}
		points := finite(s)
		y.include(bulk(points)...)
		style := draw.LineStyle{Color: paint(i), Width: vg.Points(1.6)}
		if s.Dashed {
			style.Dashes = []vg.Length{5, 3}
		}
		if s.Smooth && len(points) > 2 {
			p.Add(&plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: pale(paint(i)), Width: vg.Points(0.8)}})
			points = smooth(points)
		}
		for _, pt := range points {
			x.include(pt.X)
			y.include(pt.Y)
		}
		lines = append(lines, &plotter.Line{XYs: points, LineStyle: style})
		if s.Dots || len(points) == 1 { // a line of one point is invisible
			lines = append(lines, &plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{
				Color: paint(i), Radius: vg.Points(2), Shape: draw.CircleGlyph{}}})
		}
		p.name(s.Name, style)
	}
	if x.low > x.high {
		return nil, fmt.Errorf("figures: %q has no finite point to draw", axes.Title)
	}
	for _, g := range guides {
		y.include(g.Y)
		p.Add(guideLine(g))
	}
	p.Add(lines...)
	p.X.Min, p.X.Max = x.widened(0)
	p.Y.Min, p.Y.Max = y.widened(0.05)
	if axes.YMin != axes.YMax {
		p.Y.Min, p.Y.Max = axes.YMin, axes.YMax
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	return p, nil
}

// finite returns the points of a series that can be drawn.
func finite(s Series) plotter.XYs {
	var out plotter.XYs
	for i := range s.X {
		if sum := s.X[i] + s.Y[i]; !math.IsNaN(sum) && !math.IsInf(sum, 0) {
			out = append(out, plotter.XY{X: s.X[i], Y: s.Y[i]})
		}
	}
	return out
}

// bulk returns the ends of the range that holds all but the outermost 1 % of values on each side, so that one spike does
// not flatten a whole curve.
func bulk(points plotter.XYs) []float64 {
	if len(points) == 0 {
		return nil
	}
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.Y
	}
	slices.Sort(values)
	cut := len(values) / 100
	return []float64{values[cut], values[len(values)-1-cut]}
}

// smooth returns means over a window of about a twentieth of the points around each; at the ends over the part of it that
// is there.
func smooth(points plotter.XYs) plotter.XYs {
	sums := make([]float64, len(points)+1)
	for i, p := range points {
		sums[i+1] = sums[i] + p.Y
	}
	half := max(1, len(points)/40)
	out := slices.Clone(points)
	for i := range out {
		from, to := max(0, i-half), min(len(points), i+half+1)
		out[i].Y = (sums[to] - sums[from]) / float64(to-from)
	}
	return out
}

// extent is the range of some values.
type extent struct{ low, high float64 }

func nothing() extent { return extent{math.Inf(1), math.Inf(-1)} }

func (e *extent) include(values ...float64) {
	for _, v := range values {
		e.low, e.high = min(e.low, v), max(e.high, v)
	}
}

// widened returns the range with a margin on both sides (as a share of it), never empty.
func (e extent) widened(margin float64) (low, high float64) {
	if e.low == e.high {
		return e.low - 0.5, e.high + 0.5
	}
	room := (e.high - e.low) * margin
	return e.low - room, e.high + room
}

// rules are pale lines at the ticks.
func rules() *plotter.Grid {
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = rule, rule
	grid.Horizontal.Width, grid.Vertical.Width = vg.Points(0.6), vg.Points(0.6)
	return grid
}

// guideLine draws a guide over the whole width.
type guideLine Guide

// Plot implements [plot.Plotter].
func (g guideLine) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	at := y(g.Y)
	if at >= c.Min.Y && at <= c.Max.Y {
		c.StrokeLine2(draw.LineStyle{Color: Guide(g).color(), Width: vg.Points(0.9), Dashes: []vg.Length{4, 3}},
			c.Min.X, at, c.Max.X, at)
	}
}

// ticks marks about five round values.
type ticks struct{}

// Ticks implements [plot.Ticker].
func (ticks) Ticks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, factor := range []float64{1, 2, 2.5, 5, 10} {
		if (high-low)/(step*factor) <= 6 {
			step *= factor
			break
		}
	}
	var out []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		value := i*step + 0 // -0 would be written with its sign
		out = append(out, plot.Tick{Value: value, Label: fmt.Sprintf("%.6g", value)})
	}
	return out
}
