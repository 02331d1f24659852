package imaging

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// The VP8 frames of a lossy WebP hold YCbCr of BT.601 in studio range (luma 16..235). Go's decoder hands the planes out
// as if they were JPEG's full range and repeats chroma samples, which is 13 levels off in the mean. This file converts
// them as libwebp does: triangle upsampling, fixed-point weights with 14 fractional bits.

// decodeWebP returns image.NRGBA.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	switch m := img.(type) {
	case *image.YCbCr:
		return fromStudio(m), nil
	case *image.NYCbCrA:
		out := fromStudio(&m.YCbCr)
		for y := range out.Rect.Dy() {
			for x := range out.Rect.Dx() {
				out.Pix[y*out.Stride+4*x+3] = m.A[y*m.AStride+x]
			}
		}
		return out, nil
	}
	return img, nil
}

// fromStudio upsamples and converts a decoded 4:2:0 picture.
func fromStudio(m *image.YCbCr) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	cw, ch := (w+1)/2, (h+1)/2
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	cb, cr := make([]uint8, w), make([]uint8, w)
	for y := range h {
		near := y / 2
		far := min(max(near-1+y%2*2, 0), ch-1)
		widenSquare(cb, m.Cb[near*m.CStride:][:cw], m.Cb[far*m.CStride:][:cw])
		widenSquare(cr, m.Cr[near*m.CStride:][:cw], m.Cr[far*m.CStride:][:cw])
		studioRow(out.Pix[y*out.Stride:], m.Y[y*m.YStride:][:w], cb, cr)
	}
	return out
}

// widenSquare doubles a row of chroma: each pixel is 9/16 of its sample, 3/16 of the two beside it and 1/16 of the one
// across, summed in two steps of which each rounds down, after an addition of 8/16.
func widenSquare(dst, near, far []uint8) {
	edge := func(i int) uint8 { return uint8((3*int(near[i]) + int(far[i]) + 2) >> 2) }
	dst[0] = edge(0)
	for i := 1; i < len(near); i++ {
		n0, n1, f0, f1 := int(near[i-1]), int(near[i]), int(far[i-1]), int(far[i])
		dst[2*i-1] = uint8(((n0+3*n1+3*f0+f1+8)>>3 + n0) >> 1)
		if 2*i < len(dst) {
			dst[2*i] = uint8(((3*n0+n1+f0+3*f1+8)>>3 + n1) >> 1)
		}
	}
	if len(dst)%2 == 0 {
		dst[len(dst)-1] = edge(len(near) - 1)
	}
}

// Weights with 14 fractional bits, of which a product keeps 6; the offsets hold the 16 and 128 of the studio range and
// half a level.
const (
	studioLuma = 19077 // 255/219
	studioCrR  = 26149 // 1.596
	studioCbG  = 6419  // 0.392
	studioCrG  = 13320 // 0.813
	studioCbB  = 33050 // 2.017
	offsetR    = -14234
	offsetG    = 8708
	offsetB    = -17685
)

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// studioRow makes one row of opaque NRGBA pixels.
func studioRow(dst, luma, cb, cr []uint8) {
	for x, yy := range luma {
		y, b, r := int32(yy)*studioLuma>>8, int32(cb[x]), int32(cr[x])
		p := dst[4*x : 4*x+4 : 4*x+4]
		p[0] = clamp((y + r*studioCrR>>8 + offsetR) >> 6)
		p[1] = clamp((y - b*studioCbG>>8 - r*studioCrG>>8 + offsetG) >> 6)
		p[2] = clamp((y + b*studioCbB>>8 + offsetB) >> 6)
		p[3] = 255
	}
}
