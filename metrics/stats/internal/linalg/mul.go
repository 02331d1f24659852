package linalg

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Part says which elements of a product are wanted.
type Part int

// The parts of a product.
const (
	Full  Part = iota
	Lower      // those on and below the diagonal; what is above becomes undefined
)

// The sizes of the pieces that a product is cut into, as in Goto and van de Geijn (2008, "Anatomy of high-performance
// matrix multiplication", https://doi.org/10.1145/1356052.1356053): pieces of a and b of tileRows×tileDepth and
// tileDepth×tileCols stay in the second-level cache. Every element of c is summed up in the same order whatever
// tileRows and tileCols are; tileDepth is part of the result's last bits.
const (
	tileRows  = 96
	tileCols  = 240
	tileDepth = 256
)

// AddMul adds alpha·a·b to c, or to a part of it. The rows of c must be contiguous, and c must not overlap a or b.
// It panics if the shapes do not fit.
func AddMul(c Matrix, alpha float64, a, b Matrix, part Part) { best.product(c, alpha, a, b, part) }

// buffers hold the packed pieces of a product; they are used again, since clearing new memory takes time.
type buffers struct{ a, b []float64 }

var pool = sync.Pool{New: func() any { return new(buffers) }}

// grow returns a slice of n numbers of any value, in the memory of s if that is large enough.
func grow(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

// product is AddMul with this kernel.
func (k kernel) product(c Matrix, alpha float64, a, b Matrix, part Part) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("linalg: [%d, %d]·[%d, %d] does not give [%d, %d]", a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	if c.ColStride != 1 && c.Cols > 1 {
		panic("linalg: the rows of a product must be contiguous")
	}
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	buffer := pool.Get().(*buffers)
	defer pool.Put(buffer)
	aPanels, bPanels := (c.Rows+k.mr-1)/k.mr, (c.Cols+k.nr-1)/k.nr
	for first := 0; first < a.Cols; first += tileDepth {
		depth := min(tileDepth, a.Cols-first)
		buffer.a = grow(buffer.a, aPanels*k.mr*depth)
		buffer.b = grow(buffer.b, bPanels*k.nr*depth)
		pack(buffer.a, a.Slice(0, a.Rows, first, first+depth), k.mr, alpha)
		pack(buffer.b, b.Slice(first, first+depth, 0, b.Cols).T(), k.nr, 1)
		k.tiles(c, buffer.a, buffer.b, depth, part)
	}
}

// tiles adds the product of a packed piece of a and one of b to c, one tile of c after another.
func (k kernel) tiles(c Matrix, a, b []float64, depth int, part Part) {
	down, across := (c.Rows+tileRows-1)/tileRows, (c.Cols+tileCols-1)/tileCols
	parallel(down*across, func(tile int) {
		i0, j0 := tile/across*tileRows, tile%across*tileCols
		i1, j1 := min(i0+tileRows, c.Rows), min(j0+tileCols, c.Cols)
		var edge [maxTile]float64
		for j := j0; j < j1; j += k.nr {
			for i := i0; i < i1; i += k.mr {
				if part == Lower && i+k.mr <= j {
					continue
				}
				pa, pb := &a[i*depth], &b[j*depth]
				if i+k.mr <= c.Rows && j+k.nr <= c.Cols {
					k.addMul(depth, pa, pb, &c.Data[i*c.RowStride+j], c.RowStride)
					continue
				}
				clear(edge[:])
				k.addMul(depth, pa, pb, &edge[0], k.nr)
				for r := range min(k.mr, c.Rows-i) {
					row := c.Row(i + r)[j:min(j+k.nr, c.Cols)]
					for s := range row {
						row[s] += edge[r*k.nr+s]
					}
				}
			}
		}
	})
}

// packTask is how many rows one task packs: a multiple of every kernel's tile.
const packTask = 48

// pack copies m, times alpha, into panels of width rows, each column after column; rows that are missing in the last
// panel are zeros.
func pack(to []float64, m Matrix, width int, alpha float64) {
	parallel((m.Rows+packTask-1)/packTask, func(task int) {
		for i := task * packTask; i < min((task+1)*packTask, m.Rows); i += width {
			panel := to[i*m.Cols : (i+width)*m.Cols]
			rows := min(width, m.Rows-i)
			if rows < width {
				clear(panel)
			}
			packPanel(panel, m.Slice(i, i+rows, 0, m.Cols), width, alpha)
		}
	})
}

// packPanel packs at most width rows. The rows or the columns of m are contiguous.
func packPanel(panel []float64, m Matrix, width int, alpha float64) {
	if m.RowStride == 1 {
		for j := range m.Cols {
			from, to := m.Data[j*m.ColStride:][:m.Rows], panel[j*width:][:m.Rows]
			copy(to, from)
			if alpha != 1 {
				for i := range to {
					to[i] *= alpha
				}
			}
		}
		return
	}
	i := 0
	for ; i+4 <= m.Rows; i += 4 { // four rows at a time: their elements are neighbours in the panel
		r0, r1, r2, r3 := m.Row(i), m.Row(i+1), m.Row(i+2), m.Row(i+3)
		for j, v := range r0 {
			to := panel[j*width+i:][:4:4]
			to[0], to[1], to[2], to[3] = alpha*v, alpha*r1[j], alpha*r2[j], alpha*r3[j]
		}
	}
	for ; i < m.Rows; i++ {
		for j, v := range m.Row(i) {
			panel[j*width+i] = alpha * v
		}
	}
}

// parallel calls do(0) ... do(n-1), in any order, on all processors.
func parallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var wait sync.WaitGroup
	for range workers - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
}

// floats returns the n numbers from p on.
func floats(p *float64, n int) []float64 { return unsafe.Slice(p, n) }
