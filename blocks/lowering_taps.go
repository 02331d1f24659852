package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
)

// This file writes convolutions with one matrix product for each tap. Blocks of s×s pixels of the image, s being the
// stride, are stacked into channels (space to depth); on them a kernel of size k is one of ⌈k/s⌉ positions, the taps,
// that moves in steps of 1:
//
//	positions = Σ_taps seen(tap) · kernel(tap)         correlate
//	kernel(tap) = seen(tap)ᵀ · positions               collect
//
// where seen(tap) is a shifted slice of the stacked image. It moves the same numbers as patches do, but needs no
// concatenation, which XLA computes on one thread. scatter is that of lowering_matrix.go.

// seen returns, for each tap, what all positions see of the stacked image: [batch·h'·w', s·s·in].
func (in operands) seen(image *graph.Node) [][]*graph.Node {
	s, c, taps := in.stride, in.imageChannels, in.taps()
	image = in.window(image, 1, in.first(), in.windowSize())
	d := image.Shape().Dimensions
	image = graph.Reshape(image, d[0], d[1]/s, s, d[2]/s, s, c)
	image = graph.Reshape(graph.TransposeAllAxes(image, 0, 1, 3, 2, 4, 5), d[0], d[1]/s, d[2]/s, s*s*c)
	slices := make([][]*graph.Node, taps[0])
	for i := range slices {
		for j := range taps[1] {
			slice := graph.Slice(image, graph.AxisRange(), graph.AxisRange(i, i+in.positions[0]),
				graph.AxisRange(j, j+in.positions[1]), graph.AxisRange())
			slices[i] = append(slices[i], graph.Reshape(slice, -1, s*s*c))
		}
	}
	return slices
}

func (in operands) tapsCorrelate() *graph.Node {
	s, c, taps := in.stride, in.imageChannels, in.taps()
	kernel := in.b
	if in.imageLast {
		kernel = graph.Transpose(kernel, 2, 3)
	}
	kernel = in.window(kernel, 0, [2]int{}, [2]int{taps[0] * s, taps[1] * s})
	kernel = graph.Reshape(kernel, taps[0], s, taps[1], s, c, in.outChannel)
	kernel = graph.TransposeAllAxes(kernel, 0, 2, 1, 3, 4, 5)
	var sum *graph.Node
	for i, row := range in.seen(in.a) {
		for j, seen := range row {
			tap := graph.Reshape(graph.Slice(kernel, graph.AxisElem(i), graph.AxisElem(j)), s*s*c, in.outChannel)
			sum = plus(sum, graph.Dot(seen, tap).Product())
		}
	}
	return graph.Reshape(sum, in.positionsDims()...)
}

func (in operands) tapsCollect() *graph.Node {
	s, c, taps := in.stride, in.imageChannels, in.taps()
	rows := in.rows(in.b)
	var parts []*graph.Node
	for _, row := range in.seen(in.a) {
		for _, seen := range row {
			parts = append(parts, graph.Reshape(timesTransposed(seen, rows), 1, s, s, c, in.outChannel))
		}
	}
	kernel := graph.Reshape(graph.Concatenate(parts, 0), taps[0], taps[1], s, s, c, in.outChannel)
	kernel = graph.TransposeAllAxes(kernel, 0, 2, 1, 3, 4, 5)
	kernel = graph.Reshape(kernel, taps[0]*s, taps[1]*s, c, in.outChannel)
	kernel = in.window(kernel, 0, [2]int{}, in.kernel)
	if in.imageLast {
		kernel = graph.Transpose(kernel, 2, 3)
	}
	return kernel
}

// plus adds to a sum that may not have begun.
func plus(sum, x *graph.Node) *graph.Node {
	if sum == nil {
		return x
	}
	return graph.Add(sum, x)
}
