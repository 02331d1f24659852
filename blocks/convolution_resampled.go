package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// resampled is a convolution after UpsampleNearest2 or before AveragePool2. Both are linear, so that the work can be less
// than that of the two one after the other, for the same values:
//
//   - a 1x1 convolution exchanges places with them, and works on the small image;
//   - with a 3x3 kernel of stride 1, padded by 1, products of the lowering Winograd vanish: 9 of 16 are left. Pooling is a
//     quarter of the adjoint of upsampling: the scatter of the flipped kernel on the small image.
//
// It panics if spec is Transposed, or both Upsampled and Pooled.
func resampled(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	up := spec.Upsampled
	if spec.Transposed || (up && spec.Pooled) {
		exceptions.Panicf("blocks: Convolution can be only one of Transposed, Upsampled and Pooled, got %+v", spec)
	}
	spec.Upsampled, spec.Pooled = false, false
	g := spec.geometry(x, kernel)
	pointwise := g.kernel == [2]int{1, 1} && g.stride == 1 && g.padding == [2]int{}
	g.doubled = g.kernel == [2]int{3, 3} && g.stride == 1 && g.padding == [2]int{1, 1} &&
		(up || g.image[0]%2 == 0 && g.image[1]%2 == 0)
	if g.lowering == Auto {
		g.lowering = g.choose(x.Graph().Backend())
	}
	fused := g.doubled && g.lowering == Winograd
	switch {
	case pointwise && up:
		return UpsampleNearest2(Convolution(x, kernel, spec))
	case pointwise:
		return Convolution(AveragePool2(x), kernel, spec)
	case fused && up:
		g.positions = [2]int{2 * g.image[0], 2 * g.image[1]}
		return g.contract(correlate, x, kernel)
	case fused:
		g.image = [2]int{g.image[0] / 2, g.image[1] / 2}
		g.imageChannels, g.outChannel, g.imageLast = g.outChannel, g.imageChannels, true
		return g.contract(scatter, x, graph.DivScalar(graph.Reverse(kernel, 0, 1), 4))
	case up:
		return Convolution(UpsampleNearest2(x), kernel, spec)
	}
	return AveragePool2(Convolution(x, kernel, spec))
}
