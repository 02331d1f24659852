package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
)

// The lowerings of this file write a convolution as matrix products. A kernel of size k moving in strides of s becomes,
// on an image whose s×s blocks of pixels are stacked into channels (space to depth), a kernel of t = ⌈k/s⌉ positions
// ("taps") moving in strides of 1. No stride, dilation or convolution gradient is left in the graph: its gradients are
// matrix products, slices and pads again.

// taps computes one matrix product for each tap on a shifted slice, and adds them up.
func taps(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	if spec.Transposed {
		return tapsTransposed(x, kernel, spec)
	}
	t := tapsOf(kernel, spec.Stride)
	blocks, stacked := t.blocksOf(x, kernel, spec), t.stack(kernel) // [b, h'+th-1, w'+tw-1, ssc], [th, tw, ssc, out]
	var y *graph.Node
	for i := range t.taps[0] {
		for j := range t.taps[1] {
			tap := graph.Reshape(graph.Slice(stacked, graph.AxisElem(i), graph.AxisElem(j)), stacked.Shape().Dimensions[2:]...)
			product := dotChannels(t.shifted(blocks, i, j), tap)
			if y == nil {
				y = product
			} else {
				y = graph.Add(y, product)
			}
		}
	}
	return y
}

// patches gathers the slices of all taps side by side and computes one matrix product.
func patches(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	if spec.Transposed {
		return tapsTransposed(x, kernel, spec)
	}
	t := tapsOf(kernel, spec.Stride)
	blocks, stacked := t.blocksOf(x, kernel, spec), t.stack(kernel)
	var slices []*graph.Node
	for i := range t.taps[0] {
		for j := range t.taps[1] {
			slices = append(slices, t.shifted(blocks, i, j))
		}
	}
	return dotChannels(graph.Concatenate(slices, 3), graph.Reshape(stacked, -1, kernel.Shape().Dim(3)))
}

// tapsTransposed multiplies every pixel with all taps at once, adds the results at their shifted places, and spreads
// the stacked channels over s×s pixels (depth to space).
func tapsTransposed(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	s, out := spec.Stride, kernel.Shape().Dim(3)
	height := spec.outputSize(x.Shape().Dim(1), kernel.Shape().Dim(0))
	width := spec.outputSize(x.Shape().Dim(2), kernel.Shape().Dim(1))
	t := tapsOf(kernel, s)
	products := dotAxis(x, t.stackTransposed(kernel)) // [b, h, w, th, tw, sso]
	d := products.Shape().Dimensions
	zero := graph.ScalarZero(x.Graph(), x.DType())
	var sum *graph.Node
	for i := range t.taps[0] {
		for j := range t.taps[1] {
			tap := graph.Slice(products, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisElem(i), graph.AxisElem(j))
			tap = graph.Reshape(tap, d[0], d[1], d[2], d[5])
			tap = graph.Pad(tap, zero, graph.PadAxis{}, graph.PadAxis{Start: i, End: t.taps[0] - 1 - i},
				graph.PadAxis{Start: j, End: t.taps[1] - 1 - j}, graph.PadAxis{})
			if sum == nil {
				sum = tap
			} else {
				sum = graph.Add(sum, tap)
			}
		}
	}
	y := depthToSpace(sum, s, out)
	y = fitAxis(y, 1, spec.Padding, height)
	return fitAxis(y, 2, spec.Padding, width)
}

// tapping is the kernel as taps: their number for height and width, and the stride.
type tapping struct {
	taps   [2]int
	stride int
}

func tapsOf(kernel *graph.Node, stride int) tapping {
	t := tapping{stride: stride}
	for i := range t.taps {
		t.taps[i] = (kernel.Shape().Dim(i) + stride - 1) / stride
	}
	return t
}

// blocksOf pads and crops x to the pixels that the taps see, and stacks blocks of pixels into channels.
func (t tapping) blocksOf(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	for i := range t.taps {
		positions := spec.outputSize(x.Shape().Dim(1+i), kernel.Shape().Dim(i))
		x = fitAxis(x, 1+i, -spec.Padding, (positions-1+t.taps[i])*t.stride)
	}
	return spaceToDepth(x, t.stride)
}

// shifted returns what tap (i, j) sees of the blocks: [b, h', w', s·s·c].
func (t tapping) shifted(blocks *graph.Node, i, j int) *graph.Node {
	d := blocks.Shape().Dimensions
	return graph.Slice(blocks, graph.AxisRange(), graph.AxisRange(i, d[1]-t.taps[0]+1+i),
		graph.AxisRange(j, d[2]-t.taps[1]+1+j))
}

// split pads kernel [kh, kw, in, out] to a multiple of the stride and returns it as [th, s, tw, s, in, out].
func (t tapping) split(kernel *graph.Node) *graph.Node {
	kernel = fitAxis(kernel, 0, 0, t.taps[0]*t.stride)
	kernel = fitAxis(kernel, 1, 0, t.taps[1]*t.stride)
	d := kernel.Shape().Dimensions
	return graph.Reshape(kernel, t.taps[0], t.stride, t.taps[1], t.stride, d[2], d[3])
}

// stack returns the kernel as [th, tw, s·s·in, out], the order of channels of spaceToDepth.
func (t tapping) stack(kernel *graph.Node) *graph.Node {
	d := kernel.Shape().Dimensions
	return graph.Reshape(graph.TransposeAllAxes(t.split(kernel), 0, 2, 1, 3, 4, 5), t.taps[0], t.taps[1], -1, d[3])
}

// stackTransposed returns the kernel as [in, th, tw, s·s·out], the order of channels of depthToSpace.
func (t tapping) stackTransposed(kernel *graph.Node) *graph.Node {
	d := kernel.Shape().Dimensions
	return graph.Reshape(graph.TransposeAllAxes(t.split(kernel), 4, 0, 2, 1, 3, 5), d[2], t.taps[0], t.taps[1], -1)
}

// spaceToDepth stacks blocks of s×s pixels into channels: [b, h·s, w·s, c] to [b, h, w, s·s·c].
func spaceToDepth(x *graph.Node, s int) *graph.Node {
	if s == 1 {
		return x
	}
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1]/s, s, d[2]/s, s, d[3])
	return graph.Reshape(graph.TransposeAllAxes(x, 0, 1, 3, 2, 4, 5), d[0], d[1]/s, d[2]/s, s*s*d[3])
}

// depthToSpace is the inverse of spaceToDepth: [b, h, w, s·s·c] to [b, h·s, w·s, c].
func depthToSpace(x *graph.Node, s, channels int) *graph.Node {
	if s == 1 {
		return x
	}
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1], d[2], s, s, channels)
	return graph.Reshape(graph.TransposeAllAxes(x, 0, 1, 3, 2, 4, 5), d[0], d[1]*s, d[2]*s, channels)
}

// fitAxis returns the `size` elements of an axis of x from index start on, which may be negative; elements outside x
// are zero.
func fitAxis(x *graph.Node, axis, start, size int) *graph.Node {
	have := x.Shape().Dim(axis)
	from, to := max(start, 0), min(start+size, have)
	if from != 0 || to != have {
		x = graph.SliceAxis(x, axis, graph.AxisRange(from, to))
	}
	before, after := from-start, start+size-to
	if before == 0 && after == 0 {
		return x
	}
	axes := make([]graph.PadAxis, x.Rank())
	axes[axis] = graph.PadAxis{Start: before, End: after}
	return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), axes...)
}

// dotChannels multiplies the last axis of x [b, h, w, c] with a matrix [c, out].
func dotChannels(x, matrix *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	y := graph.Dot(graph.Reshape(x, -1, d[3]), matrix).Product()
	return graph.Reshape(y, d[0], d[1], d[2], matrix.Shape().Dim(1))
}

// dotAxis multiplies the last axis of x [b, h, w, c] with the first of stack [c, ...]: [b, h, w, ...].
func dotAxis(x, stack *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	y := graph.Dot(graph.Reshape(x, -1, d[3]), graph.Reshape(stack, d[3], -1)).Product()
	return graph.Reshape(y, append([]int{d[0], d[1], d[2]}, stack.Shape().Dimensions[1:]...)...)
}
