package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Convolution1D convolves along the width of x [batch, 1, w, in] with kernel [1, k, in, out] in steps of stride, with the
// padding that TensorFlow calls "same": p = ⌊(k-stride)/2⌋ zeros before x and the rest of k-stride after it,
//
//	y[i] = Σ_a x[i·stride + a - p]·W[a]          [batch, 1, w/stride, out]
//
// Transposed it is the adjoint, with the kernel again [1, k, in, out]:
//
//	y[i·stride + a - p] += x[i]·W[a]             [batch, 1, w·stride, out]
//
// It has gradients of every order with respect to x and kernel. It is computed as a convolution of stride 1 on groups of
// `stride` samples, which a change of shape makes channels. It panics if the shapes do not fit, if k < stride, or if w is
// not divisible by stride (unless transposed).
func Convolution1D(x, kernel *graph.Node, stride int, transposed bool) *graph.Node {
	xs, ks := x.Shape(), kernel.Shape()
	if xs.Rank() != 4 || ks.Rank() != 4 || xs.Dim(1) != 1 || ks.Dim(0) != 1 || xs.Dim(3) != ks.Dim(2) {
		exceptions.Panicf("blocks: Convolution1D needs x [batch, 1, w, in] and kernel [1, k, in, out], got %s and %s", xs, ks)
	}
	batch, w, in, k, out := xs.Dim(0), xs.Dim(2), xs.Dim(3), ks.Dim(1), ks.Dim(3)
	if stride < 1 || k < stride || !transposed && w%stride != 0 {
		exceptions.Panicf("blocks: Convolution1D of x %s and kernel %s cannot have stride %d", xs, ks, stride)
	}
	// A position sees the group that it begins in and `reach` groups to each side, of which zeros in the kernel hide the
	// samples that are too far away.
	before := (k - stride) / 2
	reach := (k - stride - before + stride - 1) / stride
	taps := 2*reach + 1
	first := reach*stride - before
	zero := graph.ScalarZero(x.Graph(), x.DType())
	kernel = graph.Pad(kernel, zero, graph.PadAxis{}, graph.PadAxis{Start: first, End: taps*stride - first - k}, graph.PadAxis{}, graph.PadAxis{})
	spec := ConvSpec{Stride: 1, PaddingHW: [2]int{0, reach}, Transposed: transposed}
	if !transposed {
		kernel = graph.Reshape(kernel, 1, taps, stride*in, out)
		return Convolution(graph.Reshape(x, batch, 1, w/stride, stride*in), kernel, spec)
	}
	kernel = graph.TransposeAllAxes(graph.Reshape(kernel, taps, stride, in, out), 0, 2, 1, 3)
	y := Convolution(x, graph.Reshape(kernel, 1, taps, in, stride*out), spec)
	return graph.Reshape(y, batch, 1, w*stride, out)
}
