package imaging

import (
	"image"
	"image/jpeg"
	"io"
)

// Go's JPEG decoder leaves the chroma planes at their stored resolution and repeats their samples when colours are
// read. libjpeg-turbo, by which every Python program decodes, interpolates them ("fancy upsampling"), which is up to
// 43 levels away. This file does what libjpeg-turbo does, with its rounding, on the planes that Go decodes.

// decodeJPEG returns image.Gray for grey files, otherwise image.NRGBA without transparency (CMYK stays CMYK; its
// chroma, if stored as YCCK at a lower resolution, is the one case that is repeated).
func decodeJPEG(r io.Reader) (image.Image, error) {
	img, err := jpeg.Decode(r)
	if err != nil {
		return nil, err
	}
	if ycc, ok := img.(*image.YCbCr); ok {
		return fromYCbCr(ycc), nil
	}
	return img, nil
}

// fromYCbCr upsamples and converts a decoded picture row by row.
func fromYCbCr(m *image.YCbCr) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	up := upsamplerOf(m.SubsampleRatio, w, h)
	cb, cr := make([]uint8, w), make([]uint8, w)
	for y := range h {
		up.row(cb, m.Cb, m.CStride, y)
		up.row(cr, m.Cr, m.CStride, y)
		convertRow(out.Pix[y*out.Stride:], m.Y[y*m.YStride:y*m.YStride+w], cb, cr)
	}
	return out
}

// Fixed-point weights of the conversion of JFIF with 16 fractional bits, each rounded to nearest.
const (
	crToR = 91881  // 1.40200
	cbToB = 116130 // 1.77200
	crToG = 46802  // 0.71414
	cbToG = 22554  // 0.34414
)

// convertRow makes one row of opaque NRGBA pixels. The shifts round to nearest, towards plus infinity at halves.
func convertRow(dst, luma, cb, cr []uint8) {
	const half = 1 << 15
	for x, yy := range luma {
		y, b, r := int32(yy), int32(cb[x])-128, int32(cr[x])-128
		p := dst[4*x : 4*x+4 : 4*x+4]
		p[0] = clamp(y + (crToR*r+half)>>16)
		p[1] = clamp(y + (half-cbToG*b-crToG*r)>>16)
		p[2] = clamp(y + (cbToB*b+half)>>16)
		p[3] = 255
	}
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// upsampler brings one chroma plane to the resolution of the picture.
type upsampler struct {
	w, h         int // of the picture
	cw, ch       int // of the plane
	stepX, stepY int // picture pixels for each chroma sample
	fancyX       bool
	fancyY       bool
	sums         []int32 // one row of the plane, rows already mixed, times 4
}

// upsamplerOf chooses as libjpeg-turbo does: triangles for a factor of two in width, in height or in both, except that
// planes of one or two columns are repeated when the width doubles; all other factors repeat samples.
func upsamplerOf(ratio image.YCbCrSubsampleRatio, w, h int) *upsampler {
	u := &upsampler{w: w, h: h, stepX: 1, stepY: 1}
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		u.stepX = 2
	case image.YCbCrSubsampleRatio420:
		u.stepX, u.stepY = 2, 2
	case image.YCbCrSubsampleRatio440:
		u.stepY = 2
	case image.YCbCrSubsampleRatio411:
		u.stepX = 4
	case image.YCbCrSubsampleRatio410:
		u.stepX, u.stepY = 4, 2
	}
	u.cw, u.ch = (w+u.stepX-1)/u.stepX, (h+u.stepY-1)/u.stepY
	u.fancyX = u.stepX == 2 && u.cw > 2
	u.fancyY = u.stepY == 2 && (u.fancyX || u.stepX == 1)
	u.sums = make([]int32, u.cw)
	return u
}

// row writes row y of the picture.
func (u *upsampler) row(dst, plane []uint8, stride, y int) {
	near := plane[y/u.stepY*stride:][:u.cw]
	if u.fancyY {
		// The nearer sample row counts three times, the farther once; at the edges the nearer takes its place.
		far := y/2 - 1 + y%2*2
		far = min(max(far, 0), u.ch-1)
		farRow := plane[far*stride:][:u.cw]
		for x, v := range near {
			u.sums[x] = 3*int32(v) + int32(farRow[x])
		}
	}
	switch {
	case u.fancyX && u.fancyY:
		widenTriangle(dst, u.sums, 8, 7, 4)
	case u.fancyX:
		for x, v := range near {
			u.sums[x] = int32(v)
		}
		widenTriangle(dst, u.sums, 1, 2, 2)
	case u.fancyY:
		// The two rows that one sample row becomes round in opposite directions.
		bias := int32(1 + y%2)
		for x, v := range u.sums {
			dst[x] = uint8((v + bias) >> 2)
		}
	default:
		for x := range dst {
			dst[x] = near[x/u.stepX]
		}
	}
}

// widenTriangle doubles a row: of each two pixels the left leans to the sample on the left and the right to that on
// the right, 3 to 1, and they round differently; shift takes the sum, times 4, back to 8 bits.
func widenTriangle(dst []uint8, sums []int32, biasLeft, biasRight int32, shift uint) {
	last := len(sums) - 1
	for x := range dst {
		i := x / 2
		v := sums[i]
		switch {
		case x%2 == 0 && i == 0:
			dst[x] = uint8((4*v + biasLeft) >> shift)
		case x%2 == 0:
			dst[x] = uint8((3*v + sums[i-1] + biasLeft) >> shift)
		case i == last:
			dst[x] = uint8((4*v + biasRight) >> shift)
		default:
			dst[x] = uint8((3*v + sums[i+1] + biasRight) >> shift)
		}
	}
}
