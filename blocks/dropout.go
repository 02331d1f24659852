package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Dropout keeps each value of x, of any shape, with probability 1/2 and then doubles it, while training (Scope.IsTraining);
// otherwise it returns x. The stream of random numbers is the store's own, which is part of every checkpoint.
//
// Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html; scaled while training, as PyTorch's Dropout(0.5).
func Dropout(scope *model.Scope, x *graph.Node) *graph.Node {
	g := x.Graph()
	if !scope.IsTraining(g) {
		return x
	}
	keep := graph.GreaterThan(scope.RandomUniform(g, x.Shape()), graph.Scalar(g, x.DType(), 0.5))
	return graph.Where(keep, graph.MulScalar(x, 2), graph.ZerosLike(x))
}
