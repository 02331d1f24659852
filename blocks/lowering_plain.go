package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// plain is the backend's convolution, with the gradient of this file.
func plain(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	var m movement
	m.axes = channelsLast
	for i := range m.stride {
		m.stride[i], m.inputDilation[i], m.kernelDilation[i] = spec.Stride, 1, 1
		m.padding[i] = [2]int{spec.Padding, spec.Padding}
		if spec.Transposed {
			// The adjoint correlates the image, with zeros between its pixels, with the flipped kernel.
			m.stride[i], m.inputDilation[i] = 1, spec.Stride
			border := kernel.Shape().Dim(i) - 1 - spec.Padding
			m.padding[i] = [2]int{border, border + spec.OutputPadding}
		}
	}
	if spec.Transposed {
		kernel = graph.Reverse(kernel, 0, 1)
	}
	return m.convolve(x, kernel)
}

// channelsLast is the order of axes of Convolution.
var channelsLast = graph.ConvolveAxesConfig{
	InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
	KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
	OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
}

// movement is a general convolution of two spatial axes:
//
//	y[i] = Σ_a xd[i·stride + a·kernelDilation - padding[0]] · W[a]
//
// where xd is x with inputDilation-1 zeros between its pixels. Padding may be negative: it crops xd. The gradients of
// such a convolution are such convolutions, so that movements give gradients of every order.
type movement struct {
	axes                                  graph.ConvolveAxesConfig
	stride, inputDilation, kernelDilation [2]int
	padding                               [2][2]int // before and after, for height and width
}

// movements are the movements of the convolutions of one graph, kept with it so that their gradients find them.
type movements map[graph.NodeId]movement

type movementsKey struct{}

func (m movement) convolve(x, kernel *graph.Node) *graph.Node {
	x = m.crop(x)
	y := graph.ConvGeneral(x, kernel, m.axes, unlessOne(m.stride), m.padding[:], unlessOne(m.inputDilation),
		unlessOne(m.kernelDilation), 1, 1)
	known, ok := x.Graph().State(movementsKey{}).(movements)
	if !ok {
		known = movements{}
		x.Graph().AttachState(movementsKey{}, known)
	}
	known[y.Id()] = m
	return y
}

// crop makes every padding non-negative by dropping pixels of x: backends take no negative padding.
func (m *movement) crop(x *graph.Node) *graph.Node {
	for i, axis := range m.axes.InputSpatial {
		from, to := 0, x.Shape().Dim(axis)
		for ; m.padding[i][0] < 0; m.padding[i][0] += m.inputDilation[i] {
			from++
		}
		for ; m.padding[i][1] < 0; m.padding[i][1] += m.inputDilation[i] {
			to--
		}
		if to <= from {
			exceptions.Panicf("blocks: a convolution crops all of x %s", x.Shape())
		}
		x = graph.SliceAxis(x, axis, graph.AxisRange(from, to))
	}
	return x
}

// unlessOne returns nil for steps of 1: GoMLX treats an explicit 1 as a stride or dilation that is present.
func unlessOne(steps [2]int) []int {
	if steps == [2]int{1, 1} {
		return nil
	}
	return steps[:]
}

// inputGradient returns the gradient with respect to x, given v, that of y = m(x, kernel).
func (m movement) inputGradient(x, kernel, v *graph.Node) *graph.Node {
	r := movement{axes: m.axes, stride: m.inputDilation, inputDilation: m.stride, kernelDilation: m.kernelDilation}
	r.axes.InputBatch, r.axes.InputSpatial, r.axes.InputChannels =
		m.axes.OutputBatch, m.axes.OutputSpatial, m.axes.OutputChannels
	r.axes.OutputBatch, r.axes.OutputSpatial, r.axes.OutputChannels =
		m.axes.InputBatch, m.axes.InputSpatial, m.axes.InputChannels
	r.axes.KernelInputChannels, r.axes.KernelOutputChannels = m.axes.KernelOutputChannels, m.axes.KernelInputChannels
	for i := range r.padding {
		size, window, steps := m.extents(i, x, kernel, v)
		r.padding[i] = [2]int{window - 1 - m.padding[i][0], size - steps + m.padding[i][0]}
	}
	return r.convolve(v, graph.Reverse(kernel, m.axes.KernelSpatial...))
}

// kernelGradient returns the gradient with respect to the kernel: x correlated with v, summed over the batch.
func (m movement) kernelGradient(x, kernel, v *graph.Node) *graph.Node {
	r := movement{stride: m.kernelDilation, inputDilation: m.inputDilation, kernelDilation: m.stride}
	r.axes = graph.ConvolveAxesConfig{
		InputBatch: m.axes.InputChannels, InputSpatial: m.axes.InputSpatial, InputChannels: m.axes.InputBatch,
		KernelSpatial: m.axes.OutputSpatial, KernelInputChannels: m.axes.OutputBatch,
		KernelOutputChannels: m.axes.OutputChannels,
		OutputBatch:          m.axes.KernelInputChannels, OutputSpatial: m.axes.KernelSpatial,
		OutputChannels: m.axes.KernelOutputChannels,
	}
	for i := range r.padding {
		size, window, steps := m.extents(i, x, kernel, v)
		r.padding[i] = [2]int{m.padding[i][0], window - 1 + steps - size - m.padding[i][0]}
	}
	return r.convolve(x, v)
}

// extents returns, for spatial axis i, the sizes of x and of the kernel with their dilation zeros, and the distance
// that the kernel covers between its first and last position, plus 1.
func (m movement) extents(i int, x, kernel, v *graph.Node) (size, window, steps int) {
	size = (x.Shape().Dim(m.axes.InputSpatial[i])-1)*m.inputDilation[i] + 1
	window = (kernel.Shape().Dim(m.axes.KernelSpatial[i])-1)*m.kernelDilation[i] + 1
	steps = (v.Shape().Dim(m.axes.OutputSpatial[i])-1)*m.stride[i] + 1
	return size, window, steps
}
