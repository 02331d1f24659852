package linalg

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Part says which elements of a product are wanted.
type Part int

// The parts of a product.
const (
	Full  Part = iota
	Lower      // those on and below the diagonal; what is above becomes undefined
)

// AddMul adds alpha·a·b to c, or to a part of it. The rows of c must be contiguous, and c must not overlap a or b.
// It panics if the shapes do not fit.
func AddMul(c Matrix, alpha float64, a, b Matrix, part Part) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("linalg: [%d, %d]·[%d, %d] does not give [%d, %d]", a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	if b.ColStride != 1 {
		b = b.Clone()
	}
	parallel(c.Rows, func(i int) {
		row := c.Row(i)
		if part == Lower {
			row = row[:min(i+1, len(row))]
		}
		for k := range a.Cols {
			f := alpha * a.At(i, k)
			for j, v := range b.Row(k)[:len(row)] {
				row[j] += f * v
			}
		}
	})
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
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}
