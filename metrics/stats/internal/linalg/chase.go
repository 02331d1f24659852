package linalg

// band is an upper band matrix [n, n] with bandWidth diagonals above the main one, with room for what its reduction to
// two diagonals fills in: element (i, j) is at data[i*bandRow + j-i+bandWidth]. Behind its last row and column it has
// zeros, so that every block has its full size.
type band struct {
	n    int
	data []float64
}

// bandRow is the distance of two rows in a band: columns i-bandWidth to i+2*bandWidth-1 of row i.
const bandRow = 3 * bandWidth

func newBand(n int) band {
	return band{n, make([]float64, (n+3*bandWidth)*bandRow)}
}

// block returns rows from i on and bandWidth columns from j on. Their rows are bandRow-1 apart, as the diagonal leads.
func (b band) block(i, j, rows int) Matrix {
	first := i*bandRow + j - i + bandWidth
	stride := bandRow - 1
	return Matrix{Rows: rows, Cols: bandWidth, RowStride: stride, ColStride: 1, Data: b.data[first : first+(rows-1)*stride+bandWidth]}
}

func (b band) set(i, j int, v float64) { b.data[i*bandRow+j-i+bandWidth] = v }

func (b band) at(i, j int) float64 { return b.data[i*bandRow+j-i+bandWidth] }

// keepUpper keeps the upper triangle of r as the elements from (i, j) on.
func (b band) keepUpper(i, j int, r Matrix) {
	for p := range r.Rows {
		for q := p; q < r.Cols; q++ {
			b.set(i+p, j+q, r.At(p, q))
		}
	}
}

// keepLower keeps the transpose of the upper triangle of r as the elements from (i, j) on.
func (b band) keepLower(i, j int, r Matrix) {
	for p := range r.Rows {
		for q := p; q < r.Cols; q++ {
			b.set(i+q, j+p, r.At(p, q))
		}
	}
}

// bidiagonal reduces the band to two diagonals and returns them: d [n], and e [n-1] above it (with one number more, as
// LAPACK wants it). Row by row, a reflection from the right makes the row bidiagonal and fills a triangle below the
// diagonal, whose first column a reflection from the left empties, which fills the triangle to the right of the next
// block, and so on to the end of the matrix: only the first row and column of each triangle are emptied, since the next
// row fills the rest again.
func (k rowKernel) bidiagonal(b band) (d, e []float64) {
	const w = bandWidth
	v, u, sums := make([]float64, w), make([]float64, w), make([]float64, w)
	for i := 0; i < b.n-1; i++ {
		for row, first := i, i+1; first < b.n; row, first = first, first+w {
			// Row `row` has elements in columns first to first+w-1: all but the first go away.
			copy(v, b.block(row, first, 1).Data)
			beta, tau := reflector(v)
			head := b.block(row, first, 1).Data
			clear(head)
			head[0] = beta
			if tau != 0 {
				k.reflectRight(b.block(row+1, first, first+w-row-1), v, tau)
			}
			// Column `first` has elements in rows first to first+w-1: all but the first go away.
			square := b.block(first, first, w)
			for r := range u {
				u[r] = square.Data[r*square.RowStride]
			}
			beta, tau = reflector(u)
			for r := range u {
				square.Data[r*square.RowStride] = 0
			}
			square.Data[0] = beta
			if tau != 0 {
				k.reflectLeft(square, u, tau, 1, sums)
				k.reflectLeft(b.block(first, first+w, w), u, tau, 0, sums)
			}
		}
	}
	d, e = make([]float64, b.n), make([]float64, b.n)
	for i := range d {
		d[i] = b.at(i, i)
		if i+1 < b.n {
			e[i] = b.at(i, i+1)
		}
	}
	return d, e
}
