//go:build !amd64

package linalg

// best is the only kernel of this machine.
var best = portable

func kernels() []kernel { return []kernel{portable} }
