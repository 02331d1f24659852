// Package figures draws what a run's files say: curves of a training, lines, histograms, grids over time, and the figure
// of one-dimensional densities that explains the game. Every figure has a white background, colours that stay apart for
// colour-blind readers, and its legend above the data, never on it. It links no GoMLX; everything comes from files or
// from numbers.
package figures

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Colours of lines in the order of their series: Okabe and Ito's palette, https://jfly.uni-koeln.de/color/. D is the
// first, G the second, everywhere.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xD5, 0x5E, 0x00, 0xFF}, // vermilion
	{0x00, 0x9E, 0x73, 0xFF}, // bluish green
	{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
}

var (
	ink   = color.NRGBA{0x26, 0x26, 0x26, 0xFF} // text and axes
	guide = color.NRGBA{0x76, 0x76, 0x76, 0xFF} // lines that the data should be compared with
	rule  = color.NRGBA{0xE6, 0xE6, 0xE6, 0xFF} // the grid behind the data
)

func paint(i int) color.NRGBA { return palette[i%len(palette)] }

// pale returns c mixed with white, which also prints where transparency does not.
func pale(c color.NRGBA) color.NRGBA {
	const share = 0.3
	mix := func(v uint8) uint8 { return uint8(share*float64(v) + (1-share)*255) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), 0xFF}
}

const (
	dpi = 120 // 7.5 inch wide figures have 900 pixels: sharp in a notebook, about 40 kB

	fullWidth = 7.5 * vg.Inch
	height    = 2.8 * vg.Inch
	textSize  = vg.Length(9)
	smallSize = vg.Length(8)
)

// Figure is a picture that can be drawn as PNG or SVG: one panel or several side by side, in one row or more.
type Figure struct {
	panels  []*panel
	width   vg.Length
	columns int // panels in a row; 0: all of them
}

// rows returns the number of rows and of panels in one.
func (f *Figure) rows() (rows, columns int) {
	columns = f.columns
	if columns == 0 {
		columns = len(f.panels)
	}
	return (len(f.panels) + columns - 1) / columns, columns
}

func (f *Figure) height() vg.Length {
	rows, _ := f.rows()
	return vg.Length(rows) * height
}

// PNG draws the figure with a white background, 900 pixels wide (450 for one narrow panel).
func (f *Figure) PNG() ([]byte, error) {
	canvas := vgimg.NewWith(vgimg.UseWH(f.width, f.height()), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))
	f.draw(draw.New(canvas))
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, canvas.Image()); err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	return out.Bytes(), nil
}

// SVG draws the figure as vectors. Its texts name the font and do not hold it.
func (f *Figure) SVG() ([]byte, error) {
	canvas := vgsvg.New(f.width, f.height())
	f.draw(draw.New(canvas))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	return out.Bytes(), nil
}

func (f *Figure) draw(c draw.Canvas) {
	rows, columns := f.rows()
	width, high := (c.Max.X-c.Min.X)/vg.Length(columns), (c.Max.Y-c.Min.Y)/vg.Length(rows)
	for i, p := range f.panels {
		x, y := vg.Length(i%columns), vg.Length(i/columns)
		p.draw(draw.Crop(c, x*width, -(vg.Length(columns)-1-x)*width, (vg.Length(rows)-1-y)*high, -y*high))
	}
}

// panel is one plot with its legend above it.
type panel struct {
	*plot.Plot
	legend []entry
	guides []Guide
}

// entry is one line of a legend.
type entry struct {
	name string
	line draw.LineStyle
}

// newPanel returns an empty plot in the style of all figures.
func newPanel(title, x, y string) *panel {
	p := plot.New()
	p.BackgroundColor = nil // the canvas has it; a transparent one lets SVG follow the page
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Font = sans(10.5)
	p.Title.TextStyle.Color = ink
	p.Title.Padding = textSize * 2.4 // room for the legend
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font, axis.Label.TextStyle.Color = sans(textSize), ink
		axis.Tick.Label.Font, axis.Tick.Label.Color = sans(smallSize), ink
		axis.LineStyle.Color, axis.LineStyle.Width = ink, vg.Points(0.6)
		axis.Tick.LineStyle.Color, axis.Tick.LineStyle.Width = ink, vg.Points(0.6)
		axis.Tick.Length = 4
		axis.Label.Padding = 3
	}
	return &panel{Plot: p}
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// name adds a line to the legend.
func (p *panel) name(name string, line draw.LineStyle) {
	if name != "" {
		p.legend = append(p.legend, entry{name, line})
	}
}

// draw draws the plot; the legend goes into a row between its title and its data, the names of the guides to the right.
func (p *panel) draw(c draw.Canvas) {
	style := p.X.Label.TextStyle
	style.YAlign = draw.YCenter
	small := p.X.Tick.Label
	small.XAlign, small.YAlign = draw.XLeft, draw.YCenter
	var margin vg.Length = 8
	for _, g := range p.guides {
		margin = max(margin, small.Width(g.Name)+8)
	}
	c = draw.Crop(c, 6, -margin, 4, -4)
	p.Plot.Draw(c)
	area := p.DataCanvas(c)
	x, y := area.Min.X, area.Max.Y+textSize*1.1
	thumb, gap := p.legendSpace(style, area.Max.X-area.Min.X)
	for _, e := range p.legend {
		c.StrokeLine2(e.line, x, y, x+thumb, y)
		x += thumb + 4
		x += write(c, style, x, y, e.name) + gap
	}
	for _, g := range p.guides {
		_, at := p.Transforms(&area)
		if y := at(g.Y); y >= area.Min.Y && y <= area.Max.Y {
			small.Color = g.color()
			c.FillText(small, vg.Point{X: area.Max.X + 4, Y: y}, g.Name)
		}
	}
}

// legendSpace returns the length of the lines in the legend and the distance between its entries: half as much as usual
// where the panel is too narrow.
func (p *panel) legendSpace(style draw.TextStyle, width vg.Length) (thumb, gap vg.Length) {
	thumb, gap = 18, 14
	for _, e := range p.legend {
		width -= thumb + 4 + style.Width(e.name) + gap
	}
	if width < -gap {
		return thumb / 2, gap / 2
	}
	return thumb, gap
}

// write writes text from x on, what follows a "_" as a subscript, and returns its width.
func write(c draw.Canvas, style draw.TextStyle, x, y vg.Length, text string) vg.Length {
	style.XAlign = draw.XLeft
	base, index, _ := strings.Cut(text, "_")
	c.FillText(style, vg.Point{X: x, Y: y}, base)
	width := style.Width(base)
	if index != "" {
		style.Font.Size *= 0.75
		c.FillText(style, vg.Point{X: x + width, Y: y - style.Font.Size/3}, index)
		width += style.Width(index)
	}
	return width
}
