package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// ConvSpec says how a kernel moves over an image; see Convolution.
type ConvSpec struct {
	Stride        int      // pixels between two positions of the kernel, at least 1
	Padding       int      // zeros at all four sides; for Transposed, rows and columns cut off the output
	PaddingHW     [2]int   // Padding of height and width where they differ; Padding is 0 then
	OutputPadding int      // Transposed only: rows and columns added at the end of the output, less than Stride
	Transposed    bool     // the adjoint (ConvTranspose2D) instead of the convolution
	Upsampled     bool     // the kernel sees x doubled by UpsampleNearest2; not with Transposed
	Pooled        bool     // the output is halved by AveragePool2; not with Transposed or Upsampled
	Lowering      Lowering // how it is computed; the zero value is Auto
	Inference     bool     // no gradient will be taken: Auto looks at the time of the convolution alone
}

// padding returns the padding of height and width.
func (s ConvSpec) padding() [2]int {
	if s.PaddingHW != [2]int{} {
		return s.PaddingHW
	}
	return [2]int{s.Padding, s.Padding}
}

// outputSize returns the size of one output axis.
func (s ConvSpec) outputSize(size, kernel, padding int) int {
	if s.Transposed {
		return (size-1)*s.Stride - 2*padding + kernel + s.OutputPadding
	}
	padded := size + 2*padding - kernel
	if padded < 0 {
		return 0
	}
	return padded/s.Stride + 1
}

// Convolution convolves x [batch, h, w, in] with kernel [kh, kw, in, out]; the result is [batch, h', w', out]. Conv2D
// and ConvTranspose2D give the equations and the sizes. All lowerings compute the same, to rounding, and have gradients
// of every order with respect to x and kernel. It panics if the shapes do not fit.
func Convolution(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	xs, ks := x.Shape(), kernel.Shape()
	if xs.Rank() != 4 || ks.Rank() != 4 || xs.Dim(3) != ks.Dim(2) {
		exceptions.Panicf("blocks: Convolution needs x [batch, h, w, in] and kernel [kh, kw, in, out], got %s and %s", xs, ks)
	}
	padding := spec.padding()
	if spec.Stride < 1 || min(padding[0], padding[1]) < 0 || (spec.Padding != 0 && spec.PaddingHW != [2]int{}) ||
		spec.OutputPadding < 0 || (spec.OutputPadding > 0 && (!spec.Transposed || spec.OutputPadding >= spec.Stride)) {
		exceptions.Panicf("blocks: Convolution cannot have stride %d, padding %d and %v, output padding %d (transposed: %t)",
			spec.Stride, spec.Padding, spec.PaddingHW, spec.OutputPadding, spec.Transposed)
	}
	if spec.Upsampled || spec.Pooled {
		return resampled(x, kernel, spec)
	}
	g := spec.geometry(x, kernel)
	r := correlate
	if spec.Transposed {
		r = scatter
		g.image, g.positions = g.positions, g.image
		g.imageChannels, g.outChannel, g.imageLast = g.outChannel, g.imageChannels, true
	}
	if g.lowering == Auto {
		g.lowering = g.choose(x.Graph().Backend())
	}
	return g.contract(r, x, kernel)
}

// geometry is that of a convolution of x, as if it were not transposed.
func (s ConvSpec) geometry(x, kernel *graph.Node) geometry {
	xs, ks := x.Shape(), kernel.Shape()
	g := geometry{
		batch: xs.Dim(0), kernel: [2]int{ks.Dim(0), ks.Dim(1)},
		image: [2]int{xs.Dim(1), xs.Dim(2)}, imageChannels: ks.Dim(2), outChannel: ks.Dim(3),
		stride: s.Stride, padding: s.padding(), lowering: s.Lowering, inference: s.Inference,
	}
	for i := range 2 {
		g.positions[i] = s.outputSize(g.image[i], g.kernel[i], g.padding[i])
		if g.positions[i] < 1 {
			exceptions.Panicf("blocks: nothing is left of x %s under kernel %s with %+v", xs, ks, s)
		}
	}
	return g
}
