package jpeg

import (
	"errors"
	"image"
)

// picture makes the pixels once all scans have come.
func (d *decoder) picture() (image.Image, error) {
	if d.progressive {
		for _, c := range d.components {
			c.samples()
		}
	}
	bounds := image.Rect(0, 0, d.width, d.height)
	if len(d.components) == 1 {
		c := d.components[0]
		return &image.Gray{Pix: c.plane, Stride: c.stride, Rect: bounds}, nil
	}
	model := d.model()
	if model == modelUnknown {
		return nil, errors.New("the colour transform of its Adobe marker is unknown")
	}
	ups := make([]*upsampler, len(d.components))
	rows := make([][]uint8, len(d.components))
	for i, c := range d.components {
		ups[i], rows[i] = newUpsampler(d, c), make([]uint8, d.width)
	}
	pix := make([]uint8, 4*d.width*d.height)
	for y := range d.height {
		for i, u := range ups {
			u.row(rows[i], y)
		}
		model.convert(pix[4*y*d.width:4*(y+1)*d.width], rows)
	}
	if len(d.components) == 4 {
		return &image.CMYK{Pix: pix, Stride: 4 * d.width, Rect: bounds}, nil
	}
	return &image.NRGBA{Pix: pix, Stride: 4 * d.width, Rect: bounds}, nil
}

// samples transforms the coefficients of a progressive file.
func (c *component) samples() {
	var block [64]int32
	for y := range c.blocksY {
		for x := range c.blocksX {
			at := 64 * (y*c.blocksX + x)
			for k, v := range c.coefficients[at : at+64] {
				block[k] = int32(v) * c.quant[k]
			}
			inverse(c.plane[8*y*c.stride+8*x:], c.stride, &block)
		}
	}
	c.coefficients = nil
}

// colourModel says what the components are.
type colourModel int

const (
	modelUnknown colourModel = iota
	modelYCbCr
	modelRGB
	modelCMYK
	modelYCCK
)

// model decides as the IJG software does: JFIF means YCbCr, Adobe's marker says what it is, else the numbers of the
// components do.
func (d *decoder) model() colourModel {
	if len(d.components) == 4 {
		switch {
		case !d.adobe || d.adobeTransform == 0:
			return modelCMYK
		case d.adobeTransform == 2:
			return modelYCCK
		}
		return modelUnknown
	}
	ids := [3]int{d.components[0].id, d.components[1].id, d.components[2].id}
	switch {
	case d.jfif:
		return modelYCbCr
	case d.adobe && d.adobeTransform == 0:
		return modelRGB
	case !d.adobe && ids == [3]int{'R', 'G', 'B'}:
		return modelRGB
	}
	return modelYCbCr
}

// convert makes one row of NRGBA pixels, or of CMYK. Adobe writes inks inverted, and other writers of CMYK follow it.
func (m colourModel) convert(dst []uint8, rows [][]uint8) {
	switch m {
	case modelYCbCr, modelYCCK:
		convertRow(dst, rows[0], rows[1], rows[2])
	default:
		for x := range rows[0] {
			dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = rows[0][x], rows[1][x], rows[2][x], 255
		}
	}
	switch m {
	case modelCMYK:
		for x := range rows[3] {
			for c := range 4 {
				dst[4*x+c] = 255 - rows[c][x]
			}
		}
	case modelYCCK: // the conversion gives 255 - ink, which Adobe inverts: the inks as they are
		for x, black := range rows[3] {
			dst[4*x+3] = 255 - black
		}
	}
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
