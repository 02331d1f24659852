package jpeg

// upsampler brings one component to the resolution of the picture.
type upsampler struct {
	c            *component
	stepX, stepY int // picture pixels for each sample
	fancyX       bool
	fancyY       bool
	sums         []int32 // one row of samples, rows already mixed
}

// newUpsampler chooses as libjpeg-turbo does: triangles for a factor of two in width, in height or in both, except that
// components of one or two columns are repeated when the width doubles; all other factors repeat samples.
func newUpsampler(d *decoder, c *component) *upsampler {
	u := &upsampler{c: c, stepX: d.maxH / c.h, stepY: d.maxV / c.v}
	u.fancyX = u.stepX == 2 && u.stepY <= 2 && c.width > 2
	u.fancyY = u.stepY == 2 && (u.fancyX || u.stepX == 1)
	u.sums = make([]int32, c.width)
	return u
}

// row writes row y of the picture.
func (u *upsampler) row(dst []uint8, y int) {
	near := u.c.plane[y/u.stepY*u.c.stride:][:u.c.width]
	if u.fancyY {
		// The nearer sample row counts three times, the farther once; at the edges the nearer takes its place.
		far := y/2 - 1 + y%2*2
		far = min(max(far, 0), u.c.height-1)
		farRow := u.c.plane[far*u.c.stride:][:u.c.width]
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
	case u.stepX == 1:
		copy(dst, near)
	default:
		for x := range dst {
			dst[x] = near[x/u.stepX]
		}
	}
}

// widenTriangle doubles a row of at least three samples: of each two pixels the left leans to the sample on the left and
// the right to that on the right, 3 to 1, and they round differently; shift takes the sum, times 4, back to 8 bits.
func widenTriangle(dst []uint8, sums []int32, biasLeft, biasRight int32, shift uint) {
	last := len(sums) - 1
	before := sums[0]
	for i, v := range sums {
		after := sums[min(i+1, last)]
		dst[2*i] = uint8((3*v + before + biasLeft) >> shift)
		if 2*i+1 < len(dst) {
			dst[2*i+1] = uint8((3*v + after + biasRight) >> shift)
		}
		before = v
	}
}
