package linalg

import "math"

// bandWidth is the number of diagonals above the main one that toBand leaves, and the columns that it treats at a time:
// more make its products faster, and the way from the band to two diagonals longer.
const bandWidth = 32

// reflections is a product of Householder reflections, I - v·t·vᵀ with v [n, k] and t [k, k] upper triangular (Schreiber
// and Van Loan 1989, "A storage-efficient WY representation for products of Householder transformations").
type reflections struct{ v, t Matrix }

// toBand replaces m [rows >= cols] by U·m·V, with orthogonal U and V that are not kept, so that only the diagonal and
// the bandWidth diagonals above it are not zero, and returns these.
func (k rowKernel) toBand(m Matrix) band {
	out := newBand(m.Cols)
	for first := 0; first < m.Cols; first += bandWidth {
		next := min(first+bandWidth, m.Cols)
		left, r := k.factorQR(m.Slice(first, m.Rows, first, next))
		out.keepUpper(first, first, r)
		if next == m.Cols {
			break
		}
		// From the left, with w = tᵀ·vᵀ·m, the rest becomes m - v·w.
		rest := m.Slice(first, m.Rows, next, m.Cols)
		w := mul(left.t.T(), mul(left.v.T(), rest))
		top := rest.Slice(0, next-first, 0, rest.Cols)
		AddMul(top, -1, left.v.Slice(0, next-first, 0, left.v.Cols), w, Full)

		// Then the rows of the panel from the right, and with y = (m - v·w)·v'·t' the rest becomes m - v·w - y·v'ᵀ.
		right, l := k.factorQR(top.T())
		out.keepLower(first, next, l)
		below := rest.Slice(next-first, rest.Rows, 0, rest.Cols)
		v := left.v.Slice(next-first, left.v.Rows, 0, left.v.Cols)
		y := mul(below, right.v)
		AddMul(y, -1, v, mul(w, right.v), Full)
		y = mul(y, right.t)
		AddMul(below, -1, beside(v, y), beside(w.T(), right.v).T(), Full)
	}
	return out
}

// mul returns a·b.
func mul(a, b Matrix) Matrix {
	c := New(a.Rows, b.Cols)
	AddMul(c, 1, a, b, Full)
	return c
}

// beside returns [a b].
func beside(a, b Matrix) Matrix {
	c := New(a.Rows, a.Cols+b.Cols)
	for i := range a.Rows {
		row := c.Row(i)
		for j := range a.Cols {
			row[j] = a.At(i, j)
		}
		for j := range b.Cols {
			row[a.Cols+j] = b.At(i, j)
		}
	}
	return c
}

// factorQR returns the QR factorisation of a [n, cols], at most bandWidth columns: Q as reflections and R [min(n, cols), cols].
func (k rowKernel) factorQR(a Matrix) (reflections, Matrix) {
	n, cols := a.Rows, a.Cols
	panel := New(n, bandWidth) // unused columns stay zero
	for i := range n {
		row := panel.Row(i)
		for j := range cols {
			row[j] = a.At(i, j)
		}
	}
	v, tau := New(n, cols), make([]float64, cols)
	column, sums := make([]float64, n), make([]float64, bandWidth)
	for j := range min(n, cols) {
		x := column[j:]
		for i := range x {
			x[i] = panel.At(j+i, j)
		}
		var beta float64
		beta, tau[j] = reflector(x)
		k.reflectLeft(panel.Slice(j, n, 0, bandWidth), x, tau[j], j+1, sums)
		for i := range x {
			v.Set(j+i, j, x[i])
		}
		panel.Set(j, j, beta)
	}
	r := panel.Slice(0, min(n, cols), 0, cols)
	return reflections{v, triangle(v, tau)}, r
}

// triangle returns t [k, k] of reflections I - τ_j v_j v_jᵀ: column j is τ_j [-t·(vᵀ v_j); 1].
func triangle(v Matrix, tau []float64) Matrix {
	k := len(tau)
	products, t := mul(v.T(), v), New(k, k)
	for j, f := range tau {
		t.Set(j, j, f)
		for i := range j {
			sum := 0.0
			for l := i; l < j; l++ {
				sum += t.At(i, l) * products.At(l, j)
			}
			t.Set(i, j, -f*sum)
		}
	}
	return t
}

// negligible is the square of a length that is zero beside elements up to 1.
const negligible = 0x1p-900

// reflector replaces x by v with v[0] = 1, so that (I - τ·v·vᵀ)·x = (β, 0, ..., 0).
func reflector(x []float64) (beta, tau float64) {
	alpha, rest := x[0], dot(x[1:], x[1:])
	if rest < negligible {
		clear(x)
		x[0] = 1
		return alpha, 0
	}
	beta = -math.Copysign(math.Sqrt(alpha*alpha+rest), alpha)
	scale := 1 / (alpha - beta)
	for i := range x {
		x[i] *= scale
	}
	x[0] = 1
	return beta, (beta - alpha) / beta
}
