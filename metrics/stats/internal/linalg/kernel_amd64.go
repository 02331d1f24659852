package linalg

import "golang.org/x/sys/cpu"

// hasAVX2 says whether the assembly of this package runs here. A kernel for AVX-512 was no faster on a machine that has it
// (Zen 4, whose 512-bit multiplications take two cycles).
var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// best is the fastest kernel of this machine.
var best = kernels()[0]

// kernels returns those that this machine can run, the fastest first.
func kernels() []kernel {
	if hasAVX2 {
		return []kernel{{"avx2", 4, 12, addMulAVX2}, portable}
	}
	return []kernel{portable}
}

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
