package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// LayerNormEpsilon is what LayerNorm adds to the variance: that of the reference code of WGAN-GP and of PyTorch.
const LayerNormEpsilon = 1e-5

// LayerNorm is layer normalization of x [batch, ..., channels] to the same shape, over all axes but the first:
//
//	y = (x - mean) / sqrt(var + ε) · weight + bias
//
// mean and var (the biased one) are each sample's own, so that, unlike batch norm, no sample depends on another and a
// gradient penalty makes sense. Variables: "weight" and "bias" [channels], one for each channel as in the reference code of
// WGAN-GP (PyTorch's GroupNorm with one group; its LayerNorm has one for each element).
//
// Ba et al. 2016, https://arxiv.org/abs/1607.06450. It panics if x has no channel axis.
func LayerNorm(scope *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() < 2 {
		exceptions.Panicf("blocks: LayerNorm needs x [batch, ..., channels], got %s", x.Shape())
	}
	channels := x.Shape().Dim(-1)
	weight := valueLike(Param(scope, "weight", Constant(1), channels), x)
	bias := valueLike(Param(scope, "bias", Constant(0), channels), x)
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i + 1
	}
	centred := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, axes...))
	variance := graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, axes...)
	normalized := graph.Div(centred, graph.Sqrt(graph.AddScalar(variance, LayerNormEpsilon)))
	return addChannels(graph.Mul(normalized, perChannel(weight, x)), bias)
}
