package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
)

// plain is the backend's convolution. The zeros around the image are put there by Pad: GoMLX cannot differentiate a
// convolution whose start padding exceeds 2·⌊(k-1)/2⌋.
func plain(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	if spec.Transposed {
		return plainTransposed(x, kernel, spec)
	}
	conv := graph.Convolve(padImage(x, spec.Padding, spec.Padding), kernel).NoPadding()
	if spec.Stride > 1 {
		conv = conv.Strides(spec.Stride)
	}
	return conv.Done()
}

// plainTransposed correlates the image, with stride-1 zeros between its pixels, with the flipped kernel.
func plainTransposed(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	g := x.Graph()
	var axes [4]graph.PadAxis
	for i := range 2 {
		border := kernel.Shape().Dim(i) - 1 - spec.Padding
		axes[1+i] = graph.PadAxis{Start: border, End: border + spec.OutputPadding, Interior: spec.Stride - 1}
	}
	x = graph.Pad(x, graph.ScalarZero(g, x.DType()), axes[:]...)
	return graph.Convolve(x, graph.Reverse(kernel, 0, 1)).NoPadding().Done()
}

// padImage surrounds x [batch, h, w, c] with zeros: start rows and columns before, end after.
func padImage(x *graph.Node, start, end int) *graph.Node {
	if start == 0 && end == 0 {
		return x
	}
	axis := graph.PadAxis{Start: start, End: end}
	return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), graph.PadAxis{}, axis, axis, graph.PadAxis{})
}
