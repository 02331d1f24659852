package stats

import (
	"fmt"

	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// Rows is a matrix of feature vectors [N, D], one row a picture.
type Rows struct {
	N, D int
	Data []float32 // len(Data) == N*D, row after row
}

// Row returns row i without a copy.
func (r Rows) Row(i int) []float32 { return r.Data[i*r.D : (i+1)*r.D : (i+1)*r.D] }

// check returns an error if the data has another length than the shape says, or names the first row with a NaN or an
// infinity.
func (r Rows) check() error {
	if r.N < 0 || r.D <= 0 || len(r.Data) != r.N*r.D {
		return fmt.Errorf("%d numbers are no %d rows of %d features", len(r.Data), r.N, r.D)
	}
	for i := range r.N {
		for j, v := range r.Row(i) {
			if v-v != 0 {
				return fmt.Errorf("feature %d of row %d (counted from 0) is %v: the network or its input is broken", j, i, v)
			}
		}
	}
	return nil
}

// centred returns the rows less mean, times scale.
func (r Rows) centred(mean []float64, scale float64) linalg.Matrix {
	m := linalg.New(r.N, r.D)
	for i := range r.N {
		to := m.Row(i)
		for j, v := range r.Row(i) {
			to[j] = (float64(v) - mean[j]) * scale
		}
	}
	return m
}

// choose returns the rows of the given numbers as float64, times scale.
func (r Rows) choose(numbers []int, scale float64) linalg.Matrix {
	m := linalg.New(len(numbers), r.D)
	for i, number := range numbers {
		to := m.Row(i)
		for j, v := range r.Row(number) {
			to[j] = float64(v) * scale
		}
	}
	return m
}

// wide returns at most count rows from row first on, as float64.
func (r Rows) wide(first, count int) linalg.Matrix {
	m := linalg.New(min(count, r.N-first), r.D)
	for i, v := range r.Data[first*r.D : (first+m.Rows)*r.D] {
		m.Data[i] = float64(v)
	}
	return m
}
