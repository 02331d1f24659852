package gan

import "math"

// Lerp returns steps points on the line from a to b, both ends included; steps is at least 2. For latents of a
// uniform distribution.
func Lerp(a, b []float32, steps int) [][]float32 {
	return between(steps, func(t float64) []float32 { return mix(a, b, 1-t, t) })
}

// Slerp returns steps points on the great circle from a to b, both ends included; steps is at least 2. For latents of
// N(0, I), which lie near a sphere: points on the line between two of them are shorter than any that G has seen.
//
//	q(t) = sin((1-t)ω)/sin ω · a + sin(tω)/sin ω · b,    cos ω = a·b / (|a||b|)
//
// White 2016, https://arxiv.org/abs/1609.04468, section 2.1 (after Shoemake 1985). Where a and b point the same or the
// opposite way the circle is not defined, and the line is taken.
func Slerp(a, b []float32, steps int) [][]float32 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	omega := math.Acos(max(-1, min(1, ab/math.Sqrt(aa*bb))))
	if s := math.Sin(omega); s > 1e-6 {
		return between(steps, func(t float64) []float32 {
			return mix(a, b, math.Sin((1-t)*omega)/s, math.Sin(t*omega)/s)
		})
	}
	return Lerp(a, b, steps)
}

func between(steps int, at func(t float64) []float32) [][]float32 {
	out := make([][]float32, max(2, steps))
	for i := range out {
		out[i] = at(float64(i) / float64(len(out)-1))
	}
	return out
}

func mix(a, b []float32, wa, wb float64) []float32 {
	out := make([]float32, len(a))
	for i := range out {
		out[i] = float32(wa*float64(a[i]) + wb*float64(b[i]))
	}
	return out
}
