package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// ReflectPad pads an image x [batch, h, w, c] to [batch, h+2p, w+2p, c] with what a mirror on its border pixels shows:
//
//	... x[2] x[1] | x[0] x[1] x[2] ... x[n-1] | x[n-2] x[n-3] ...
//
// the border itself is not repeated, as in PyTorch's ReflectionPad2d. It is made of slices, so that gradients of every
// order exist. It panics if x is not of rank 4, p is negative, or h or w is not above p.
func ReflectPad(x *graph.Node, p int) *graph.Node {
	d := imageDims(x, "ReflectPad")
	if p < 0 || min(d[1], d[2]) <= p {
		exceptions.Panicf("blocks: ReflectPad by %d needs an image of more than %[1]d rows and columns, got %s", p, x.Shape())
	}
	if p == 0 {
		return x
	}
	for axis := 1; axis <= 2; axis++ {
		n := x.Shape().Dim(axis)
		before := graph.Reverse(graph.SliceAxis(x, axis, graph.AxisRange(1, 1+p)), axis)
		after := graph.Reverse(graph.SliceAxis(x, axis, graph.AxisRange(n-1-p, n-1)), axis)
		x = graph.Concatenate([]*graph.Node{before, x, after}, axis)
	}
	return x
}
