package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
)

// tapsCorrelate is correlate with one matrix product for each tap, added up. Blocks of s×s pixels of the image, s being
// the stride, are stacked into channels (space to depth); on them a kernel of size k is one of ⌈k/s⌉ positions ("taps")
// that moves in steps of 1.
func (in operands) tapsCorrelate() *graph.Node {
	s, c, taps := in.stride, in.imageChannels, in.taps()
	image := in.window(in.a, 1, [2]int{-in.padding, -in.padding}, in.windowSize())
	d := image.Shape().Dimensions
	image = graph.Reshape(image, d[0], d[1]/s, s, d[2]/s, s, c)
	image = graph.Reshape(graph.TransposeAllAxes(image, 0, 1, 3, 2, 4, 5), d[0], d[1]/s, d[2]/s, s*s*c)

	kernel := in.b
	if in.imageLast {
		kernel = graph.Transpose(kernel, 2, 3)
	}
	kernel = in.window(kernel, 0, [2]int{}, [2]int{taps[0] * s, taps[1] * s})
	kernel = graph.Reshape(kernel, taps[0], s, taps[1], s, c, in.outChannel)
	kernel = graph.Reshape(graph.TransposeAllAxes(kernel, 0, 2, 1, 3, 4, 5), taps[0], taps[1], s*s*c, in.outChannel)

	var sum *graph.Node
	for i := range taps[0] {
		for j := range taps[1] {
			seen := graph.Slice(image, graph.AxisRange(), graph.AxisRange(i, i+in.positions[0]),
				graph.AxisRange(j, j+in.positions[1]), graph.AxisRange())
			tap := graph.Reshape(graph.Slice(kernel, graph.AxisElem(i), graph.AxisElem(j)), s*s*c, in.outChannel)
			product := graph.Dot(graph.Reshape(seen, -1, s*s*c), tap).Product()
			if sum == nil {
				sum = product
			} else {
				sum = graph.Add(sum, product)
			}
		}
	}
	return graph.Reshape(sum, in.positionsDims()...)
}
