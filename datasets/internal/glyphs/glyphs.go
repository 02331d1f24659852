// Package glyphs draws letters in two free fonts, so that the truth of a translation from one to the other is known.
//
// The fonts are Liberation Serif (SIL Open Font License 1.1) and Go Bold (Bigelow & Holmes, BSD licence). All geometry is
// whole numbers, and the rasterizer is given straight lines only, so that every machine draws the same pixels.
package glyphs

import (
	"image"
	"math/rand/v2"
	"sync"

	"golang.org/x/image/vector"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/internal/arrange"
)

// Version is raised when the pixels of any letter change.
const Version = 1

// Letters are what is drawn.
const Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// The sizes that pictures may have, in pixels. Above MaxSize the rasterizer computes with floating point.
const (
	MinSize = 16
	MaxSize = 512
)

// Font is one of the two fonts, with the paper that belongs to it.
type Font int

// The fonts.
const (
	Serif Font = iota // Liberation Serif Regular on white paper
	Sans              // Go Bold on paper tinted with the ink
)

// inks are the colours of the letters. There are few, and far apart: instance normalization leaves of a picture in two
// colours little more than the direction from one to the other.
var inks = [...][3]int{
	{186, 24, 42},  // crimson
	{206, 98, 8},   // orange
	{28, 122, 56},  // green
	{8, 118, 138},  // teal
	{32, 66, 170},  // blue
	{118, 40, 142}, // purple
}

// paper is the white of both fonts. Of that of Sans one part in tint is ink. The more there is, the sooner a network learns
// the six colours, and the less the letters count: when only the paper is made right, 23 % of the mean absolute
// difference of the two pictures of a letter is left.
var paper = [3]int{246, 243, 236}

const tint = 6

// Letter is what the pictures of a letter in both fonts share.
type Letter struct {
	Index  int // in Letters
	ink    int // in inks
	height int // of a capital, in 1/1024 of the picture's size
	x, y   int // of the middle, from that of the picture, in 1/1024 of its size
	turn   int // tangent of half the angle, in 1/128
}

// New draws letter number of a stream: each of Letters and of the inks is as likely, capitals are 0.49 to 0.60 of the
// picture high, and they are shifted by up to 0.045 of it either way and turned by up to 7 degrees.
func New(stream, number uint64) Letter {
	random := rand.NewPCG(stream, number)
	around := func(limit int) int { return arrange.Below(random, 2*limit+1) - limit }
	return Letter{
		Index:  arrange.Below(random, len(Letters)),
		ink:    arrange.Below(random, len(inks)),
		height: 560 + around(60),
		x:      around(46),
		y:      around(46),
		turn:   around(8),
	}
}

// Picture draws a letter as RGB, size x size pixels, MinSize to MaxSize. The error is that of a font that cannot be read.
func (l Letter) Picture(font Font, size int) (*imaging.Image8, error) {
	f, err := faces[font]()
	if err != nil {
		return nil, err
	}
	coverage := l.rasterize(f, size)
	m := imaging.NewImage8(size, size, 3)
	for k, ink := range inks[l.ink] {
		back := paper[k]
		if font == Sans {
			back += (ink - back) / tint
		}
		for i, a := range coverage {
			m.Pix[3*i+k] = uint8((back*(255-int(a)) + ink*int(a) + 127) / 255)
		}
	}
	return m, nil
}

// subpixels is the resolution of coordinates within a pixel; float32 holds them exactly.
const subpixels = 1024

// rasterize returns the coverage of every pixel, 0 to 255.
func (l Letter) rasterize(f *face, size int) []uint8 {
	// Cosine and sine of an angle by the tangent t of its half: (1-t²)/(1+t²) and 2t/(1+t²).
	const unit = 128
	cos, sin, length := unit*unit-l.turn*l.turn, 2*unit*l.turn, unit*unit+l.turn*l.turn
	place := func(p point) (x, y float32) {
		px, py := p.x*l.height*size/f.capital, p.y*l.height*size/f.capital
		px, py = (cos*px-sin*py)/length, (sin*px+cos*py)/length
		middle := size * subpixels / 2
		return float32(middle+l.x*size+px) / subpixels, float32(middle+l.y*size+py) / subpixels
	}
	raster := vector.NewRasterizer(size, size)
	for _, contour := range f.outlines[l.Index] {
		raster.MoveTo(place(contour[0]))
		for _, p := range contour[1:] {
			raster.LineTo(place(p))
		}
		raster.ClosePath()
	}
	mask := image.NewAlpha(raster.Bounds())
	raster.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	return mask.Pix
}

// faces are the fonts; each is read once in a process, and nobody changes it.
var faces = [...]func() (*face, error){
	Serif: sync.OnceValues(func() (*face, error) { return newFace(serifTTF) }),
	Sans:  sync.OnceValues(func() (*face, error) { return newFace(sansTTF) }),
}
