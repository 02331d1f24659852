package gan

import (
	"fmt"
	"math"
	"testing"
)

func TestInterpolation(t *testing.T) {
	a, b := []float32{2, 0}, []float32{0, 2}
	line, circle := Lerp(a, b, 3), Slerp(a, b, 3)
	near(t, "middle of the line", float64(line[1][0]), 1, 1e-7)
	// Halfway between two vectors of length 2 at a right angle: (√2, √2), of the same length.
	near(t, "middle of the circle", float64(circle[1][0]), math.Sqrt2, 1e-6)
	near(t, "middle of the circle", float64(circle[1][1]), math.Sqrt2, 1e-6)
	for i, want := range [][]float32{a, b} {
		for _, path := range [][][]float32{line, circle} {
			for k, v := range path[2*i] {
				near(t, fmt.Sprintf("end %d", i), float64(v), float64(want[k]), 1e-6)
			}
		}
	}
	for _, v := range Slerp(a, []float32{-2, 0}, 5) {
		if math.IsNaN(float64(v[0])) || math.IsNaN(float64(v[1])) {
			t.Errorf("opposite ends give %v", v)
		}
	}
}
