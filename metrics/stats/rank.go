package stats

import (
	"fmt"
	"math"
	"slices"
)

// Spearman returns the rank correlation of pairs (x, y), in [-1, 1]: Pearson's correlation of their ranks, where equal
// values share the mean of their ranks. 1 and -1 say that y rises or falls with x, along whatever curve. Spearman 1904,
// https://doi.org/10.2307/1412159. It returns an error if x and y have different lengths, hold NaN, or one of them does not
// have two different values.
func Spearman(x, y []float64) (float64, error) {
	if len(x) != len(y) {
		return 0, fmt.Errorf("stats: %d x and %d y are no pairs", len(x), len(y))
	}
	for i := range x {
		if math.IsNaN(x[i]) || math.IsNaN(y[i]) {
			return 0, fmt.Errorf("stats: pair %d is (%g, %g), which has no rank", i, x[i], y[i])
		}
	}
	a, b := ranks(x), ranks(y)
	mean := float64(len(x)+1) / 2
	var aa, bb, ab float64
	for i := range a {
		aa += (a[i] - mean) * (a[i] - mean)
		bb += (b[i] - mean) * (b[i] - mean)
		ab += (a[i] - mean) * (b[i] - mean)
	}
	if aa == 0 || bb == 0 {
		return 0, fmt.Errorf("stats: of %d pairs all x or all y are equal; ranks need two different values of each", len(x))
	}
	return ab / math.Sqrt(aa*bb), nil
}

// ranks returns the rank of each value, from 1; equal values get the mean of theirs.
func ranks(values []float64) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	out := make([]float64, len(values))
	for i, v := range values {
		first, _ := slices.BinarySearch(sorted, v)
		last := first
		for last+1 < len(sorted) && sorted[last+1] == v {
			last++
		}
		out[i] = float64(first+last)/2 + 1
	}
	return out
}
