package imaging

import "image/color"

// ditherer reduces RGB pictures to a palette with error diffusion. Package image/draw does the same, but looks at the
// whole palette for every pixel, which takes minutes for some hundred frames.
type ditherer struct {
	palette [][3]int
	exact   map[[3]uint8]uint8 // the palette's own colours
	cells   []int16            // nearest colour of each cell of cellBits bits a channel; -1: not looked for yet
}

// cellBits is the precision of the search: colours of one cell, four levels wide, get the same colour of the palette. What
// is wrong by that is diffused like all errors.
const cellBits = 6

func newDitherer(pal color.Palette) *ditherer {
	d := &ditherer{exact: map[[3]uint8]uint8{}, cells: make([]int16, 1<<(3*cellBits))}
	for i := range d.cells {
		d.cells[i] = -1
	}
	for i, c := range pal {
		rgb := c.(color.RGBA)
		d.palette = append(d.palette, [3]int{int(rgb.R), int(rgb.G), int(rgb.B)})
		d.exact[[3]uint8{rgb.R, rgb.G, rgb.B}] = uint8(i)
	}
	return d
}

// nearest returns the index of the colour of the palette that is nearest to c, of equally near ones the first.
func (d *ditherer) nearest(c [3]uint8) uint8 {
	if i, found := d.exact[c]; found {
		return i
	}
	const shift = 8 - cellBits
	cell := int(c[0]>>shift)<<(2*cellBits) | int(c[1]>>shift)<<cellBits | int(c[2]>>shift)
	if d.cells[cell] < 0 {
		best := -1
		for i, p := range d.palette {
			distance := 0
			for k := range p {
				middle := int(c[k]>>shift)<<shift + 1<<(shift-1)
				distance += (middle - p[k]) * (middle - p[k])
			}
			if best < 0 || distance < best {
				best, d.cells[cell] = distance, int16(i)
			}
		}
	}
	return uint8(d.cells[cell])
}

// draw writes to dst, [H*W], the indices of the colours of an RGB picture. What a pixel's colour is off by goes to its
// neighbours that follow: 7/16 to the right, 3/16, 5/16 and 1/16 to those below (Floyd and Steinberg 1976, "An adaptive
// algorithm for spatial grey scale").
func (d *ditherer) draw(dst []uint8, m *Image8) {
	here, below := make([][3]int, m.W+2), make([][3]int, m.W+2) // sixteenths; pixel x has the place x+1
	for y := range m.H {
		for x := range m.W {
			var want [3]int
			var c [3]uint8
			for k := range want {
				want[k] = min(max(int(m.Pix[3*(y*m.W+x)+k])+(here[x+1][k]+8)>>4, 0), 255)
				c[k] = uint8(want[k])
			}
			i := d.nearest(c)
			dst[y*m.W+x] = i
			for k, v := range d.palette[i] {
				off := want[k] - v
				here[x+2][k] += 7 * off
				below[x][k] += 3 * off
				below[x+1][k] += 5 * off
				below[x+2][k] += off
			}
		}
		here, below = below, here
		clear(below)
	}
}
