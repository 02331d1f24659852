package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SpectralEpsilon is added to the norms by which the power iteration of spectral normalization divides, as in the
// authors' code.
const SpectralEpsilon = 1e-12

// spectralNorm divides a weight [..., out] by an estimate of its largest singular value as a matrix W [n, out], n being
// the product of the other axes:
//
//	v = W·u / (|W·u| + ε)    u' = v·W / (|v·W| + ε)    sigma = v·W·u'    weight / sigma
//
// u and v are constants of the gradient, W in sigma is not. The vector is the variable "u" [out], not trainable, drawn
// from N(0, 1). One iteration is done in each call; while training (Scope.IsTraining) it is kept, so that a second call
// in the same graph (reals, then fakes) goes on from there, whichever player's phase that is.
//
// Miyato et al. 2018, Algorithm 1, https://arxiv.org/abs/1802.05957.
func spectralNorm(scope *model.Scope, weight *graph.Node) *graph.Node {
	out := weight.Shape().Dim(-1)
	buffer := Buffer(scope, "u", Normal(0, 1), out)
	w := graph.Reshape(weight, -1, out)
	fixed := graph.StopGradient(w)
	v := unit(graph.MatMul(fixed, valueLike(buffer, weight)))
	u := unit(graph.MatMul(v, fixed))
	if g := weight.Graph(); scope.IsTraining(g) {
		buffer.SetNodeValue(graph.ConvertDType(u, buffer.DType()))
	}
	sigma := graph.ReduceAllSum(graph.Mul(v, graph.MatMul(w, u)))
	return graph.Div(weight, sigma)
}

// unit returns x / (|x| + ε).
func unit(x *graph.Node) *graph.Node {
	return graph.Div(x, graph.AddScalar(graph.Sqrt(graph.ReduceAllSum(graph.Square(x))), SpectralEpsilon))
}
