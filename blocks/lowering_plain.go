package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
)

// plain is the backend's convolution in all three roles.
func (in operands) plain(r role) *graph.Node {
	if r == collect && in.stride == 1 && in.outChannel < in.imageChannels {
		return in.exchanged()
	}
	c := backendConv{axes: in.convolveAxes()}
	for i := range 2 {
		image, kernel, steps := in.image[i], in.kernel[i], (in.positions[i]-1)*in.stride+1
		padding := in.padding[i]
		c.stride[i], c.inputDilation[i], c.kernelDilation[i] = 1, 1, 1
		switch r {
		case correlate: // the end of the image that no position reaches is cut off
			c.stride[i] = in.stride
			c.padding[i] = [2]int{padding, steps + kernel - 1 - image - padding}
		case scatter: // positions with zeros between them, correlated with the flipped kernel
			c.inputDilation[i] = in.stride
			c.padding[i] = [2]int{kernel - 1 - padding, image - steps + padding}
		case collect: // the image correlated with positions that have gaps between them
			c.kernelDilation[i] = in.stride
			c.padding[i] = [2]int{padding, steps + kernel - 1 - image - padding}
		}
	}
	a, b := in.a, in.b
	switch r {
	case scatter:
		b = graph.Reverse(b, 0, 1)
		c.axes.KernelInputChannels, c.axes.KernelOutputChannels = c.axes.KernelOutputChannels, c.axes.KernelInputChannels
	case collect:
		c.axes = collectAxes(c.axes)
	}
	return c.convolve(a, b)
}

// exchanged is the role collect with image and positions in each other's place, which for a stride of 1 gives the kernel
// turned around. What is gathered for each pixel grows with the channels of the image, so that it should have the fewer.
func (in operands) exchanged() *graph.Node {
	other := in
	other.a, other.b, other.image, other.positions = in.b, in.a, in.positions, in.image
	other.imageChannels, other.outChannel, other.imageLast = in.outChannel, in.imageChannels, !in.imageLast
	other.padding = [2]int{in.kernel[0] - 1 - in.padding[0], in.kernel[1] - 1 - in.padding[1]}
	return graph.Reverse(other.plain(collect), 0, 1)
}

// convolveAxes is the order of axes of image, kernel and positions.
func (g geometry) convolveAxes() graph.ConvolveAxesConfig {
	axes := graph.ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}
	if g.imageLast {
		axes.KernelInputChannels, axes.KernelOutputChannels = 3, 2
	}
	return axes
}

// collectAxes exchanges batch and channels: the batch is what is summed over, the kernel is what comes out.
func collectAxes(a graph.ConvolveAxesConfig) graph.ConvolveAxesConfig {
	return graph.ConvolveAxesConfig{
		InputBatch: a.InputChannels, InputSpatial: a.InputSpatial, InputChannels: a.InputBatch,
		KernelSpatial: a.OutputSpatial, KernelInputChannels: a.OutputBatch, KernelOutputChannels: a.OutputChannels,
		OutputBatch: a.KernelInputChannels, OutputSpatial: a.KernelSpatial, OutputChannels: a.KernelOutputChannels,
	}
}

// backendConv is a convolution of two spatial axes in the backend's terms. Padding may be negative: it crops.
type backendConv struct {
	axes                                  graph.ConvolveAxesConfig
	stride, inputDilation, kernelDilation [2]int
	padding                               [2][2]int // before and after, for height and width
}

func (c backendConv) convolve(x, kernel *graph.Node) *graph.Node {
	for i, axis := range c.axes.InputSpatial { // backends take no negative padding
		from, to := 0, x.Shape().Dim(axis)
		for ; c.padding[i][0] < 0; c.padding[i][0] += c.inputDilation[i] {
			from++
		}
		for ; c.padding[i][1] < 0; c.padding[i][1] += c.inputDilation[i] {
			to--
		}
		x = graph.SliceAxis(x, axis, graph.AxisRange(from, to))
	}
	return graph.ConvGeneral(x, kernel, c.axes, unlessOne(c.stride), c.padding[:], unlessOne(c.inputDilation),
		unlessOne(c.kernelDilation), 1, 1)
}

// unlessOne returns nil for steps of 1: GoMLX treats an explicit 1 as a stride or dilation that is present.
func unlessOne(steps [2]int) []int {
	if steps == [2]int{1, 1} {
		return nil
	}
	return steps[:]
}
