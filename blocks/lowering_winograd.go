package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// This file computes convolutions with 3x3 kernels of stride 1 with fewer multiplications: Winograd's minimal filtering
// (Lavin and Gray 2016, https://arxiv.org/abs/1509.09308). Along one axis, with a tile x of the image, the kernel w and
// the outputs y that belong to the tile,
//
//	correlate:  y = Aᵀ·[(G·w) ⊙ (Bᵀ·x)]
//	collect:    w = Gᵀ·Σ_tiles [(A·y) ⊙ (Bᵀ·x)]
//
// where B, G and A hold few small numbers. Both axes take their turn, and ⊙ becomes a matrix product over the channels,
// one for each pair of rows of B. scatter is correlate with the flipped kernel.

// minimal is an algorithm for one axis.
type minimal struct {
	image  [][]float64 // Bᵀ [products, pixels of a tile]
	step   int         // pixels from one tile to the next
	kernel [][]float64 // G [products, 3]
	output [][]float64 // Aᵀ [outputs of a tile, products]
}

var (
	// winograd is F(2, 3): 4 products for 2 outputs, where the definition takes 6.
	winograd = minimal{
		image:  [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
		step:   2,
		kernel: [][]float64{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}},
		output: [][]float64{{1, 1, 1, 0}, {0, 1, -1, -1}},
	}
	// winogradUp is F(2, 3) on an image doubled by nearest neighbour: in tiles a, b, b, c the third product is zero.
	winogradUp = minimal{
		image:  [][]float64{{1, -1, 0}, {0, 1, 0}, {0, 1, -1}},
		step:   1,
		kernel: [][]float64{{1, 0, 0}, {1, 1, 1}, {0, 0, 1}},
		output: [][]float64{{1, 1, 0}, {0, 1, -1}},
	}
	// winogradSum gives the sum of the two outputs of F(2, 3), in which the third product cancels.
	winogradSum = minimal{
		image:  [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 0, 1}},
		step:   2,
		kernel: [][]float64{{1, 0, 0}, {1, 1, 1}, {0, 0, 1}},
		output: [][]float64{{1, 1, 1}},
	}
)

// winograd computes the three roles.
func (in operands) winograd(r role) *graph.Node {
	if in.kernel != [2]int{3, 3} || in.stride != 1 {
		exceptions.Panicf("blocks: the lowering winograd is for kernels 3x3 of stride 1, not %v of stride %d", in.kernel, in.stride)
	}
	forth, back := winograd, winograd
	if in.doubled {
		forth, back = winogradUp, winogradSum
	}
	switch r {
	case correlate:
		return in.filter(forth, in.b, in.first(), in.positions, in.imageLast)
	case scatter:
		first := [2]int{in.padding[0] - 2, in.padding[1] - 2}
		return in.filter(back, graph.Reverse(in.b, 0, 1), first, in.image, !in.imageLast)
	default:
		return in.collectWinograd(forth)
	}
}

// filter correlates a with the kernel, beginning with pixel `first` of a: [batch, size..., channels]. The kernel is
// [3, 3, a's channels, channels], or [3, 3, channels, a's channels] if transposed is set.
func (in operands) filter(m minimal, kernel *graph.Node, first, size [2]int, transposed bool) *graph.Node {
	tiles := m.tiles(size)
	seen := in.seenTiles(m, in.a, first, tiles)
	kernels := in.bothAxes(m.kernel, kernel, 0, 1, [2]int{1, 1})
	contracted := 0
	if transposed {
		contracted = 1
	}
	products := make([][]*graph.Node, len(seen))
	for i := range seen {
		for j := range seen[i] {
			matrix := graph.Reshape(kernels[i][j], kernel.Shape().Dim(2), kernel.Shape().Dim(3))
			product := graph.EinsumAxes(seen[i][j], matrix, [][2]int{{1, contracted}}, nil)
			products[i] = append(products[i], graph.Reshape(product, in.batch, tiles[0], tiles[1], -1))
		}
	}
	y := interleave(in.combineBoth(m.output, products), 2, 3)
	return in.window(graph.Reshape(y, in.batch, tiles[0]*len(m.output), tiles[1]*len(m.output), -1), 1, [2]int{}, size)
}

// collectWinograd is the role collect.
func (in operands) collectWinograd(m minimal) *graph.Node {
	n, tiles := len(m.output), m.tiles(in.positions)
	seen := in.seenTiles(m, in.a, in.first(), tiles)
	positions := in.window(in.b, 1, [2]int{}, [2]int{n * tiles[0], n * tiles[1]})
	outputs := in.bothAxes(transpose(m.output), positions, 1, n, tiles)
	products := make([][]*graph.Node, len(seen))
	for i := range seen {
		for j := range seen[i] {
			products[i] = append(products[i], graph.EinsumAxes(seen[i][j], in.rows(outputs[i][j]), [][2]int{{0, 0}}, nil))
		}
	}
	kernel := interleave(in.combineBoth(transpose(m.kernel), products), 0, 0)
	if in.imageLast {
		kernel = graph.Transpose(kernel, 2, 3)
	}
	return kernel
}

// tiles returns how many tiles, for height and width, give size outputs.
func (m minimal) tiles(size [2]int) [2]int {
	n := len(m.output)
	return [2]int{(size[0] + n - 1) / n, (size[1] + n - 1) / n}
}

// seenTiles returns Bᵀ·x·B for all tiles of x, beginning with pixel `first`: for each pair of products
// [batch·tiles, channels].
func (in operands) seenTiles(m minimal, x *graph.Node, first, tiles [2]int) [][]*graph.Node {
	taps := len(m.image[0])
	x = in.window(x, 1, first, [2]int{(tiles[0]-1)*m.step + taps, (tiles[1]-1)*m.step + taps})
	seen := in.bothAxes(m.image, x, 1, m.step, tiles)
	for i := range seen {
		for j := range seen[i] {
			seen[i][j] = graph.Reshape(seen[i][j], -1, x.Shape().Dim(3))
		}
	}
	return seen
}

// bothAxes returns M·x·Mᵀ over windows of axes axis and axis+1 of x, which begin every `step` elements; count is the
// number of windows. The result is [rows of M][rows of M]; in each node the two axes number the windows.
func (in operands) bothAxes(matrix [][]float64, x *graph.Node, axis, step int, count [2]int) [][]*graph.Node {
	result := make([][]*graph.Node, len(matrix))
	for i, row := range in.oneAxis(matrix, x, axis, step, count[0]) {
		result[i] = in.oneAxis(matrix, row, axis+1, step, count[1])
	}
	return result
}

func (in operands) oneAxis(matrix [][]float64, x *graph.Node, axis, step, count int) []*graph.Node {
	elements := make([]*graph.Node, len(matrix[0]))
	for t := range elements {
		elements[t] = graph.SliceAxis(x, axis, graph.AxisRange(t, t+(count-1)*step+1).Stride(step))
	}
	result := make([]*graph.Node, len(matrix))
	for i, row := range matrix {
		result[i] = in.combine(row, elements)
	}
	return result
}

// combineBoth returns M·x·Mᵀ for x given by its elements.
func (in operands) combineBoth(matrix [][]float64, x [][]*graph.Node) [][]*graph.Node {
	result := make([][]*graph.Node, len(matrix))
	column := make([]*graph.Node, len(x))
	for p, row := range matrix {
		half := make([]*graph.Node, len(x[0]))
		for j := range half {
			for i := range x {
				column[i] = x[i][j]
			}
			half[j] = in.combine(row, column)
		}
		for _, row := range matrix {
			result[p] = append(result[p], in.combine(row, half))
		}
	}
	return result
}

// combine returns Σ factors[i]·terms[i] for factors of 0, ±1 and ±1/2.
func (in operands) combine(factors []float64, terms []*graph.Node) *graph.Node {
	var sum *graph.Node
	for i, f := range factors {
		term := terms[i]
		if f == .5 || f == -.5 {
			term = graph.Mul(in.half, term)
		}
		switch {
		case f > 0:
			sum = plus(sum, term)
		case f < 0 && sum != nil:
			sum = graph.Sub(sum, term)
		case f < 0:
			sum = graph.Neg(term)
		}
	}
	return sum
}

// interleave stacks x[p][q]: first the q along axis inner, then the p along axis outer.
func interleave(x [][]*graph.Node, outer, inner int) *graph.Node {
	rows := make([]*graph.Node, len(x))
	for p := range x {
		rows[p] = graph.Stack(x[p], inner)
	}
	return graph.Stack(rows, outer)
}

func transpose(matrix [][]float64) [][]float64 {
	result := make([][]float64, len(matrix[0]))
	for j := range result {
		for i := range matrix {
			result[j] = append(result[j], matrix[i][j])
		}
	}
	return result
}
