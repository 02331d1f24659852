package imaging

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Image8 is a picture of 8-bit samples in the order height, width, channel (HWC), without gaps between rows.
type Image8 struct {
	H, W int     // pixels
	C    int     // channels: 1 (grey), 3 (RGB) or 4 (RGBA, alpha not multiplied in)
	Pix  []uint8 // H*W*C samples in 0..255
}

// NewImage8 returns a black picture of h x w pixels with c channels (transparent, if c is 4).
// It panics if a size is negative or c is not 1, 3 or 4.
func NewImage8(h, w, c int) *Image8 {
	if h < 0 || w < 0 || (c != 1 && c != 3 && c != 4) {
		panic(fmt.Sprintf("imaging: no picture has the shape %dx%dx%d: want sizes >= 0 and 1, 3 or 4 channels", h, w, c))
	}
	return &Image8{H: h, W: w, C: c, Pix: make([]uint8, h*w*c)}
}

// Image returns the picture as an image of the standard library: image.Gray for one channel (sharing Pix), otherwise
// image.NRGBA (a copy, except for four channels).
func (m *Image8) Image() image.Image {
	bounds := image.Rect(0, 0, m.W, m.H)
	switch m.C {
	case 1:
		return &image.Gray{Pix: m.Pix, Stride: m.W, Rect: bounds}
	case 4:
		return &image.NRGBA{Pix: m.Pix, Stride: 4 * m.W, Rect: bounds}
	}
	out := image.NewNRGBA(bounds)
	for i, j := 0, 0; i < len(m.Pix); i, j = i+3, j+4 {
		copy(out.Pix[j:j+3], m.Pix[i:i+3])
		out.Pix[j+3] = 255
	}
	return out
}

// toFloat holds x/127.5 - 1 in float32 arithmetic for every sample value x.
var toFloat = func() (table [256]float32) {
	for i := range table {
		table[i] = float32(i)/127.5 - 1
	}
	return table
}()

// Floats writes the samples as x/127.5 - 1, in [-1, 1] and HWC order, to dst.
// It panics if dst does not hold H*W*C values.
func (m *Image8) Floats(dst []float32) {
	if len(dst) != len(m.Pix) {
		panic(fmt.Sprintf("imaging: %d values do not fit a picture of %dx%dx%d", len(dst), m.H, m.W, m.C))
	}
	for i, x := range m.Pix {
		dst[i] = toFloat[x]
	}
}

// FromFloats is the way out of a network: h*w*c values y in HWC order become clamp(round((y+1)*127.5), 0, 255),
// halves rounded to even as NumPy and PyTorch do; NaN becomes 0. It panics if pix does not hold h*w*c values.
func FromFloats(pix []float32, h, w, c int) *Image8 {
	m := NewImage8(h, w, c)
	if len(pix) != len(m.Pix) {
		panic(fmt.Sprintf("imaging: %d values do not make a picture of %dx%dx%d", len(pix), h, w, c))
	}
	for i, y := range pix {
		v := (y + 1) * 127.5
		switch {
		case v >= 255:
			m.Pix[i] = 255
		case v > 0: // false for NaN
			m.Pix[i] = uint8(math.RoundToEven(float64(v)))
		}
	}
	return m
}

// Grey from colour as in ITU-R BT.601 with weights of 16 bits, the rule of Pillow's convert("L").
func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// ToImage8 converts img to 1, 3 or 4 channels with the rules of Pillow's convert: alpha is dropped, not blended with
// a background; grey is replicated to RGB; colour becomes grey by (19595 R + 38470 G + 7471 B + 32768) >> 16; of
// 16-bit samples the high byte stays. The result never shares memory with img. It panics unless channels is 1, 3 or 4.
func ToImage8(img image.Image, channels int) *Image8 {
	b := img.Bounds()
	m := NewImage8(b.Dy(), b.Dx(), channels)
	var row func(y int, dst []uint8) // one row as RGBA, not premultiplied
	switch src := img.(type) {
	case *image.Gray:
		row = func(y int, dst []uint8) {
			at := src.PixOffset(b.Min.X, y)
			for x, v := range src.Pix[at : at+m.W] {
				dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = v, v, v, 255
			}
		}
	case *image.NRGBA:
		row = func(y int, dst []uint8) {
			at := src.PixOffset(b.Min.X, y)
			copy(dst, src.Pix[at:at+4*m.W])
		}
	default:
		row = genericRow(img)
	}
	line := make([]uint8, 4*m.W)
	for y := range m.H {
		row(b.Min.Y+y, line)
		packRow(m.Pix[y*m.W*channels:(y+1)*m.W*channels], line, channels)
	}
	return m
}

// packRow writes a row of RGBA samples with the wanted number of channels.
func packRow(dst, rgba []uint8, channels int) {
	switch channels {
	case 4:
		copy(dst, rgba)
	case 3:
		for i, j := 0, 0; j < len(rgba); i, j = i+3, j+4 {
			copy(dst[i:i+3], rgba[j:j+3])
		}
	default:
		for i := range dst {
			r, g, b := rgba[4*i], rgba[4*i+1], rgba[4*i+2]
			if r == g && g == b {
				dst[i] = r
				continue
			}
			dst[i] = luma(r, g, b)
		}
	}
}

// genericRow reads rows of any image through its colour model.
func genericRow(img image.Image) func(y int, dst []uint8) {
	b := img.Bounds()
	return func(y int, dst []uint8) {
		for x := range b.Dx() {
			c := nrgba(img.At(b.Min.X+x, y))
			dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = c.R, c.G, c.B, c.A
		}
	}
}

// nrgba is color.NRGBAModel with the two rules of Pillow where they differ: the high byte of 16-bit samples with
// alpha, and the conversion of inks.
func nrgba(c color.Color) color.NRGBA {
	switch c := c.(type) {
	case color.NRGBA:
		return c
	case color.NRGBA64:
		return color.NRGBA{R: uint8(c.R >> 8), G: uint8(c.G >> 8), B: uint8(c.B >> 8), A: uint8(c.A >> 8)}
	case color.CMYK:
		return color.NRGBA{R: ink(c.C, c.K), G: ink(c.M, c.K), B: ink(c.Y, c.K), A: 255}
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}

// ink is the light that an ink and black leave: (255-k) - ink*(255-k)/255, rounded.
func ink(ink, black uint8) uint8 {
	light := 255 - black
	return light - mulDiv255(ink, light)
}

// mulDiv255 is a*b/255, rounded to nearest.
func mulDiv255(a, b uint8) uint8 {
	t := uint32(a)*uint32(b) + 128
	return uint8((t>>8 + t) >> 8)
}

// CenterCrop returns the square of size x size pixels in the middle; where the margins are odd, the smaller half is on
// the left and at the top. A picture smaller than size is padded with zeros instead, so that the result always has the
// wanted size. It panics if size is not positive.
func CenterCrop(m *Image8, size int) *Image8 {
	if size <= 0 {
		panic(fmt.Sprintf("imaging: a centre crop of %d pixels makes no picture", size))
	}
	return place(m, size, size)
}

// Crop returns the h x w pixels whose left upper corner is the pixel (left, top). It panics if they are not all in m.
func Crop(m *Image8, left, top, h, w int) *Image8 {
	if left < 0 || top < 0 || h <= 0 || w <= 0 || top+h > m.H || left+w > m.W {
		panic(fmt.Sprintf("imaging: a crop of %dx%d pixels at (%d, %d) does not lie in a picture of %dx%d", w, h, left, top, m.W, m.H))
	}
	out := NewImage8(h, w, m.C)
	for y := range h {
		copy(out.Pix[y*w*m.C:(y+1)*w*m.C], m.Pix[((top+y)*m.W+left)*m.C:])
	}
	return out
}

// Pad returns the picture in the middle of h x w pixels, zeros around; a picture larger than that is cropped.
// It panics if a size is not positive.
func Pad(m *Image8, h, w int) *Image8 {
	if h <= 0 || w <= 0 {
		panic(fmt.Sprintf("imaging: padding to %dx%d makes no picture", h, w))
	}
	return place(m, h, w)
}

// place copies the middle of m to the middle of a black picture.
func place(m *Image8, h, w int) *Image8 {
	out := NewImage8(h, w, m.C)
	fromY, toY, rows := overlap(m.H, h)
	fromX, toX, columns := overlap(m.W, w)
	for y := range rows {
		src := ((fromY+y)*m.W + fromX) * m.C
		dst := ((toY+y)*w + toX) * m.C
		copy(out.Pix[dst:dst+columns*m.C], m.Pix[src:src+columns*m.C])
	}
	return out
}

// overlap gives where a line of `have` pixels, centred, meets a line of `want`.
func overlap(have, want int) (from, to, n int) {
	if have >= want {
		return (have - want) / 2, 0, want
	}
	return 0, (want - have) / 2, have
}

// FlipX returns the picture mirrored left to right.
func FlipX(m *Image8) *Image8 {
	out := NewImage8(m.H, m.W, m.C)
	for y := range m.H {
		for x := range m.W {
			src, dst := (y*m.W+x)*m.C, (y*m.W+m.W-1-x)*m.C
			copy(out.Pix[dst:dst+m.C], m.Pix[src:src+m.C])
		}
	}
	return out
}
