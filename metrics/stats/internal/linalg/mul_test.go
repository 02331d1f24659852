package linalg

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/gogan-ml/gogan/internal/golden"
)

// random returns a matrix of numbers in [-1, 1) by formula.
func random(salt uint32, rows, cols int) Matrix {
	m := New(rows, cols)
	for i, v := range golden.Values(salt, rows*cols) {
		m.Data[i] = float64(v)
	}
	return m
}

// dense returns m for gonum.
func dense(m Matrix) *mat.Dense { return mat.NewDense(m.Rows, m.Cols, m.Clone().Data) }

func TestAddMul(t *testing.T) {
	for _, k := range kernels() {
		for _, s := range []struct{ m, k, n int }{{1, 1, 1}, {2, 3, 5}, {8, 7, 24}, {9, 1, 25}, {97, 256, 241}, {100, 257, 50}, {33, 600, 300}, {3, 0, 4}, {0, 3, 4}} {
			for view := range 4 {
				a, b := random(1, s.m, s.k), random(2, s.k, s.n)
				if view&1 != 0 {
					a = random(1, s.k, s.m).T()
				}
				if view&2 != 0 {
					b = random(2, s.n, s.k).T()
				}
				t.Run(fmt.Sprint(k.name, s, view), func(t *testing.T) {
					whole := random(3, s.m+2, s.n+3)
					c := whole.Slice(1, s.m+1, 2, s.n+2)
					want := whole.Clone()
					for i := range s.m {
						for j := range s.n {
							for l := range s.k {
								want.Data[(i+1)*want.Cols+j+2] += 0.5 * a.At(i, l) * b.At(l, j)
							}
						}
					}
					k.product(c, 0.5, a, b, Full)
					closeTo(t, whole, want, 1e-12) // sums of at most 600 products below 1, and nothing beyond the view
				})
			}
		}
	}
}

func TestAddMulLower(t *testing.T) {
	for _, k := range kernels() {
		for _, n := range []int{1, 5, 24, 100, 250} {
			a := random(1, n, 70)
			c, want := New(n, n), New(n, n)
			k.product(c, 2, a, a.T(), Lower)
			portable.product(want, 2, a, a.T(), Full)
			for i := range n {
				for j := range n {
					if j > i {
						c.Set(i, j, want.At(i, j))
					}
				}
			}
			closeTo(t, c, want, 1e-12)
		}
	}
}

// closeTo fails if an element is further from what it should be than tolerance.
func closeTo(t *testing.T, got, want Matrix, tolerance float64) {
	t.Helper()
	for i := range want.Rows {
		for j := range want.Cols {
			if d := math.Abs(got.At(i, j) - want.At(i, j)); !(d <= tolerance) {
				t.Fatalf("element (%d, %d) is %g, want %g", i, j, got.At(i, j), want.At(i, j))
			}
		}
	}
}

func BenchmarkAddMul(b *testing.B) {
	for _, s := range []struct{ m, k, n int }{{2048, 2048, 2048}, {2048, 64, 2048}, {32, 2048, 2048}, {2048, 2048, 32}, {1000, 2048, 1000}} {
		x, y, c := random(1, s.m, s.k), random(2, s.k, s.n), New(s.m, s.n)
		for _, k := range kernels() {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", k.name, s.m, s.k, s.n), func(b *testing.B) {
				for b.Loop() {
					k.product(c, 1, x, y, Full)
				}
				b.ReportMetric(2*float64(s.m)*float64(s.k)*float64(s.n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
