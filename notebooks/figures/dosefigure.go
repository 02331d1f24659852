package figures

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Measurements of a dose figure in pixels.
const (
	doseWidth  = 900
	doseHeight = 430 // at least: two rows of panels
	doseHead   = 44  // title and unit above the examples
	doseScale  = 2   // of the examples
	doseGap    = 6
	dosePanels = 3             // in a row
	dosePixel  = vg.Inch / dpi // as a length
)

// DoseFigure draws the doses of a name in a directory: on the left examples of the pictures, a row for each dose; beside
// them what each measure says, over the same doses. The grey band is where untouched pictures lie, see [Verdicts].
func DoseFigure(dir, name string) (image.Image, error) {
	d, err := ReadDoses(dir, name)
	if err != nil {
		return nil, err
	}
	draws, err := ReadDoses(dir, floorName)
	if err != nil {
		return nil, err
	}
	rows := make([]image.Image, len(d.Doses))
	label := newLabeller()
	side, row := 0, image.Point{}
	for i, dose := range d.Doses {
		if rows[i], err = png.Decode(bytes.NewReader(dose.Examples)); err != nil {
			return nil, fmt.Errorf("figures: the examples of the dose %q: %w", dose.Label, err)
		}
		side = max(side, label.width(dose.Label)+2*doseGap)
		size := rows[i].Bounds().Size().Mul(doseScale)
		row = image.Pt(max(row.X, size.X), max(row.Y, size.Y))
	}
	left := side + row.X + 2*doseGap
	high := max(doseHeight, doseHead+len(rows)*(row.Y+doseGap))
	canvas := vgimg.NewWith(vgimg.UseWH(doseWidth*dosePixel, vg.Length(high)*dosePixel), vgimg.UseDPI(dpi),
		vgimg.UseBackgroundColor(color.White))
	if err := drawDosePanels(draw.New(canvas), vg.Length(left)*dosePixel, d, draws); err != nil {
		return nil, err
	}
	out := canvas.Image()
	label.write(out, doseGap, doseHead/4, d.Title)
	label.write(out, doseGap, doseHead*3/4-2, d.Unit)
	for i, img := range rows {
		top := doseHead + i*(row.Y+doseGap)
		text := d.Doses[i].Label
		label.write(out, side-doseGap-label.width(text), top+row.Y/2, text)
		paste(out, side, top, img, doseScale)
	}
	return out, nil
}

// doseGroups are the measures of each panel: one, or several with a common axis.
var doseGroups = [][]measure{measures[0:1], measures[1:2], measures[2:3], measures[3:5], measures[5:6], measures[6:7]}

// drawDosePanels draws all panels to the right of left.
func drawDosePanels(c draw.Canvas, left vg.Length, d, draws Doses) error {
	c = draw.Crop(c, left, 0, 0, 0)
	width, height := (c.Max.X-c.Min.X)/dosePanels, (c.Max.Y-c.Min.Y)/2
	for i, group := range doseGroups {
		p, err := dosePanel(group, d, draws)
		if err != nil {
			return err
		}
		x, y := c.Min.X+vg.Length(i%dosePanels)*width, c.Max.Y-vg.Length(i/dosePanels+1)*height
		p.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + width, Y: y + height}}})
	}
	return nil
}

// dosePanel draws measures over the doses, which stand at equal distances whatever their numbers.
func dosePanel(group []measure, d, draws Doses) (*panel, error) {
	title := group[0].title
	if len(group) > 1 {
		title = " " // its place is the legend's
	}
	p := newPanel(title, "", "")
	p.Title.TextStyle.Font, p.Title.Padding = sans(textSize), 5
	p.Add(rules())
	y := nothing()
	var lines []plot.Plotter
	for i, m := range group {
		f, err := floorOf(draws, m)
		if err != nil {
			return nil, err
		}
		values, err := d.values(m)
		if err != nil {
			return nil, err
		}
		low, high := f.band()
		p.Add(band{low, high})
		y.include(low, high)
		y.include(values...)
		points := make(plotter.XYs, len(values))
		for k, v := range values {
			points[k] = plotter.XY{X: float64(k), Y: v}
		}
		style := draw.LineStyle{Color: paint(i), Width: vg.Points(1.6)}
		lines = append(lines, &plotter.Line{XYs: points, LineStyle: style},
			&plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: paint(i), Radius: vg.Points(1.8), Shape: draw.CircleGlyph{}}})
		if len(group) > 1 {
			p.name(m.title, style)
		}
	}
	p.Add(lines...) // before the bands of all
	var marks []plot.Tick
	for k, dose := range d.Doses {
		marks = append(marks, plot.Tick{Value: float64(k), Label: dose.Label})
	}
	p.X.Min, p.X.Max = -0.2, float64(len(d.Doses))-0.8
	p.Y.Min, p.Y.Max = y.widened(0.05)
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(marks), ticks{}
	p.X.Tick.Label.Font, p.Y.Tick.Label.Font = sans(6.5), sans(7)
	return p, nil
}

// band fills a range of y over the whole width.
type band struct{ low, high float64 }

// Plot implements [plot.Plotter].
func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	low, high := max(y(b.low), c.Min.Y), min(y(b.high), c.Max.Y)
	if low < high {
		c.FillPolygon(rule, []vg.Point{{X: c.Min.X, Y: low}, {X: c.Max.X, Y: low}, {X: c.Max.X, Y: high}, {X: c.Min.X, Y: high}})
	}
}
