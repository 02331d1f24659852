package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// The functions of this file are linear and written as reshapes and means, so that gradients of every order exist.

// AveragePool2 halves an image: x [batch, h, w, c] to [batch, h/2, w/2, c], the mean of blocks of 2x2. It panics if x is
// not of rank 4 or h or w is odd.
func AveragePool2(x *graph.Node) *graph.Node {
	d := imageDims(x, "AveragePool2")
	if d[1]%2 != 0 || d[2]%2 != 0 {
		exceptions.Panicf("blocks: AveragePool2 needs an even height and width, got %s", x.Shape())
	}
	return graph.ReduceMean(graph.Reshape(x, d[0], d[1]/2, 2, d[2]/2, 2, d[3]), 2, 4)
}

// UpsampleNearest2 doubles an image: x [batch, h, w, c] to [batch, 2h, 2w, c], each pixel repeated 2x2 times. It panics if
// x is not of rank 4.
func UpsampleNearest2(x *graph.Node) *graph.Node {
	d := imageDims(x, "UpsampleNearest2")
	x = graph.BroadcastToDims(graph.Reshape(x, d[0], d[1], 1, d[2], 1, d[3]), d[0], d[1], 2, d[2], 2, d[3])
	return graph.Reshape(x, d[0], 2*d[1], 2*d[2], d[3])
}

// UpsampleBilinear2 doubles an image: x [batch, h, w, c] to [batch, 2h, 2w, c], as PyTorch's interpolate with
// align_corners=False: along each axis the new pixels lie a quarter of a pixel to both sides of the old one,
//
//	y[2i] = (3·x[i] + x[i-1])/4    y[2i+1] = (3·x[i] + x[i+1])/4
//
// and the border is repeated. It panics if x is not of rank 4.
func UpsampleBilinear2(x *graph.Node) *graph.Node {
	imageDims(x, "UpsampleBilinear2")
	for axis := 1; axis <= 2; axis++ {
		n := x.Shape().Dim(axis)
		first, last := graph.SliceAxis(x, axis, graph.AxisRange(0, 1)), graph.SliceAxis(x, axis, graph.AxisRange(n-1, n))
		before, after := first, last
		if n > 1 {
			before = graph.Concatenate([]*graph.Node{first, graph.SliceAxis(x, axis, graph.AxisRange(0, n-1))}, axis)
			after = graph.Concatenate([]*graph.Node{graph.SliceAxis(x, axis, graph.AxisRange(1, n)), last}, axis)
		}
		x = graph.MulScalar(x, 0.75)
		pair := graph.Stack([]*graph.Node{
			graph.Add(x, graph.MulScalar(before, 0.25)), graph.Add(x, graph.MulScalar(after, 0.25))}, axis+1)
		dims := append([]int(nil), x.Shape().Dimensions...)
		dims[axis] = 2 * n
		x = graph.Reshape(pair, dims...)
	}
	return x
}

// imageDims returns the dimensions of x, which must be [batch, h, w, c].
func imageDims(x *graph.Node, function string) []int {
	if x.Rank() != 4 {
		exceptions.Panicf("blocks: %s needs x [batch, h, w, c], got %s", function, x.Shape())
	}
	return x.Shape().Dimensions
}
