package jpeg

// The inverse cosine transform after C. Loeffler, A. Ligtenberg and G. Moschytz, "Practical fast 1-D DCT algorithms with
// 11 multiplications", ICASSP 1989, in integers as the accurate transform of the IJG software computes it: constants
// with 13 fractional bits, two more bits kept between the passes, rounding to nearest after each pass.

// Constants times 2^13, rounded.
const (
	fix0298 = 2446
	fix0390 = 3196
	fix0541 = 4433
	fix0765 = 6270
	fix0899 = 7373
	fix1175 = 9633
	fix1501 = 12299
	fix1847 = 15137
	fix1961 = 16069
	fix2053 = 16819
	fix2562 = 20995
	fix3072 = 25172
)

const (
	constBits = 13
	passBits  = 2 // kept after the first pass
)

// inverse transforms one block of dequantized coefficients, first its columns and then its rows, to 64 samples.
func inverse(dst []uint8, stride int, block *[64]int32) {
	for x := range 8 {
		c := block[x : x+57 : x+57]
		if c[8]|c[16]|c[24]|c[32]|c[40]|c[48]|c[56] == 0 {
			dc := c[0] << passBits
			c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56] = dc, dc, dc, dc, dc, dc, dc, dc
			continue
		}
		const shift, half = constBits - passBits, 1 << (constBits - passBits - 1)
		e0, e1, e2, e3 := even(c[0], c[16], c[32], c[48], half)
		o0, o1, o2, o3 := odd(c[8], c[24], c[40], c[56])
		c[0], c[56] = (e0+o0)>>shift, (e0-o0)>>shift
		c[8], c[48] = (e1+o1)>>shift, (e1-o1)>>shift
		c[16], c[40] = (e2+o2)>>shift, (e2-o2)>>shift
		c[24], c[32] = (e3+o3)>>shift, (e3-o3)>>shift
	}
	for y := range 8 {
		r := block[8*y : 8*y+8 : 8*y+8]
		out := dst[y*stride : y*stride+8 : y*stride+8]
		// Two bits of the first pass and a factor of 8 of the two-dimensional transform; samples are shifted by 128.
		const shift, half = constBits + passBits + 3, 1<<(constBits+passBits+2) + 128<<(constBits+passBits+3)
		e0, e1, e2, e3 := even(r[0], r[2], r[4], r[6], half)
		o0, o1, o2, o3 := odd(r[1], r[3], r[5], r[7])
		out[0], out[7] = clamp((e0+o0)>>shift), clamp((e0-o0)>>shift)
		out[1], out[6] = clamp((e1+o1)>>shift), clamp((e1-o1)>>shift)
		out[2], out[5] = clamp((e2+o2)>>shift), clamp((e2-o2)>>shift)
		out[3], out[4] = clamp((e3+o3)>>shift), clamp((e3-o3)>>shift)
	}
}

// even gives what the even coefficients add to outputs 0..3 and, mirrored, to 7..4, with a constant added.
func even(x0, x2, x4, x6, add int32) (y0, y1, y2, y3 int32) {
	r := (x2 + x6) * fix0541
	near, far := r+x2*fix0765, r-x6*fix1847
	sum, difference := (x0+x4)<<constBits+add, (x0-x4)<<constBits+add
	return sum + near, difference + far, difference - far, sum - near
}

// odd gives what the odd coefficients add to outputs 0..3 and take from 7..4.
func odd(x1, x3, x5, x7 int32) (y0, y1, y2, y3 int32) {
	a, b := x7+x3, x5+x1
	both := (a + b) * fix1175
	a, b = both-a*fix1961, both-b*fix0390
	outer, inner := (x7+x1)*fix0899, (x5+x3)*fix2562
	return x1*fix1501 - outer + b, x3*fix3072 - inner + a, x5*fix2053 - inner + b, x7*fix0298 - outer + a
}

func clamp(v int32) uint8 {
	if uint32(v) <= 255 {
		return uint8(v)
	}
	return uint8(^v >> 31) // 0 below, 255 above
}
