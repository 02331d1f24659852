// Package linalg is the dense linear algebra that the Fréchet distance needs, in float64: matrix products, Cholesky
// factors, and the sum of the singular values.
//
// The results do not depend on the number of threads: the work is cut into pieces whose sizes are fixed.
package linalg
