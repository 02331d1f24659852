package linalg

import "math"

// choleskyBlock is how many columns of a factor are made before the rest of the matrix is updated by a product.
const choleskyBlock = 64

// singular is the smallest pivot, relative to the largest variance, of a matrix that is taken for one of full rank:
// well above the rounding of n additions (n·2^-52), which is all that is left of a pivot that should be zero.
func singular(n int) float64 { return 64 * float64(n) * 0x1p-52 }

// Factor returns l [n, rank] with l·lᵀ = a, for a symmetric positive semi-definite matrix a [n, n]; triangular says
// that l is lower triangular and of full rank. left is the largest magnitude on the diagonal of a - l·lᵀ, relative to
// that of a: rounding, or more if a is not positive semi-definite. Only the lower triangle of a is read.
func Factor(a Matrix) (l Matrix, triangular bool, left float64) {
	l = a.padded(1)
	if cholesky(l) {
		return l, true, 0
	}
	l, left = pivotedCholesky(a.padded(1))
	return l, false, left
}

// cholesky replaces a by its lower Cholesky factor, with zeros above. It reports false, leaving a undefined, if a pivot
// is so small that a may be singular.
func cholesky(a Matrix) bool {
	n := a.Rows
	least := singular(n) * largestDiagonal(a)
	for first := 0; first < n; first += choleskyBlock {
		end := min(first+choleskyBlock, n)
		for j := first; j < end; j++ {
			row := a.Row(j)[first : j+1]
			pivot := row[j-first] - dot(row[:j-first], row[:j-first])
			if !(pivot > least) {
				return false
			}
			root := math.Sqrt(pivot)
			row[j-first] = root
			for i := j + 1; i < end; i++ {
				other := a.Row(i)[first : j+1]
				other[j-first] = (other[j-first] - dot(other[:j-first], row[:j-first])) / root
			}
		}
		parallel(n-end, func(i int) { // l21 = a21·l11^-T, row by row
			row := a.Row(end + i)[first:end]
			for j := range row {
				diagonal := a.Row(first + j)[first:]
				row[j] = (row[j] - dot(row[:j], diagonal[:j])) / diagonal[j]
			}
		})
		below := a.Slice(end, n, first, end)
		AddMul(a.Slice(end, n, end, n), -1, below, below.T(), Lower)
	}
	for i := range n {
		clear(a.Row(i)[i+1:])
	}
	return true
}

// pivotedCholesky returns the factor [n, rank] of a singular matrix, by a Cholesky factorisation that always goes on at
// the largest variance that is left, and stops where that is rounding (Higham 2002, "Accuracy and Stability of
// Numerical Algorithms", sec. 10.3). a is overwritten. The columns of the factor are in the order in which they
// were found; its rows are not permuted.
//
// A matrix with negative eigenvalues, such as a covariance rounded to float32, leaves negative variances of the size of
// its noise. Variances that do not exceed that noise are dropped with it.
func pivotedCholesky(a Matrix) (l Matrix, left float64) {
	n := a.Rows
	largest := largestDiagonal(a)
	l = New(n, n)
	variance := make([]float64, n) // what is left of the diagonal
	done := make([]bool, n)        // rows of which nothing is left
	for i := range variance {
		variance[i] = a.At(i, i)
	}
	noise := float64(n) * 0x1p-52 * largest
	rank, first := 0, 0
	for ; rank < n; rank++ {
		p := 0
		for i, v := range variance {
			if v > variance[p] {
				p = i
			}
			noise = max(noise, -v)
		}
		if !(variance[p] > noise) {
			break
		}
		if rank-first == choleskyBlock {
			block := l.Slice(0, n, first, rank)
			AddMul(a, -1, block, block.T(), Lower)
			first = rank
		}
		root, pivots := math.Sqrt(variance[p]), l.Row(p)[first:rank]
		parallel((n+choleskyBlock-1)/choleskyBlock, func(task int) {
			for i := task * choleskyBlock; i < min((task+1)*choleskyBlock, n); i++ {
				if done[i] {
					continue
				}
				row := l.Row(i)[first : rank+1]
				row[rank-first] = (a.At(max(i, p), min(i, p)) - dot(row[:rank-first], pivots)) / root
				variance[i] -= row[rank-first] * row[rank-first]
			}
		})
		l.Set(p, rank, root)
		variance[p], done[p] = 0, true
	}
	for _, v := range variance {
		left = max(left, math.Abs(v))
	}
	if largest > 0 {
		left /= largest
	}
	return l.Slice(0, n, 0, rank), left
}

// largestDiagonal returns the largest magnitude on the diagonal.
func largestDiagonal(a Matrix) float64 {
	largest := 0.0
	for i := range a.Rows {
		largest = max(largest, math.Abs(a.At(i, i)))
	}
	return largest
}

// dot returns the scalar product of two rows of one length.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s0 += x[i] * y[i]
		s1 += x[i+1] * y[i+1]
		s2 += x[i+2] * y[i+2]
		s3 += x[i+3] * y[i+3]
	}
	for ; i < len(x); i++ {
		s0 += x[i] * y[i]
	}
	return s0 + s1 + (s2 + s3)
}
