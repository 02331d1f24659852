package linalg

import (
	"math"

	"gonum.org/v1/gonum/lapack/gonum"
)

// NuclearNorm returns the sum of the singular values of m. The error is that of a backward stable
// method: rounding relative to the largest singular value, also for the smallest ones. (The eigenvalues of m·mᵀ would
// have that error in the squares, and half of the digits of the small ones would be lost.)
//
// m is made bidiagonal in two steps: to a band of 32 diagonals, with products of matrices (Großer and Lang 1999,
// "Efficient parallel reduction to bidiagonal form", https://doi.org/10.1016/S0167-8191(99)00041-1), then from the band
// to two diagonals, within the cache (Lang 1996). The direct way spends half of its time on products of the whole matrix
// with a vector, which are bound by memory. The singular values of the bidiagonal matrix come from LAPACK's dqds.
func NuclearNorm(m Matrix) float64 {
	sum := 0.0
	for _, s := range bestRows.singularValues(m) {
		sum += s
	}
	return sum
}

// singularValues returns the singular values, the largest first.
func (k rowKernel) singularValues(m Matrix) []float64 {
	if m.Rows < m.Cols {
		m = m.T()
	}
	n := m.Cols
	if n == 0 {
		return nil // the factor of a covariance of zero has no columns
	}
	// With elements between 1/2 and 1 for the largest no square over- or underflows; the power of two is exact.
	_, exponent := math.Frexp(largest(m))
	d, e := k.bidiagonal(k.toBand(m.padded(math.Ldexp(1, -exponent))))
	if info := (gonum.Implementation{}).Dlasq1(n, d, e, make([]float64, 4*n)); info != 0 {
		panic("linalg: the singular values did not converge") // not seen for finite numbers
	}
	for i := range d {
		d[i] = math.Ldexp(d[i], exponent)
	}
	return d
}

// largest returns the largest magnitude in m.
func largest(m Matrix) float64 {
	largest := 0.0
	for i := range m.Rows {
		for j := range m.Cols {
			largest = max(largest, math.Abs(m.At(i, j)))
		}
	}
	return largest
}
