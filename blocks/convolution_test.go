package blocks_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/weights"
)

// lowerings are those of all kernels and strides.
var lowerings = []blocks.Lowering{blocks.Plain, blocks.Taps, blocks.Patches, blocks.Auto}

// lowerings are those that the case can have.
func (c convCase) lowerings() []blocks.Lowering {
	if c.kh == 3 && c.kw == 3 && c.stride == 1 {
		return append(slices.Clone(lowerings), blocks.Winograd)
	}
	return lowerings
}

// derivatives are the names of what a case of testdata/ref/make_convolutions.py holds.
var derivatives = []string{"y", "gx", "gw", "hx", "hw"}

// convCase is one row of the table of make_convolutions.py.
type convCase struct {
	name                 string
	batch, h, w, in, out int
	kh, kw, stride       int
	padding              [2]int // height and width
	outputPadding        int
	transposed           bool
}

func readCases(t *testing.T) ([]convCase, map[string]weights.Array) {
	t.Helper()
	arrays, err := weights.ReadNPZ("testdata/ref/convolutions.npz")
	if err != nil {
		t.Fatal(err)
	}
	var cases []convCase
	for key, a := range arrays {
		name, ok := strings.CutSuffix(key, ".case")
		if !ok {
			continue
		}
		v, err := a.Int64s()
		if err != nil {
			t.Fatal(err)
		}
		n := func(i int) int { return int(v[i]) }
		cases = append(cases, convCase{name, n(0), n(1), n(2), n(3), n(4), n(5), n(6), n(7),
			[2]int{n(8), n(9)}, n(10), v[11] == 1})
	}
	slices.SortFunc(cases, func(a, b convCase) int { return strings.Compare(a.name, b.name) })
	if len(cases) < 30 {
		t.Fatalf("convolutions.npz holds %d cases, want at least 30", len(cases))
	}
	return cases, arrays
}

func (c convCase) spec(l blocks.Lowering) blocks.ConvSpec {
	spec := blocks.ConvSpec{Stride: c.stride, OutputPadding: c.outputPadding, Transposed: c.transposed, Lowering: l}
	if c.padding[0] == c.padding[1] {
		spec.Padding = c.padding[0]
	} else {
		spec.PaddingHW = c.padding
	}
	return spec
}

func (c convCase) inputs() (x, kernel *tensors.Tensor) {
	return formula(1, c.batch, c.h, c.w, c.in), formula(2, c.kh, c.kw, c.in, c.out)
}

// formula returns multiples of 1/32 in [-1, 1) that make_convolutions.py computes too.
func formula(salt int, dims ...int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	return tensors.FromFlatDataAndDimensions(formulaValues(salt, size), dims...)
}

func formulaValues(salt, size int) []float64 {
	values := make([]float64, size)
	for i := range values {
		values[i] = float64((i*37+salt*11)%101%64-32) / 32
	}
	return values
}

// differentiate returns y, then the gradients of Σc·y² with respect to x and kernel, then those of the sum of the
// squares of these gradients.
func differentiate(x, kernel *graph.Node, spec blocks.ConvSpec) []*graph.Node {
	return derivativesOf(x, kernel, func(x, kernel *graph.Node) *graph.Node { return blocks.Convolution(x, kernel, spec) })
}

// derivativesOf is differentiate for another function.
func derivativesOf(x, kernel *graph.Node, f func(x, kernel *graph.Node) *graph.Node) []*graph.Node {
	y := f(x, kernel)
	c := graph.ConstTensor(x.Graph(), formula(3, y.Shape().Dimensions...))
	first := graph.Gradient(graph.ReduceAllSum(graph.Mul(c, graph.Square(y))), x, kernel)
	second := graph.Gradient(sumOfSquares(first...), x, kernel)
	return slices.Concat([]*graph.Node{y}, first, second)
}

func sumOfSquares(nodes ...*graph.Node) *graph.Node {
	var sum *graph.Node
	for _, n := range nodes {
		s := graph.ReduceAllSum(graph.Square(n))
		if sum == nil {
			sum = s
		} else {
			sum = graph.Add(sum, s)
		}
	}
	return sum
}

func call[F graph.ExecGraphFn](t *testing.T, backend compute.Backend, f F, args ...any) []*tensors.Tensor {
	t.Helper()
	exec, err := graph.NewExec(backend, f)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// flat returns the values of a float64 or float32 tensor.
func flat(t *testing.T, v *tensors.Tensor) []float64 {
	t.Helper()
	var values []float64
	if err := v.ConstFlatData(func(data any) {
		switch data := data.(type) {
		case []float64:
			values = slices.Clone(data)
		case []float32:
			for _, f := range data {
				values = append(values, float64(f))
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	return values
}

// near fails unless got is want to tol of want's largest absolute value.
func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d values, want %d", what, len(got), len(want))
		return
	}
	scale := 1e-30
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= tol*scale) {
			t.Errorf("%s[%d] is %.9g, want %.9g", what, i, got[i], want[i])
			return
		}
	}
}

// compiled are the cases that XLA runs too: compiling one takes a second. Pure Go runs them all.
var compiled = []string{"k2p1", "k3p1", "k4s2p1", "t4s2p1", "t5s3p1o2"}

// TestConvolutionEqualsPyTorch compares values, first and second derivatives of all lowerings in float64. The stored
// values are float32: 1e-6 is their rounding with some slack.
func TestConvolutionEqualsPyTorch(t *testing.T) {
	cases, want := readCases(t)
	for name, backend := range backends(t) {
		for _, c := range cases {
			if name == "xla" && !slices.Contains(compiled, c.name) {
				continue
			}
			t.Run(name+"/"+c.name, func(t *testing.T) {
				x, kernel := c.inputs()
				lowerings := c.lowerings()
				out := call(t, backend, func(x, kernel *graph.Node) []*graph.Node {
					var nodes []*graph.Node
					for _, l := range lowerings {
						nodes = append(nodes, differentiate(x, kernel, c.spec(l))...)
					}
					return nodes
				}, x, kernel)
				for i, got := range out {
					key := derivatives[i%len(derivatives)]
					values, err := want[c.name+"."+key].Float64s()
					if err != nil {
						t.Fatal(err)
					}
					near(t, fmt.Sprintf("%s: %s", lowerings[i/len(derivatives)], key), flat(t, got), values, 1e-6)
				}
			})
		}
	}
}
