package stats

import (
	"math"
	"testing"
)

// Values of scipy.stats.spearmanr, SciPy 1.17.1.
func TestSpearman(t *testing.T) {
	x := []float64{3, 1, 4, 1, 5, 9, 2, 6, 5, 3}
	for _, c := range []struct {
		y    []float64
		want float64
	}{
		{[]float64{2, 7, 1, 8, 2, 8, 1, 8, 2, 8}, 0.13471506281091267},
		{[]float64{30, 10, 40, 10, 50, 900, 20, 60, 50, 30}, 1},
		{[]float64{-3, -1, -4, -1, -5, -9, -2, -6, -5, -3}, -1},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, math.Inf(1)}, 0.39145378315603935},
	} {
		got, err := Spearman(x, c.y)
		if err != nil || math.Abs(got-c.want) > 1e-12 { // float64
			t.Errorf("Spearman of %v: %.15g, %v, want %.15g", c.y, got, err, c.want)
		}
	}
	for _, c := range [][2][]float64{{{1, 2}, {1}}, {{1, 1}, {1, 2}}, {{}, {}}, {{1}, {1}}, {{1, math.NaN()}, {1, 2}}} {
		if got, err := Spearman(c[0], c[1]); err == nil {
			t.Errorf("Spearman of %v: %g, want an error", c, got)
		}
	}
}
