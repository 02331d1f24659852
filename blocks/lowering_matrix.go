package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
)

// This file writes convolutions as matrix products. What a position sees of the image, its patch, is a row
// of kh·kw·in numbers; an image becomes a matrix of patches, one row for each position, and
//
//	positions = patches(image) · kernel       correlate
//	kernel    = patches(image)ᵀ · positions   collect
//	image     = overlap(positions · kernelᵀ)  scatter: rows added up where patches overlap
//
// Patches are gathered in runs as long as possible: an image [b, h, w, c] whose columns are taken in groups of s, the
// stride, is [b, h/s, s, w/s, s·c], where what one position sees of a row are slices of whole last axes. No stride,
// dilation or convolution is left in the graph.

// patches returns [batch·h'·w', kh·kw·in], in the order of the kernel's axes.
func (in operands) patches(image *graph.Node) *graph.Node {
	s, c := in.stride, in.imageChannels
	if in.positions == [2]int{1, 1} { // the first layer of a generator, the last of a discriminator
		image = in.window(image, 1, in.first(), in.kernel)
		return graph.Reshape(image, in.batch, -1)
	}
	image = in.window(image, 1, in.first(), in.windowSize())
	d := image.Shape().Dimensions
	image = graph.Reshape(image, d[0], d[1]/s, s, d[2]/s, s*c)
	h, w := in.positions[0], in.positions[1]
	var parts []*graph.Node
	for row := range in.kernel[0] {
		for column := 0; column < in.kernel[1]; column += s {
			run := min(s, in.kernel[1]-column) * c
			part := graph.Slice(image, graph.AxisRange(), graph.AxisRange(row/s, row/s+h), graph.AxisElem(row%s),
				graph.AxisRange(column/s, column/s+w), graph.AxisRange(0, run))
			parts = append(parts, graph.Reshape(part, d[0]*h*w, run))
		}
	}
	return graph.Concatenate(parts, 1)
}

// overlap adds the patches [batch·h'·w', kh·kw·in] up to the image that they were taken from.
func (in operands) overlap(patches *graph.Node) *graph.Node {
	s, c, h, w := in.stride, in.imageChannels, in.positions[0], in.positions[1]
	taps := in.taps()
	if in.positions == [2]int{1, 1} {
		image := graph.Reshape(patches, in.batch, taps[0]*s, taps[1]*s, c)
		return in.window(image, 1, in.padding, in.image)
	}
	patches = graph.Reshape(patches, in.batch, h, w, taps[0], s, taps[1], s*c)
	var sum *graph.Node
	for i := range taps[0] {
		for j := range taps[1] {
			part := graph.Slice(patches, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisElem(i),
				graph.AxisRange(), graph.AxisElem(j), graph.AxisRange())
			part = graph.TransposeAllAxes(graph.Reshape(part, in.batch, h, w, s, s*c), 0, 1, 3, 2, 4)
			part = graph.Pad(part, in.zero, graph.PadAxis{}, graph.PadAxis{Start: i, End: taps[0] - 1 - i}, graph.PadAxis{},
				graph.PadAxis{Start: j, End: taps[1] - 1 - j}, graph.PadAxis{})
			sum = plus(sum, part)
		}
	}
	size := in.windowSize()
	image := graph.Reshape(sum, in.batch, size[0], size[1], c)
	return in.window(image, 1, in.padding, in.image)
}

// matrix computes the three roles with one matrix product each.
func (in operands) matrix(r role) *graph.Node {
	switch r {
	case correlate:
		y := in.timesKernel(in.patches(in.a), in.b)
		return graph.Reshape(y, in.positionsDims()...)
	case scatter:
		kernel := in.b
		taps := in.taps()
		// The last tap may stick out of the kernel: zeros.
		kernel = in.window(kernel, 0, [2]int{}, [2]int{taps[0] * in.stride, taps[1] * in.stride})
		return in.overlap(in.byKernel(in.rows(in.a), kernel))
	default:
		return in.collectMatrix(in.patches(in.a), in.rows(in.b))
	}
}

// rows returns positions as a matrix [batch·h'·w', out].
func (in operands) rows(positions *graph.Node) *graph.Node {
	return graph.Reshape(positions, -1, in.outChannel)
}

// timesKernel multiplies patches with the kernel: [batch·h'·w', out].
func (in operands) timesKernel(patches, kernel *graph.Node) *graph.Node {
	if !in.imageLast {
		return graph.Dot(patches, graph.Reshape(kernel, -1, in.outChannel)).Product()
	}
	kernel = graph.Reshape(graph.Transpose(kernel, 2, 3), -1, in.outChannel)
	return graph.Dot(patches, kernel).Product()
}

// byKernel multiplies positions with the transposed kernel [kh, kw, ...]: [batch·h'·w', kh·kw·in].
func (in operands) byKernel(rows, kernel *graph.Node) *graph.Node {
	if in.imageLast {
		kernel = graph.Transpose(kernel, 2, 3)
	}
	kernel = graph.Reshape(kernel, -1, in.outChannel)
	return graph.EinsumAxes(rows, kernel, [][2]int{{1, 1}}, nil)
}

// collectMatrix is patchesᵀ·rows, as the kernel.
func (in operands) collectMatrix(patches, rows *graph.Node) *graph.Node {
	kernel := graph.Reshape(timesTransposed(patches, rows), in.kernel[0], in.kernel[1], in.imageChannels, in.outChannel)
	if in.imageLast {
		kernel = graph.Transpose(kernel, 2, 3)
	}
	return kernel
}

// timesTransposed returns aᵀ·b for a [n, k] and b [n, m].
func timesTransposed(a, b *graph.Node) *graph.Node {
	if b.Shape().Dim(0) < swapFactor*b.Shape().Dim(1) {
		return graph.EinsumAxes(a, b, [][2]int{{0, 0}}, nil)
	}
	// XLA repacks a transposed left factor slowly: let that be the narrow one, and transpose the small result. The two
	// signs, which change no bit, keep XLA from turning the product around again.
	return graph.Transpose(graph.Neg(graph.EinsumAxes(graph.Neg(b), a, [][2]int{{0, 0}}, nil)), 0, 1)
}

// taps is the number of strides that the kernel covers, rounded up, for height and width.
func (g geometry) taps() [2]int {
	return [2]int{(g.kernel[0] + g.stride - 1) / g.stride, (g.kernel[1] + g.stride - 1) / g.stride}
}

// windowSize is the size of what all positions see of the padded image, rounded up to whole strides.
func (g geometry) windowSize() [2]int {
	taps := g.taps()
	return [2]int{(g.positions[0] - 1 + taps[0]) * g.stride, (g.positions[1] - 1 + taps[1]) * g.stride}
}

// first is the row and column of the image where the first position of the kernel begins.
func (g geometry) first() [2]int { return [2]int{-g.padding[0], -g.padding[1]} }

// window returns `size` elements of axes axis and axis+1 of x from index start on, which may be negative; elements
// outside x are zero.
func (in operands) window(x *graph.Node, axis int, start, size [2]int) *graph.Node {
	pads := make([]graph.PadAxis, x.Rank())
	padded := false
	for i := range 2 {
		have := x.Shape().Dim(axis + i)
		from, to := max(start[i], 0), min(start[i]+size[i], have)
		if from != 0 || to != have {
			x = graph.SliceAxis(x, axis+i, graph.AxisRange(from, to))
		}
		pads[axis+i] = graph.PadAxis{Start: from - start[i], End: start[i] + size[i] - to}
		padded = padded || pads[axis+i] != graph.PadAxis{}
	}
	if !padded {
		return x
	}
	return graph.Pad(x, in.zero, pads...)
}
