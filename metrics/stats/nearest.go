package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// Neighbours are the K nearest rows of another set to each row of a set.
type Neighbours struct {
	N, K     int
	Index    []int     // [N, K]: rows of the other set, from 0, the nearest first
	Distance []float64 // [N, K]: Euclidean distances to them
}

// At returns the neighbours of row i without a copy.
func (n Neighbours) At(i int) (index []int, distance []float64) {
	return n.Index[i*n.K : (i+1)*n.K : (i+1)*n.K], n.Distance[i*n.K : (i+1)*n.K : (i+1)*n.K]
}

// First returns the distance of each row to its nearest neighbour.
func (n Neighbours) First() []float64 {
	out := make([]float64, n.N)
	for i := range out {
		out[i] = n.Distance[i*n.K]
	}
	return out
}

// Median returns the middle of some values, or the mean of the two in the middle; NaN of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// Nearest returns of each row of x the k nearest rows of y. Of equally near ones the first counts. Equal rows have the
// distance 0, without rounding. It returns an error if a side has no rows, they have different numbers of features, y has
// fewer than k rows, or a value is NaN or infinite.
func Nearest(x, y Rows, k int) (Neighbours, error) {
	if err := bothKept("nearest", &Stats{Pool: x}, &Stats{Pool: y}); err != nil {
		return Neighbours{}, err
	}
	if k < 1 || k > y.N {
		return Neighbours{}, fmt.Errorf("stats: nearest: k is %d: want 1 to %d, the number of rows to look among", k, y.N)
	}
	out := Neighbours{N: x.N, K: k, Index: make([]int, 0, x.N*k), Distance: make([]float64, 0, x.N*k)}
	newPoints(x).distances(newPoints(y), func(first int, d2 linalg.Matrix) {
		for i := range d2.Rows {
			row := x.Row(first + i)
			for _, near := range exactly(row, y, smallest(d2.Row(i), k)) {
				out.Index, out.Distance = append(out.Index, near.index), append(out.Distance, near.distance)
			}
		}
	})
	return out, nil
}

// smallest returns the indices of the k smallest values; of equal ones the first.
func smallest(values []float64, k int) []int {
	indices := make([]int, 0, k+1)
	for i, v := range values {
		if len(indices) == k && v >= values[indices[k-1]] {
			continue
		}
		at := len(indices)
		for at > 0 && v < values[indices[at-1]] {
			at--
		}
		indices = slices.Insert(indices, at, i)
		indices = indices[:min(k, len(indices))]
	}
	return indices
}

type neighbour struct {
	index    int
	distance float64
}

// exactly returns the distances of x to some rows of y, the nearest first. They are summed from differences: those that
// the candidates were found by are differences of long sums, which leave something of rounding where rows are equal.
func exactly(x []float32, y Rows, candidates []int) []neighbour {
	out := make([]neighbour, len(candidates))
	for n, i := range candidates {
		sum := 0.0
		for j, v := range y.Row(i) {
			d := float64(x[j]) - float64(v)
			sum += d * d
		}
		out[n] = neighbour{i, math.Sqrt(sum)}
	}
	slices.SortFunc(out, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.index, b.index))
	})
	return out
}
