package linalg

// rowKernel has the innermost parts of the reductions: they work on rows of bandWidth columns that lie stride apart.
type rowKernel struct {
	name        string
	addRows     func(w, v, m *float64, rows, stride int)                  // w += Σ v[i]·(row i of m)
	addToRows   func(w, v, m *float64, rows, stride int)                  // row i of m += v[i]·w
	reflectRows func(v *float64, f float64, m *float64, rows, stride int) // every row x of m += f·(x·v)·v
}

// portableRows are those of machines without assembly.
var portableRows = rowKernel{"go", addRowsGo, addToRowsGo, reflectRowsGo}

// reflectLeft replaces m, of bandWidth columns, by (I - τ·v·vᵀ)·m in all columns but the first `done` ones. sums is
// scratch for bandWidth numbers.
func (k rowKernel) reflectLeft(m Matrix, v []float64, tau float64, done int, sums []float64) {
	clear(sums)
	k.addRows(&sums[0], &v[0], &m.Data[0], m.Rows, m.RowStride)
	clear(sums[:done])
	for c := range sums {
		sums[c] *= -tau
	}
	k.addToRows(&sums[0], &v[0], &m.Data[0], m.Rows, m.RowStride)
}

// reflectRight replaces m, of bandWidth columns, by m·(I - τ·v·vᵀ).
func (k rowKernel) reflectRight(m Matrix, v []float64, tau float64) {
	k.reflectRows(&v[0], -tau, &m.Data[0], m.Rows, m.RowStride)
}

func addRowsGo(w, v, m *float64, rows, stride int) {
	sums, factors := floats(w, bandWidth), floats(v, rows)
	for i, f := range factors {
		for j, x := range rowAt(m, i, stride) {
			sums[j] += f * x
		}
	}
}

func addToRowsGo(w, v, m *float64, rows, stride int) {
	sums, factors := floats(w, bandWidth), floats(v, rows)
	for i, f := range factors {
		row := rowAt(m, i, stride)
		for j, x := range sums {
			row[j] += f * x
		}
	}
}

func reflectRowsGo(v *float64, f float64, m *float64, rows, stride int) {
	direction := floats(v, bandWidth)
	for i := range rows {
		row := rowAt(m, i, stride)
		g := f * dot(row, direction)
		for j, x := range direction {
			row[j] += g * x
		}
	}
}

// rowAt returns row i of m.
func rowAt(m *float64, i, stride int) []float64 {
	return floats(m, i*stride+bandWidth)[i*stride:]
}
