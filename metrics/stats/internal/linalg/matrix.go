package linalg

import "fmt"

// Matrix is a view of float64 numbers: element (i, j) is Data[i*RowStride+j*ColStride].
type Matrix struct {
	Rows, Cols           int
	RowStride, ColStride int
	Data                 []float64
}

// New returns a matrix of zeros, row after row.
func New(rows, cols int) Matrix { return Of(rows, cols, make([]float64, rows*cols)) }

// Of returns the view [rows, cols] of data, row after row. It panics if data has another length.
func Of(rows, cols int, data []float64) Matrix {
	if len(data) != rows*cols {
		panic(fmt.Sprintf("linalg: %d numbers for a matrix [%d, %d]", len(data), rows, cols))
	}
	return Matrix{Rows: rows, Cols: cols, RowStride: cols, ColStride: 1, Data: data}
}

// T returns the transpose as a view of the same numbers.
func (m Matrix) T() Matrix {
	return Matrix{Rows: m.Cols, Cols: m.Rows, RowStride: m.ColStride, ColStride: m.RowStride, Data: m.Data}
}

// Slice returns the rows [i0, i1) and columns [j0, j1) as a view of the same numbers.
func (m Matrix) Slice(i0, i1, j0, j1 int) Matrix {
	if i0 < 0 || i0 > i1 || i1 > m.Rows || j0 < 0 || j0 > j1 || j1 > m.Cols {
		panic(fmt.Sprintf("linalg: rows %d..%d and columns %d..%d of a matrix [%d, %d]", i0, i1, j0, j1, m.Rows, m.Cols))
	}
	s := Matrix{Rows: i1 - i0, Cols: j1 - j0, RowStride: m.RowStride, ColStride: m.ColStride}
	if s.Rows > 0 && s.Cols > 0 {
		first, last := i0*m.RowStride+j0*m.ColStride, (i1-1)*m.RowStride+(j1-1)*m.ColStride
		s.Data = m.Data[first : last+1]
	}
	return s
}

// At returns element (i, j).
func (m Matrix) At(i, j int) float64 { return m.Data[i*m.RowStride+j*m.ColStride] }

// Set changes element (i, j).
func (m Matrix) Set(i, j int, v float64) { m.Data[i*m.RowStride+j*m.ColStride] = v }

// Row returns row i without a copy. It panics if the elements of a row are not beside each other.
func (m Matrix) Row(i int) []float64 {
	if m.ColStride != 1 {
		panic("linalg: the rows of a transposed matrix are not contiguous")
	}
	return m.Data[i*m.RowStride : i*m.RowStride+m.Cols]
}

// Clone returns a copy whose rows are contiguous.
func (m Matrix) Clone() Matrix { return m.scaledTo(New(m.Rows, m.Cols), 1) }

// padded returns a copy times f with room between its rows, if they would otherwise be a multiple of 512 bytes apart:
// then the elements of a column share a few sets of the cache, and packing takes twice the time.
func (m Matrix) padded(f float64) Matrix {
	stride := m.Cols
	if stride%64 == 0 {
		stride += 8
	}
	to := New(m.Rows, stride).Slice(0, m.Rows, 0, m.Cols)
	return m.scaledTo(to, f)
}

// scaledTo copies m times f to a matrix of its shape, and returns that.
func (m Matrix) scaledTo(to Matrix, f float64) Matrix {
	parallel(m.Rows, func(i int) {
		row := to.Row(i)
		if m.ColStride == 1 {
			for j, v := range m.Row(i) {
				row[j] = f * v
			}
			return
		}
		for j := range row {
			row[j] = f * m.At(i, j)
		}
	})
	return to
}

// Norm2 returns the sum of the squares of all elements: the square of the Frobenius norm.
func (m Matrix) Norm2() float64 {
	sum := 0.0
	for i := range m.Rows {
		row := 0.0
		for j := range m.Cols {
			v := m.At(i, j)
			row += v * v
		}
		sum += row
	}
	return sum
}
