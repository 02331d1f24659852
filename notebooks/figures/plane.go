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

// planePanel is a panel over [-reach, reach]², a third of a figure wide, which makes it about square.
func planePanel(axes Axes, reach float64) (*panel, error) {
	if !(reach > 0) {
		return nil, fmt.Errorf("figures: %q reaches to %g; want a number above 0", axes.Title, reach)
	}
	p := newPanel(axes.Title, axes.X, axes.Y)
	p.Title.TextStyle.Font, p.Title.Padding = sans(textSize), 5
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	p.Add(rules())
	return p, nil
}

// planeFigure is the figure of one such panel with all in it, cut at its edges.
func planeFigure(p *panel, reach float64) *Figure {
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -reach, reach, -reach, reach
	return &Figure{panels: []*panel{p}, width: fullWidth / 3}
}

// Scatter draws sets of points over [-reach, reach]²; the first is grey, what the others are compared with. Points beyond
// are not drawn. Several stand in rows, see [Panels].
func Scatter(axes Axes, reach float64, clouds ...Cloud) (*Figure, error) {
	p, err := planePanel(axes, reach)
	if err != nil {
		return nil, err
	}
	if err := p.scatter(clouds); err != nil {
		return nil, err
	}
	return planeFigure(p, reach), nil
}

// scatter adds points: grey the first cloud, then in the colours of G and what follows.
func (p *panel) scatter(clouds []Cloud) error {
	named := false
	for i, c := range clouds {
		if len(c.X) != len(c.Y) {
			return fmt.Errorf("figures: %q has %d x and %d y", c.Name, len(c.X), len(c.Y))
		}
		points := dots(c, i)
		points.Radius = vg.Points(0.9)
		if i == 0 {
			points.Color = guide
		}
		p.Add(points)
		p.name(c.Name, draw.LineStyle{Color: points.Color, Width: vg.Points(3)})
		named = named || c.Name != ""
	}
	if named {
		p.Title.Padding = textSize * 2.4 // room for the legend
	}
	return nil
}

// Portrait draws a vector field over [-reach, reach]² as arrows of one length, pale where it is weak, and a path through
// it: a ring where it starts, a dot where it ends.
func Portrait(axes Axes, reach float64, field func(x, y float64) (dx, dy float64), path Cloud) (*Figure, error) {
	p, err := planePanel(axes, reach)
	if err != nil {
		return nil, err
	}
	if len(path.X) != len(path.Y) || len(path.X) == 0 {
		return nil, fmt.Errorf("figures: the path of %q has %d x and %d y", axes.Title, len(path.X), len(path.Y))
	}
	p.Add(arrows{field, reach})
	line := make(plotter.XYs, len(path.X))
	for i := range line {
		line[i] = plotter.XY{X: path.X[i], Y: path.Y[i]}
	}
	mark := func(at int, shape draw.GlyphDrawer) *plotter.Scatter {
		return &plotter.Scatter{XYs: line[at : at+1], GlyphStyle: draw.GlyphStyle{Color: paint(1), Radius: vg.Points(3), Shape: shape}}
	}
	p.Add(&plotter.Line{XYs: line, LineStyle: draw.LineStyle{Color: paint(0), Width: vg.Points(0.8)}},
		mark(0, draw.RingGlyph{}), mark(len(line)-1, draw.CircleGlyph{}))
	return planeFigure(p, reach), nil
}

// arrows draws a field at arrowsSide² places.
type arrows struct {
	field func(x, y float64) (dx, dy float64)
	reach float64
}

const arrowsSide = 11

// Plot implements [plot.Plotter].
func (a arrows) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	step := 2 * a.reach / arrowsSide
	length := 0.75 * float64(toX(step)-toX(0))
	var strongest float64
	a.each(func(_, _, dx, dy float64) { strongest = max(strongest, math.Hypot(dx, dy)) })
	a.each(func(x, y, dx, dy float64) {
		strength := math.Hypot(dx, dy)
		if strength == 0 || math.IsNaN(strength) || math.IsInf(strength, 0) {
			return
		}
		ux, uy := vg.Length(dx/strength), vg.Length(dy/strength)
		half := vg.Length(length / 2)
		tail := vg.Point{X: toX(x) - half*ux, Y: toY(y) - half*uy}
		tip := vg.Point{X: toX(x) + half*ux, Y: toY(y) + half*uy}
		style := draw.LineStyle{Color: between(rule, guide, math.Sqrt(strength/strongest)), Width: vg.Points(0.8)}
		const head, spread = 3, 1.4 // points
		back := vg.Point{X: tip.X - head*ux, Y: tip.Y - head*uy}
		c.StrokeLines(style, []vg.Point{tail, tip})
		c.FillPolygon(style.Color, []vg.Point{tip, {X: back.X - spread*uy, Y: back.Y + spread*ux}, {X: back.X + spread*uy, Y: back.Y - spread*ux}})
	})
}

// each calls f with the places and the field there.
func (a arrows) each(f func(x, y, dx, dy float64)) {
	for i := range arrowsSide {
		for k := range arrowsSide {
			x, y := a.reach*(2*(float64(i)+0.5)/arrowsSide-1), a.reach*(2*(float64(k)+0.5)/arrowsSide-1)
			dx, dy := a.field(x, y)
			f(x, y, dx, dy)
		}
	}
}

// between mixes two colours; share 1 is all of b.
func between(a, b color.NRGBA, share float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round((1-share)*float64(a) + share*float64(b))) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xFF}
}

// contourLevels is the number of values that [Contours] draws lines of: a dozen panels are half a megabyte.
const contourLevels = 10

// Contours draws lines of equal value over [-reach, reach]², from blue for low values to vermilion for high ones, on a
// square grid of values [y][x] from the lower left, and points on top as [Scatter] does.
func Contours(axes Axes, reach float64, values [][]float64, clouds ...Cloud) (*Figure, error) {
	p, err := planePanel(axes, reach)
	if err != nil {
		return nil, err
	}
	var all []float64
	for _, row := range values {
		if len(row) != len(values) || len(row) < 2 {
			return nil, fmt.Errorf("figures: %q has %d rows and one of %d values; want a square", axes.Title, len(values), len(row))
		}
		all = append(all, row...)
	}
	slices.Sort(all)
	if len(all) == 0 || math.IsNaN(all[0]) || !(all[len(all)-1] > all[0]) {
		return nil, fmt.Errorf("figures: the values of %q have no levels", axes.Title)
	}
	lines := plotter.Contour{GridXYZ: square{values, reach}, Min: all[0], Max: all[len(all)-1]}
	for i := range contourLevels {
		share := (float64(i) + 0.5) / contourLevels
		lines.Levels = append(lines.Levels, all[0]+share*(all[len(all)-1]-all[0]))
		lines.LineStyles = append(lines.LineStyles, draw.LineStyle{Color: between(paint(0), paint(1), share), Width: vg.Points(0.9)})
	}
	p.Add(&lines)
	if err := p.scatter(clouds); err != nil {
		return nil, err
	}
	return planeFigure(p, reach), nil
}

// square implements [plotter.GridXYZ].
type square struct {
	values [][]float64
	reach  float64
}

// Dims returns the number of columns and rows.
func (s square) Dims() (columns, rows int) { return len(s.values), len(s.values) }

// Z returns the value of a column and a row.
func (s square) Z(column, row int) float64 { return s.values[row][column] }

// X returns the place of a column.
func (s square) X(column int) float64 {
	return s.reach * (2*float64(column)/float64(len(s.values)-1) - 1)
}

// Y returns the place of a row.
func (s square) Y(row int) float64 { return s.X(row) }
