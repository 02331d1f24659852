package linalg

import "golang.org/x/sys/cpu"

// best is the fastest kernel of this machine.
var best = kernels()[0]

// kernels returns those that this machine can run, the fastest first.
func kernels() []kernel {
	var all []kernel
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
		all = append(all, kernel{"avx512", 8, 24, addMulAVX512})
	}
	if hasAVX2 {
		all = append(all, kernel{"avx2", 4, 12, addMulAVX2})
	}
	return append(all, portable)
}

var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

//go:noescape
func addMulAVX512(k int, a, b, c *float64, rowStride int)

//go:noescape
func addMulAVX2(k int, a, b, c *float64, rowStride int)

// bestRows are the fastest parts of the reductions on this machine.
var bestRows = rowKernels()[0]

// rowKernels returns those that this machine can run, the fastest first.
func rowKernels() []rowKernel {
	if hasAVX2 {
		return []rowKernel{{"avx2", addRowsAVX2, addToRowsAVX2, reflectRowsAVX2}, portableRows}
	}
	return []rowKernel{portableRows}
}

//go:noescape
func addRowsAVX2(w, v, m *float64, rows, stride int)

//go:noescape
func addToRowsAVX2(w, v, m *float64, rows, stride int)

//go:noescape
func reflectRowsAVX2(v *float64, factor float64, m *float64, rows, stride int)
