package glyphs

import (
	"fmt"
	"slices"

	"codeberg.org/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

var (
	serifTTF = liberationserifregular.TTF
	sansTTF  = gobold.TTF
)

// A face is the outlines of all Letters, each with the middle of its bounding box at the origin, y downwards, in 1/64 of
// the font's unit.
type face struct {
	outlines [len(Letters)][][]point // closed contours of straight lines
	capital  int                     // the height of an H
}

type point struct{ x, y int }

// newFace reads the outlines of a TrueType font.
func newFace(ttf []byte) (*face, error) {
	font, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, err
	}
	f := &face{}
	var buffer sfnt.Buffer
	for i, letter := range Letters {
		glyph, err := font.GlyphIndex(&buffer, letter)
		if err != nil {
			return nil, err
		}
		// At one pixel a unit of the font nothing is rounded.
		segments, err := font.LoadGlyph(&buffer, glyph, fixed.I(int(font.UnitsPerEm())), nil)
		if err != nil {
			return nil, fmt.Errorf("letter %q: %w", letter, err)
		}
		f.outlines[i] = flatten(segments)
		low, high := bounds(f.outlines[i])
		for _, contour := range f.outlines[i] {
			for k := range contour {
				contour[k].x -= (low.x + high.x) / 2
				contour[k].y -= (low.y + high.y) / 2
			}
		}
		if letter == 'H' {
			f.capital = high.y - low.y
		}
	}
	return f, nil
}

// chords is how many straight lines stand for a curve.
const chords = 8

// flatten makes contours of straight lines of the lines and quadratic curves of a TrueType glyph.
func flatten(segments sfnt.Segments) (contours [][]point) {
	at := func(p fixed.Point26_6) point { return point{int(p.X), int(p.Y)} }
	for _, s := range segments {
		if s.Op == sfnt.SegmentOpMoveTo {
			contours = append(contours, []point{at(s.Args[0])})
			continue
		}
		contour := &contours[len(contours)-1]
		if s.Op == sfnt.SegmentOpLineTo {
			*contour = append(*contour, at(s.Args[0]))
			continue
		}
		a, b, c := (*contour)[len(*contour)-1], at(s.Args[0]), at(s.Args[1])
		for k := 1; k <= chords; k++ {
			bezier := func(a, b, c int) int {
				return ((chords-k)*(chords-k)*a + 2*k*(chords-k)*b + k*k*c) / (chords * chords)
			}
			*contour = append(*contour, point{bezier(a.x, b.x, c.x), bezier(a.y, b.y, c.y)})
		}
	}
	return contours
}

// bounds returns the corners of the box around contours.
func bounds(contours [][]point) (low, high point) {
	var xs, ys []int
	for _, contour := range contours {
		for _, p := range contour {
			xs, ys = append(xs, p.x), append(ys, p.y)
		}
	}
	return point{slices.Min(xs), slices.Min(ys)}, point{slices.Max(xs), slices.Max(ys)}
}
