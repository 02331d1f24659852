package linalg

import "math"

// Factor returns l [n, rank] with l·lᵀ = a, for a symmetric positive semi-definite matrix a [n, n], by a Cholesky
// factorisation with diagonal pivoting: it stops where what is left is no larger than rounding. left is the largest
// magnitude on the diagonal of what is left, relative to the largest element of a's diagonal: large if a is not
// positive semi-definite. a is overwritten.
func Factor(a Matrix) (l Matrix, left float64) {
	n := a.Rows
	rows := New(n, n) // row k is column k of l
	largest := 0.0
	for i := range n {
		largest = max(largest, math.Abs(a.At(i, i)))
	}
	tolerance := float64(n) * 0x1p-52 * largest
	rank := 0
	for ; rank < n; rank++ {
		p := 0
		for i := range n {
			if a.At(i, i) > a.At(p, p) {
				p = i
			}
		}
		pivot := a.At(p, p)
		if !(pivot > tolerance) {
			break
		}
		row, root := rows.Row(rank), math.Sqrt(pivot)
		for j := range n {
			row[j] = a.At(p, j) / root
		}
		parallel(n, func(i int) {
			f, to := row[i], a.Row(i)
			for j, v := range row {
				to[j] -= f * v
			}
		})
		for j := range n { // exactly
			a.Set(p, j, 0)
			a.Set(j, p, 0)
		}
	}
	for i := range n {
		left = max(left, math.Abs(a.At(i, i)))
	}
	if largest > 0 {
		left /= largest
	}
	return rows.Slice(0, rank, 0, n).T(), left
}
