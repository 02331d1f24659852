package blocks_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// labels are those of make_norms.py.
var labels = []int32{2, 0, 1, 2}

// layerDerivatives returns y, the gradients of Σc·y² with respect to wrt, and those of the sum of their squares.
func layerDerivatives(y *graph.Node, wrt ...*graph.Node) []*graph.Node {
	c := graph.ConvertDType(graph.ConstTensor(y.Graph(), formula(3, y.Shape().Dimensions...)), y.DType())
	first := graph.Gradient(graph.ReduceAllSum(graph.Mul(c, graph.Square(y))), wrt...)
	float64s := make([]*graph.Node, len(first))
	for i, g := range first {
		float64s[i] = graph.ConvertDType(g, c.DType())
	}
	return slices.Concat([]*graph.Node{y}, first, graph.Gradient(sumOfSquares(float64s...), wrt...))
}

// TestSpectralNormEqualsPyTorch: the variables are float32, hence 1e-6; 1e-5 where second derivatives pass through them.
func TestSpectralNormEqualsPyTorch(t *testing.T) {
	for _, test := range []struct {
		group   string
		x, u, w []int
		layer   func(scope *model.Scope, x *graph.Node, init blocks.Initializer) *graph.Node
	}{
		{"spectral_conv", []int{2, 4, 5, 3}, []int{4}, []int{3, 3, 3, 4},
			func(scope *model.Scope, x *graph.Node, init blocks.Initializer) *graph.Node {
				return blocks.Conv2D(scope, x).Channels(4).Kernel(3).Padding(1).Bias(false).Init(init).SpectralNorm(true).Done()
			}},
		{"spectral_convt", []int{2, 3, 2, 3}, []int{2}, []int{4, 4, 3, 2},
			func(scope *model.Scope, x *graph.Node, init blocks.Initializer) *graph.Node {
				return blocks.ConvTranspose2D(scope, x).Channels(2).Kernel(4).Stride(2).Padding(1).Bias(false).Init(init).
					SpectralNorm(true).Done()
			}},
		{"spectral_dense", []int{3, 4}, []int{5}, []int{4, 5},
			func(scope *model.Scope, x *graph.Node, init blocks.Initializer) *graph.Node {
				return blocks.DenseLayer(scope, x, 5).Bias(false).Init(init).SpectralNorm(true).Done()
			}},
		{"spectral_embedding", nil, []int{3}, []int{3, 5},
			func(scope *model.Scope, x *graph.Node, init blocks.Initializer) *graph.Node {
				return blocks.Embedding(scope, x, 3, 5).Init(init).SpectralNorm(true).Done()
			}},
	} {
		want := reference(t, test.group)
		keys := []string{"y", "gw", "gx", "hw", "hx", "y2"}
		if test.x == nil { // an embedding takes no derivative for its input
			keys = []string{"y", "gw", "hw", "y2"}
		}
		for name, backend := range backends(t) {
			var x any = labels
			if test.x != nil {
				x = formula(1, test.x...)
			}
			store := model.NewStore()
			size := 1
			for _, d := range test.w {
				size *= d
			}
			layer := func(scope *model.Scope, x *graph.Node) *graph.Node {
				blocks.Buffer(scope, "u", fixed(formulaValues(6, test.u[0])), test.u...)
				return test.layer(scope, x, fixed(formulaValues(2, size)))
			}
			out := run(t, backend, store, func(scope *model.Scope, x *graph.Node) []*graph.Node {
				scope.SetTraining(x.Graph(), true)
				y := layer(scope, x)
				wrt := []*graph.Node{scope.GetVariable("weight").NodeValue(x.Graph())}
				if test.x != nil {
					wrt = append(wrt, x)
				}
				return append(layerDerivatives(y, wrt...), layer(scope, x)) // the second call goes on from the first
			}, x)
			for i, key := range keys {
				tol := 1e-6
				if key[0] == 'h' {
					tol = 1e-5
				}
				near(t, name+" "+test.group+" "+key, flat(t, out[i]), want(key), tol)
			}
			u := store.RootScope().GetVariable("u")
			if u.Trainable {
				t.Errorf("%s: u is trainable", test.group)
			}
			near(t, name+" "+test.group+" u2", flat(t, u.MustValue()), want("u2"), 1e-6)
			before := flat(t, u.MustValue())
			evaluated := run(t, backend, store, layer, x)
			near(t, name+" "+test.group+" y3", flat(t, evaluated[0]), want("y3"), 1e-6)
			near(t, name+" "+test.group+" u after evaluation", flat(t, u.MustValue()), before, 0)
		}
	}
}

// TestSpectralNormConverges: after many calls the largest singular value of what is used is 1.
func TestSpectralNormConverges(t *testing.T) {
	store := model.NewStore()
	values := []float64{3, 0, 0, 0, -2, 0} // a diagonal [2, 3]: singular values 3 and 2
	identity := tensors.FromFlatDataAndDimensions([]float32{1, 0, 0, 1}, 2, 2)
	var out []*tensors.Tensor
	for range 30 {
		out = run(t, testbackend.Go(t), store, func(scope *model.Scope, x *graph.Node) *graph.Node {
			scope.SetTraining(x.Graph(), true)
			return blocks.DenseLayer(scope, x, 3).Bias(false).Init(fixed(values)).SpectralNorm(true).Done()
		}, identity)
	}
	near(t, "W/sigma", flat(t, out[0]), []float64{1, 0, 0, 0, -2. / 3, 0}, 1e-5) // (2/3)^60 is left of the start
}

// TestConditionalBatchNormEqualsPyTorch: derivatives pass through float32 variables, hence 1e-6.
func TestConditionalBatchNormEqualsPyTorch(t *testing.T) {
	want := reference(t, "cond_batchnorm")
	for name, backend := range backends(t) {
		store := model.NewStore()
		layer := func(scope *model.Scope, x, labels *graph.Node) *graph.Node {
			blocks.Param(scope, "bias", fixed(formulaValues(5, 9)), 3, 3)
			return blocks.BatchNormLayer(scope, x).ScaleInit(fixed(formulaValues(4, 9))).Labels(labels, 3).Done()
		}
		out := run(t, backend, store, func(scope *model.Scope, x, labels *graph.Node) []*graph.Node {
			scope.SetTraining(x.Graph(), true)
			y := layer(scope, x, labels)
			return layerDerivatives(y, x, scope.GetVariable("weight").NodeValue(x.Graph()),
				scope.GetVariable("bias").NodeValue(x.Graph()))
		}, formula(1, 4, 2, 5, 3), labels)
		for i, key := range []string{"y", "gx", "gw", "gb", "hx", "hw", "hb"} {
			near(t, name+" "+key, flat(t, out[i]), want(key), 1e-6)
		}
		evaluated := run(t, backend, store, layer, formula(1, 4, 2, 5, 3), labels)
		near(t, name+" evaluated", flat(t, evaluated[0]), want("evaluated"), 1e-6)
	}
}

func TestLayerNormEqualsPyTorch(t *testing.T) {
	want := reference(t, "layernorm")
	for name, backend := range backends(t) {
		out := run(t, backend, model.NewStore(), func(scope *model.Scope, x *graph.Node) []*graph.Node {
			blocks.Param(scope, "weight", fixed(formulaValues(4, 3)), 3)
			blocks.Param(scope, "bias", fixed(formulaValues(5, 3)), 3)
			y := blocks.LayerNorm(scope, x)
			return layerDerivatives(y, x, scope.GetVariable("weight").NodeValue(x.Graph()),
				scope.GetVariable("bias").NodeValue(x.Graph()))
		}, formula(1, 4, 2, 5, 3))
		for i, key := range []string{"y", "gx", "gw", "gb", "hx", "hw", "hb"} {
			near(t, name+" "+key, flat(t, out[i]), want(key), 1e-6) // through gradients of float32 variables
		}
	}
}

// TestInstanceNormEqualsPyTorch and TestReflectPadEqualsPyTorch: float64 on both sides; 1e-12 is rounding.
func TestInstanceNormEqualsPyTorch(t *testing.T) {
	equalsPyTorch(t, "instancenorm", blocks.InstanceNorm, 4, 2, 5, 3)
}

func TestReflectPadEqualsPyTorch(t *testing.T) {
	pad := func(x *graph.Node) *graph.Node { return blocks.ReflectPad(x, 3) }
	equalsPyTorch(t, "reflection", pad, 2, 4, 5, 3)
}

// equalsPyTorch compares a layer without variables with a group of make_norms.py.
func equalsPyTorch(t *testing.T, group string, layer func(*graph.Node) *graph.Node, dims ...int) {
	t.Helper()
	want := reference(t, group)
	for name, backend := range backends(t) {
		out := call(t, backend, func(x *graph.Node) []*graph.Node { return layerDerivatives(layer(x), x) }, formula(1, dims...))
		for i, key := range []string{"y", "gx", "hx"} {
			near(t, name+" "+group+" "+key, flat(t, out[i]), want(key), 1e-12)
		}
	}
}

// TestReflectPadByNothing: padding by 0 is the image.
func TestReflectPadByNothing(t *testing.T) {
	x := formula(1, 2, 4, 5, 3)
	out := call(t, testbackend.Go(t), func(x *graph.Node) []*graph.Node { return []*graph.Node{blocks.ReflectPad(x, 0)} }, x)
	near(t, "y", flat(t, out[0]), flat(t, x), 0)
}

// TestDropout: half of the values are left while training, doubled; afterwards nothing happens.
func TestDropout(t *testing.T) {
	const n = 10000
	ones := tensors.FromFlatDataAndDimensions(slices.Repeat([]float32{1}, n), n)
	for _, training := range []bool{true, false} {
		out := run(t, testbackend.Go(t), model.NewStore(), func(scope *model.Scope, x *graph.Node) *graph.Node {
			scope.SetTraining(x.Graph(), training)
			return blocks.Dropout(scope, x)
		}, ones)
		counts := map[float64]int{}
		for _, v := range flat(t, out[0]) {
			counts[v]++
		}
		// The deviation of the count of a fair coin is 50, of which 5 are allowed.
		if training && (counts[0]+counts[2] != n || math.Abs(float64(counts[2]-n/2)) > 250) || !training && counts[1] != n {
			t.Errorf("training %t: %v", training, counts)
		}
	}
}

// TestResamplingEqualsPyTorch: float64 on both sides; 1e-12 is rounding.
func TestResamplingEqualsPyTorch(t *testing.T) {
	want := reference(t, "resampling")
	for name, backend := range backends(t) {
		for key, f := range map[string]func(*graph.Node) *graph.Node{
			"average": blocks.AveragePool2, "nearest": blocks.UpsampleNearest2, "bilinear": blocks.UpsampleBilinear2,
		} {
			out := call(t, backend, func(x *graph.Node) []*graph.Node { return layerDerivatives(f(x), x) }, formula(1, 2, 4, 6, 3))
			for i, d := range []string{"y", "gx", "hx"} {
				near(t, name+" "+key+" "+d, flat(t, out[i]), want(key+"."+d), 1e-12)
			}
		}
	}
}

func TestNormsPanic(t *testing.T) {
	x := formula(1, 4, 3, 5, 3)
	for what, test := range map[string]struct {
		f     func(scope *model.Scope, x, labels *graph.Node) *graph.Node
		words []string
	}{
		"pooling of an odd height": {func(_ *model.Scope, x, _ *graph.Node) *graph.Node { return blocks.AveragePool2(x) },
			[]string{"even", "[4, 3, 5, 3]"}},
		"upsampling of a vector": {func(_ *model.Scope, x, _ *graph.Node) *graph.Node {
			return blocks.UpsampleNearest2(graph.Reshape(x, 4, -1))
		}, []string{"UpsampleNearest2", "[4, 45]"}},
		"labels that are no integers": {func(scope *model.Scope, x, _ *graph.Node) *graph.Node {
			return blocks.Embedding(scope, x, 3, 5).Done()
		}, []string{"integers", "[4, 3, 5, 3]"}},
		"a label too few": {func(scope *model.Scope, x, labels *graph.Node) *graph.Node {
			return blocks.BatchNormLayer(scope, x).Labels(graph.Slice(labels, graph.AxisRange(0, 3)), 3).Done()
		}, []string{"3 labels", "[4, 3, 5, 3]"}},
		"instance norm of single values": {func(_ *model.Scope, x, _ *graph.Node) *graph.Node {
			return blocks.InstanceNorm(graph.Slice(x, graph.AxisRange(), graph.AxisRange(0, 1), graph.AxisRange(0, 1)))
		}, []string{"InstanceNorm", "[4, 1, 1, 3]"}},
		"reflection of more than there is": {func(_ *model.Scope, x, _ *graph.Node) *graph.Node { return blocks.ReflectPad(x, 3) },
			[]string{"more than 3", "[4, 3, 5, 3]"}},
		"layer norm of a vector": {func(scope *model.Scope, x, _ *graph.Node) *graph.Node {
			return blocks.LayerNorm(scope, graph.Reshape(x, -1))
		}, []string{"LayerNorm", "[180]"}},
	} {
		exec, err := model.NewExec(testbackend.Go(t), model.NewStore(), test.f)
		if err != nil {
			t.Fatal(err)
		}
		mustPanic(t, what, func() {
			if _, err := exec.Call(x, labels); err != nil {
				panic(err)
			}
		}, test.words...)
		exec.Finalize()
	}
}

// TestInitializersHaveTheirBounds: the largest of many uniform values is close below the bound, and the mean is 0.
func TestInitializersHaveTheirBounds(t *testing.T) {
	for name, test := range map[string]struct {
		init  blocks.Initializer
		dims  []int
		bound float64
	}{
		"glorot dense":  {blocks.GlorotUniform(1), []int{20, 100}, math.Sqrt(6. / 120)},
		"glorot kernel": {blocks.GlorotUniform(math.Sqrt2), []int{3, 3, 10, 20}, math.Sqrt(12. / 270)},
		"he dense":      {blocks.HeUniform(), []int{20, 100}, math.Sqrt(6. / 20)},
		"he kernel":     {blocks.HeUniform(), []int{3, 3, 10, 20}, math.Sqrt(6. / 90)},
	} {
		scope := seeded(1)
		sum, largest := 0.0, 0.0
		drawn := values(t, blocks.Param(scope, "weight", test.init, test.dims...))
		for _, v := range drawn {
			sum += float64(v)
			largest = max(largest, math.Abs(float64(v)))
		}
		// 1800 values or more: the largest is within 1 % of the bound but with probability 1e-8; the mean's deviation is
		// 0.014 of the bound, of which 5 are allowed.
		if !(largest <= test.bound && largest > 0.99*test.bound) || math.Abs(sum/float64(len(drawn))) > 0.07*test.bound {
			t.Errorf("%s: the largest value is %g and the mean %g, want %g and 0", name, largest, sum/float64(len(drawn)), test.bound)
		}
	}
}
