package linalg

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
)

// gram returns x·xᵀ, positive semi-definite of x's rank.
func gram(x Matrix) Matrix { return mul(x, x.T()) }

func TestFactor(t *testing.T) {
	scaled := random(1, 90, 200)
	for i := range scaled.Rows {
		for j := range scaled.Cols {
			scaled.Set(i, j, scaled.At(i, j)*math.Pow(10, -float64(i)/30)) // variances from 1 to 1e-6
		}
	}
	silent := random(1, 80, 200) // features that never fire
	for _, i := range []int{0, 5, 79} {
		clear(silent.Row(i))
	}
	for _, c := range []struct {
		name       string
		a          Matrix
		rank       int
		triangular bool
	}{
		{"one", gram(random(1, 1, 3)), 1, true},
		{"two", gram(random(1, 2, 3)), 2, true},
		{"block", gram(random(1, 64, 100)), 64, true},
		{"beyond a block", gram(random(1, 65, 100)), 65, true},
		{"many", gram(random(1, 200, 300)), 200, true},
		{"unequal", gram(scaled), 90, true},
		{"silent", gram(silent), 77, false},
		{"rank 7", gram(random(1, 100, 7)), 7, false},
		{"rank 70", gram(random(1, 150, 70)), 70, false},
		{"rank 149", gram(random(1, 150, 149)), 149, false},
		{"zeros", New(20, 20), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := c.a.Clone()
			l, triangular, left := Factor(c.a)
			if triangular != c.triangular || l.Rows != c.a.Rows || l.Cols != c.rank {
				t.Errorf("factor is [%d, %d], triangular %v, want rank %d, triangular %v", l.Rows, l.Cols, triangular, c.rank, c.triangular)
			}
			if left > 1e-12 {
				t.Errorf("%g of the largest variance is left", left)
			}
			closeTo(t, gram(l), before, 1e-13*float64(l.Rows)*largestDiagonal(before)) // backward stable
			closeTo(t, c.a, before, 0)
			for i := range l.Rows {
				for j := i + 1; triangular && j < l.Cols; j++ {
					if l.At(i, j) != 0 {
						t.Fatalf("element (%d, %d) above the diagonal is %g", i, j, l.At(i, j))
					}
				}
			}
		})
	}
}

// A matrix with negative eigenvalues has no factor: what is left says how far it is from having one.
func TestFactorOfIndefinite(t *testing.T) {
	if _, _, left := Factor(diagonalOf(5, -1)); left != 1 {
		t.Errorf("of -I, %g of the largest variance is left, want 1", left)
	}
	// Noise of 1e-7 around a matrix of rank 10, as rounding to float32 leaves: it is dropped, and does not grow.
	a := gram(random(1, 100, 10))
	noise := random(2, 100, 100)
	for i := range 100 {
		for j := range i + 1 {
			a.Set(i, j, a.At(i, j)+1e-7*noise.At(i, j))
			a.Set(j, i, a.At(i, j))
		}
	}
	l, triangular, left := Factor(a)
	if triangular || left > 1e-6 || l.Cols < 10 {
		t.Errorf("rank %d, triangular %v, %g left", l.Cols, triangular, left)
	}
	closeTo(t, gram(l), a, 1e-5)
}

// The number of threads does not change a bit.
func TestThreads(t *testing.T) {
	compute := func(threads int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		full, _, _ := Factor(gram(random(1, 200, 300)))
		deficient, _, _ := Factor(gram(random(1, 200, 100)))
		out := append(full.Clone().Data, deficient.Clone().Data...)
		return append(out, bestRows.singularValues(random(3, 300, 250))...)
	}
	want := compute(1)
	for _, threads := range []int{2, 5} {
		if !slices.Equal(compute(threads), want) {
			t.Errorf("%d threads give other bits than 1", threads)
		}
	}
}

func BenchmarkFactor(b *testing.B) {
	for _, cols := range []int{3000, 1000} {
		a := gram(random(1, 2048, cols))
		b.Run(fmt.Sprint("rank", min(cols, 2048)), func(b *testing.B) {
			for b.Loop() {
				Factor(a)
			}
		})
	}
}
