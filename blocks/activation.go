package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
)

// The activations of this file have gradients of every order: masks are constants of the gradient, and no sign or
// absolute value is differentiated.

// LeakyReLU returns x where x > 0 and slope·x elsewhere, with PyTorch's derivative `slope` at 0.
func LeakyReLU(x *graph.Node, slope float64) *graph.Node {
	g := x.Graph()
	positive := graph.GreaterThan(x, graph.ScalarZero(g, x.DType()))
	return graph.Where(positive, x, graph.MulScalar(x, slope))
}

// ReLU returns max(x, 0), with PyTorch's derivative 0 at 0.
func ReLU(x *graph.Node) *graph.Node {
	zero := graph.ScalarZero(x.Graph(), x.DType())
	return graph.Where(graph.GreaterThan(x, zero), x, zero)
}

// Softplus returns log(1+exp(x)) = max(x, 0) + log1p(exp(-|x|)), finite and exact for every finite x.
func Softplus(x *graph.Node) *graph.Node {
	g := x.Graph()
	positive := graph.GreaterThan(x, graph.ScalarZero(g, x.DType()))
	minusAbs := graph.Where(positive, graph.Neg(x), x)
	return graph.Add(ReLU(x), graph.Log1P(graph.Exp(minusAbs)))
}

// LogSigmoid returns log(sigmoid(x)) = -Softplus(-x).
func LogSigmoid(x *graph.Node) *graph.Node {
	return graph.Neg(Softplus(graph.Neg(x)))
}
