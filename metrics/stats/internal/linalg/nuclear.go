package linalg

import "gonum.org/v1/gonum/mat"

// NuclearNorm returns the sum of the singular values of m.
func NuclearNorm(m Matrix) float64 {
	if m.Rows == 0 || m.Cols == 0 {
		return 0
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(m.Rows, m.Cols, m.Clone().Data), mat.SVDNone) {
		panic("linalg: the singular values did not converge")
	}
	sum := 0.0
	for _, s := range svd.Values(nil) {
		sum += s
	}
	return sum
}
