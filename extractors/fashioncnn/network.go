package fashioncnn

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	// Side is the height and width of the network's input in pixels, that of Fashion-MNIST.
	Side = 28
	// Features is the length of the feature vector.
	Features = 128
	// Classes is the number of kinds of clothes.
	Classes = 10
)

// layers are the convolutions in order: 3x3 pixels, padded by 1, no bias, each with batch norm and ReLU behind it.
var layers = []struct{ channels, stride int }{{32, 1}, {64, 2}, {64, 1}, {48, 2}}

// Classifier builds the network on x [n, 28, 28, 1] in [-1, 1] with variables below scope. It returns the features
// [n, Features], all at least 0, and the logits [n, Classes].
//
//	x -> 28x28x32 -> 14x14x64 -> 14x14x64 -> 7x7x48 -> dense, batch norm, ReLU: features -> dense: logits
//
// Strides take the place of pooling, so that the network has gradients of every order. While training (Scope.IsTraining)
// batch norm uses the batch and moves its running averages; otherwise it uses these. It panics when x has another shape.
func Classifier(scope *model.Scope, x *Node) (features, logits *Node) {
	n := x.Shape().Dim(0)
	x.AssertDims(n, Side, Side, 1)
	for i, l := range layers {
		x = blocks.Conv2D(scope.In("%03d-conv", 2*i), x).Channels(l.channels).Kernel(3).Stride(l.stride).Padding(1).
			Bias(false).Done()
		x = blocks.ReLU(blocks.BatchNorm(scope.In("%03d-bn", 2*i+1), x))
	}
	at := 2 * len(layers)
	x = blocks.DenseLayer(scope.In("%03d-dense", at), Reshape(x, n, -1), Features).Bias(false).Done()
	features = blocks.ReLU(blocks.BatchNorm(scope.In("%03d-bn", at+1), x))
	features.AssertDims(n, Features)
	logits = blocks.Dense(scope.In("%03d-dense", at+2), features, Classes)
	return features, logits
}

// Accuracy returns the share of rows of logits, flat [len(labels), Classes], whose largest value is that of their label.
func Accuracy(logits []float32, labels []int) float64 {
	right := 0
	for i, label := range labels {
		row := logits[i*Classes : (i+1)*Classes]
		best := 0
		for class, v := range row {
			if v > row[best] {
				best = class
			}
		}
		if best == label {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}
