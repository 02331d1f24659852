package linalg

// kernel is the innermost part of a product: c [mr, nr] += a·b, for a packed [k, mr] and b packed [k, nr]. Its
// registers hold the whole of c, which is what makes a product fast. rowStride is that of c.
type kernel struct {
	name   string
	mr, nr int
	addMul func(k int, a, b, c *float64, rowStride int)
}

// maxTile is the number of elements of the largest c of any kernel.
const maxTile = 4 * 12

// portable is the kernel of machines without one in assembly, and what those are tested against.
var portable = kernel{"go", 4, 4, addMulGo}

// addMulGo has a tile of 4×4, which Go's compiler keeps in registers on most machines.
func addMulGo(k int, a, b, c *float64, rowStride int) {
	var sums [4][4]float64
	as, bs := floats(a, 4*k), floats(b, 4*k)
	for ; len(as) >= 4 && len(bs) >= 4; as, bs = as[4:], bs[4:] {
		b0, b1, b2, b3 := bs[0], bs[1], bs[2], bs[3]
		for i, v := range as[:4] {
			s := &sums[i]
			s[0] += v * b0
			s[1] += v * b1
			s[2] += v * b2
			s[3] += v * b3
		}
	}
	to := floats(c, 3*rowStride+4)
	for i := range sums {
		for j, v := range sums[i] {
			to[i*rowStride+j] += v
		}
	}
}
