package blocks_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// strided computes what Convolution1D says with Convolution, which is compared with PyTorch: on x padded by hand, or
// whole and cut.
func strided(x, kernel *graph.Node, stride int, transposed bool) *graph.Node {
	k := kernel.Shape().Dim(1)
	before := (k - stride) / 2
	if transposed {
		whole := blocks.Convolution(x, kernel, blocks.ConvSpec{Stride: stride, Transposed: true})
		return graph.SliceAxis(whole, 2, graph.AxisRange(before, before+stride*x.Shape().Dim(2)))
	}
	zero := graph.ScalarZero(x.Graph(), x.DType())
	x = graph.Pad(x, zero, graph.PadAxis{}, graph.PadAxis{}, graph.PadAxis{Start: before, End: k - stride - before}, graph.PadAxis{})
	return blocks.Convolution(x, kernel, blocks.ConvSpec{Stride: stride})
}

// TestConvolution1D compares values, first and second derivatives in float64.
func TestConvolution1D(t *testing.T) {
	type convolve = func(x, kernel *graph.Node, stride int, transposed bool) *graph.Node
	for _, c := range []struct{ w, k, stride, in, out int }{
		{16, 25, 4, 2, 3}, {8, 25, 4, 1, 2}, {6, 3, 3, 2, 2}, {6, 4, 3, 1, 1}, {12, 9, 4, 1, 2}, {5, 6, 1, 2, 1}, {4, 7, 2, 3, 1},
	} {
		for _, transposed := range []bool{false, true} {
			t.Run(fmt.Sprint(c, transposed), func(t *testing.T) {
				derive := func(f convolve, x, kernel *graph.Node) []*graph.Node {
					y := f(x, kernel, c.stride, transposed)
					weight := graph.ConstTensor(x.Graph(), formula(3, y.Shape().Dimensions...))
					first := graph.Gradient(graph.ReduceAllSum(graph.Mul(weight, graph.Square(y))), x, kernel)
					second := graph.Gradient(sumOfSquares(first...), x, kernel)
					return slices.Concat([]*graph.Node{y}, first, second)
				}
				out := call(t, testbackend.Go(t), func(x, kernel *graph.Node) []*graph.Node {
					return append(derive(blocks.Convolution1D, x, kernel), derive(strided, x, kernel)...)
				}, formula(1, 2, 1, c.w, c.in), formula(2, 1, c.k, c.in, c.out))
				for i, name := range derivatives {
					want := out[i+len(derivatives)]
					if !slices.Equal(out[i].Shape().Dimensions, want.Shape().Dimensions) {
						t.Fatalf("%s is %s, want %s", name, out[i].Shape(), want.Shape())
					}
					near(t, name, flat(t, out[i]), flat(t, want), 1e-12) // float64, sums in another order
				}
			})
		}
	}
}

func TestConvolution1DShapes(t *testing.T) {
	for name, shape := range map[string][3][]int{
		"height 2":            {{1, 2, 8, 1}, {1, 5, 1, 1}, {4}},
		"kernel of 2 rows":    {{1, 1, 8, 1}, {2, 5, 1, 1}, {4}},
		"channels":            {{1, 1, 8, 2}, {1, 5, 1, 1}, {4}},
		"a rest":              {{1, 1, 9, 1}, {1, 5, 1, 1}, {4}},
		"kernel below stride": {{1, 1, 8, 1}, {1, 3, 1, 1}, {4}},
		"stride 0":            {{1, 1, 8, 1}, {1, 3, 1, 1}, {0}},
	} {
		exec, err := graph.NewExec(testbackend.Go(t), func(x, kernel *graph.Node) *graph.Node {
			return blocks.Convolution1D(x, kernel, shape[2][0], false)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.Call(formula(1, shape[0]...), formula(1, shape[1]...)); err == nil {
			t.Errorf("%s was computed", name)
		}
		exec.Finalize()
	}
}
