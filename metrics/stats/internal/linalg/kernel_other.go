//go:build !amd64

package linalg

// best is the only kernel of this machine.
var best = portable

func kernels() []kernel { return []kernel{portable} }

// bestRows are the only parts of the reductions on this machine.
var bestRows = portableRows

func rowKernels() []rowKernel { return []rowKernel{portableRows} }
