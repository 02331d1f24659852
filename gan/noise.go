package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// InstanceNoise adds noise to what D sees, so that reals and fakes overlap and D cannot tell them apart for sure. It
// goes on reals and on fakes, in the steps of D and of G.
//
//	x + σ·n        n ~ N(0, 1), one for each element
//
// x is of any shape, sigma a scalar in units of x (images are in [-1, 1]), which falls to 0 while training. The result has the shape of x and is not held in its range.
// Sønderby et al. 2017, https://arxiv.org/abs/1610.04490.
func InstanceNoise(s *Step, x, sigma *Node) *Node {
	if !sigma.IsScalar() {
		exceptions.Panicf("gan: InstanceNoise takes a scalar sigma, got %s for x %s", sigma.Shape(), x.Shape())
	}
	return Add(x, Mul(s.RandomNormal(x.Shape().Dimensions...), sigma))
}
