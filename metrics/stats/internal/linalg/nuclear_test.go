package linalg

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// reference returns the singular values by gonum.
func reference(t *testing.T, m Matrix) []float64 {
	t.Helper()
	var svd mat.SVD
	if !svd.Factorize(dense(m), mat.SVDNone) {
		t.Fatal("gonum has no singular values")
	}
	return svd.Values(nil)
}

func TestSingularValues(t *testing.T) {
	ones := New(70, 50)
	for i := range ones.Data {
		ones.Data[i] = 1
	}
	diagonal := New(100, 100)
	for i := range 100 {
		diagonal.Set(i, i, math.Pow(10, -float64(i)/10))
	}
	graded := random(5, 90, 80)
	for i := range graded.Rows {
		for j := range graded.Cols {
			graded.Set(i, j, graded.At(i, j)*math.Pow(10, -float64(i+j)/10))
		}
	}
	identity := New(65, 65)
	for i := range 65 {
		identity.Set(i, i, 3)
	}
	deficient := mul(random(6, 120, 7), random(7, 7, 100))
	repeated := mul(random(8, 64, 64), random(9, 64, 64)) // of every singular value, two
	double := New(128, 128)
	for i := range 64 {
		for j := range 64 {
			double.Set(i, j, repeated.At(i, j))
			double.Set(i+64, j+64, repeated.At(i, j))
		}
	}
	cases := map[string]Matrix{
		"zeros": New(40, 33), "ones": ones, "diagonal": diagonal, "graded": graded, "identity": identity,
		"rank 7": deficient, "doubled": double, "huge": mul(random(1, 40, 40), diagonalOf(40, 1e150)), "tiny": mul(random(1, 40, 40), diagonalOf(40, 1e-160)),
	}
	for _, s := range [][2]int{{1, 1}, {2, 2}, {3, 3}, {3, 1}, {1, 3}, {31, 31}, {32, 32}, {33, 33}, {64, 64}, {65, 64}, {97, 96}, {100, 41}, {41, 100}, {200, 200}, {257, 129}} {
		cases[fmt.Sprint(s)] = random(4, s[0], s[1])
	}
	for name, m := range cases {
		for _, k := range rowKernels() {
			t.Run(name+"/"+k.name, func(t *testing.T) {
				want := reference(t, m)
				got := k.singularValues(m)
				if len(got) != len(want) {
					t.Fatalf("%d singular values, want %d", len(got), len(want))
				}
				for i := range want {
					// Both methods are backward stable: errors relative to the largest singular value.
					if d := math.Abs(got[i] - want[i]); !(d <= 1e-14*float64(len(want))*want[0]) {
						t.Errorf("singular value %d is %g, want %g", i, got[i], want[i])
					}
				}
			})
		}
	}
}

// diagonalOf returns v times the identity.
func diagonalOf(n int, v float64) Matrix {
	m := New(n, n)
	for i := range n {
		m.Set(i, i, v)
	}
	return m
}

func BenchmarkNuclearNorm(b *testing.B) {
	for _, n := range []int{512, 2048} {
		m := random(1, n, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				NuclearNorm(m)
			}
		})
	}
}
