package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// R1 penalises the gradient of the discriminator at the reals.
//
//	R1 = gamma/2 · E_x[ ||∇_x d(x)||² ]
//
// d maps x [batch, height, width, channels] to one value an image (any shape with batch first); x are the reals.
// The norm is over all axes but the first, the mean over the batch; the factor 1/2 is part of it. The result is a
// scalar to add to the loss of D; it is differentiated a second time, so d must be built of operations that have
// second derivatives. With fakes for x it is R2 of the same paper.
// Mescheder et al. 2018, equation 9, https://arxiv.org/abs/1801.04406.
//
// The paper's own code leaves the 1/2 out: its reg_param of 10 is gamma = 20 here. StyleGAN's gamma is this one.
//
// R1 panics when x has no axis besides the batch.
func R1(d func(x *Node) *Node, x *Node, gamma float64) *Node {
	return MulScalar(ReduceAllMean(squaredGradient("R1", d, x)), gamma/2)
}

// squaredGradient returns ||∇_x d(x)||² [batch] of x [batch, ...].
func squaredGradient(penalty string, d func(x *Node) *Node, x *Node) *Node {
	if x.Rank() < 2 {
		exceptions.Panicf("gan: %s needs images [batch, ...], got %s", penalty, x.Shape())
	}
	// The samples of a batch do not meet inside D (no batch norm), so the gradient of the sum holds each one's own.
	gradient := Gradient(ReduceAllSum(d(x)), x)[0]
	axes := make([]int, 0, x.Rank()-1)
	for axis := 1; axis < x.Rank(); axis++ {
		axes = append(axes, axis)
	}
	return ReduceSum(Square(gradient), axes...)
}
