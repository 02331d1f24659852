package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// InstanceNormEpsilon is what InstanceNorm adds to the variance: that of PyTorch's InstanceNorm2d.
const InstanceNormEpsilon = 1e-5

// InstanceNorm normalizes each channel of each sample of x [batch, ..., channels] by itself; the shape stays:
//
//	y = (x - mean) / sqrt(var + ε)
//
// mean and var (the biased one) are over all axes but the first and the last, in training and afterwards alike. There is
// neither scale nor shift, and so no variable: PyTorch's InstanceNorm2d with its defaults. A bias that was added to x just
// before has no effect. It is written in elementary operations, so that gradients of every order exist.
//
// Ulyanov et al. 2016, equation 3, https://arxiv.org/abs/1607.08022. It panics if a channel of a sample has fewer than two
// values.
func InstanceNorm(x *graph.Node) *graph.Node {
	if x.Rank() < 3 || x.Shape().Size() < 2*x.Shape().Dim(0)*x.Shape().Dim(-1) {
		exceptions.Panicf("blocks: InstanceNorm needs x [batch, ..., channels] with more than one value a channel, got %s", x.Shape())
	}
	axes := make([]int, x.Rank()-2)
	for i := range axes {
		axes[i] = i + 1
	}
	centred := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, axes...))
	variance := graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, axes...)
	return graph.Div(centred, graph.Sqrt(graph.AddScalar(variance, InstanceNormEpsilon)))
}
