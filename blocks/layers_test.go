package blocks_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
)

// fixed makes an initializer of given values.
func fixed(values []float64) blocks.Initializer {
	return func(*rand.Rand, []int) []float32 {
		out := make([]float32, len(values))
		for i, v := range values {
			out[i] = float32(v)
		}
		return out
	}
}

func onePlus(values []float64) []float64 {
	for i := range values {
		values[i]++
	}
	return values
}

// reference reads the arrays of a group of make_layers.py or make_norms.py.
func reference(t *testing.T, group string) func(key string) []float64 {
	t.Helper()
	arrays := map[string]weights.Array{}
	for _, file := range []string{"testdata/ref/layers.npz", "testdata/ref/norms.npz"} {
		more, err := weights.ReadNPZ(file)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(arrays, more)
	}
	return func(key string) []float64 {
		t.Helper()
		a, ok := arrays[group+"."+key]
		if !ok {
			t.Fatalf("layers.npz and norms.npz have no %s.%s", group, key)
		}
		values, err := a.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
}

// run executes a model function once.
func run[F model.ExecGraphFn](t *testing.T, backend compute.Backend, store *model.Store, f F, args ...any) []*tensors.Tensor {
	t.Helper()
	exec, err := model.NewExec(backend, store, f)
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

// mustPanic fails unless f panics with all of the words.
func mustPanic(t *testing.T, what string, f func(), words ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		r := recover()
		if r == nil {
			t.Errorf("%s did not panic", what)
			return
		}
		err, ok := r.(error)
		if !ok {
			t.Fatalf("%s panicked with %v, want an error", what, r)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", what, err.Error(), w)
			}
		}
	}()
	f()
}

// TestDenseEqualsPyTorch: float64 on both sides; 1e-12 is rounding.
func TestDenseEqualsPyTorch(t *testing.T) {
	want := reference(t, "dense")
	keys := []string{"y", "gx", "gw", "gb", "hx", "hw", "hb"}
	for name, backend := range backends(t) {
		out := run(t, backend, model.NewStore(), func(scope *model.Scope, x *graph.Node) []*graph.Node {
			y := blocks.DenseLayer(scope, x, 5).Init(fixed(formulaValues(2, 20))).BiasInit(fixed(formulaValues(4, 5))).Done()
			wrt := []*graph.Node{x, scope.GetVariable("weight").NodeValue(x), scope.GetVariable("bias").NodeValue(x)}
			c := graph.ConstTensor(x.Graph(), formula(3, 3, 5))
			first := graph.Gradient(graph.ReduceAllSum(graph.Mul(c, graph.Square(y))), wrt...)
			var sum *graph.Node
			for _, g := range first {
				s := graph.ReduceAllSum(graph.Square(graph.ConvertDType(g, x.DType())))
				if sum == nil {
					sum = s
				} else {
					sum = graph.Add(sum, s)
				}
			}
			return slices.Concat([]*graph.Node{y}, first, graph.Gradient(sum, wrt...))
		}, formula(1, 3, 4))
		for i, key := range keys {
			tol := 1e-12
			if slices.Contains([]string{"gw", "gb", "hx", "hw", "hb"}, key) {
				tol = 1e-6 // through the gradients of float32 variables
			}
			near(t, name+" "+key, flat(t, out[i]), want(key), tol)
		}
	}
}

// TestDenseOfManyAxes: leading axes are a batch.
func TestDenseOfManyAxes(t *testing.T) {
	out := run(t, testbackend.Go(t), model.NewStore(), func(scope *model.Scope, x *graph.Node) []*graph.Node {
		layer := func(x *graph.Node) *graph.Node { return blocks.DenseLayer(scope, x, 3).Bias(false).Done() }
		return []*graph.Node{layer(x), layer(graph.Reshape(x, 6, 4))}
	}, formula(1, 2, 3, 4))
	if got, want := out[0].Shape().Dimensions, []int{2, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("shape is %v, want %v", got, want)
	}
	near(t, "values", flat(t, out[0]), flat(t, out[1]), 0)
}

// TestBatchNormEqualsPyTorch: values and derivatives in float64; the averages are float32, hence 1e-6.
func TestBatchNormEqualsPyTorch(t *testing.T) {
	want := reference(t, "batchnorm")
	for name, backend := range backends(t) {
		store := model.NewStore()
		layer := func(scope *model.Scope, x *graph.Node) *graph.Node {
			blocks.Param(scope, "bias", fixed(formulaValues(5, 3)), 3)
			return blocks.BatchNormLayer(scope, x).ScaleInit(fixed(onePlus(formulaValues(4, 3)))).Done()
		}
		out := run(t, backend, store, func(scope *model.Scope, x *graph.Node) []*graph.Node {
			scope.SetTraining(x.Graph(), true)
			y := layer(scope, x)
			layer(scope, graph.AddScalar(graph.MulScalar(x, -0.5), 0.25)) // moves the averages a second time
			c := graph.ConstTensor(x.Graph(), formula(3, 4, 2, 5, 3))
			g := graph.Gradient(graph.ReduceAllSum(graph.Mul(c, graph.Square(y))), x)[0]
			return []*graph.Node{y, g, graph.Gradient(graph.ReduceAllSum(graph.Square(g)), x)[0]}
		}, formula(1, 4, 2, 5, 3))
		for i, key := range []string{"y", "gx", "hx"} {
			near(t, name+" "+key, flat(t, out[i]), want(key), 1e-10)
		}
		for _, key := range []string{"running_mean", "running_var"} {
			v := store.RootScope().GetVariable(key)
			if v.Trainable {
				t.Errorf("%s is trainable", key)
			}
			near(t, name+" "+key, flat(t, v.MustValue()), want(key), 1e-6)
		}
		evaluated := run(t, backend, store, layer, formula(1, 4, 2, 5, 3))
		near(t, name+" evaluated", flat(t, evaluated[0]), want("evaluated"), 1e-6)
	}
}

func TestActivationsEqualPyTorch(t *testing.T) {
	want := reference(t, "activations")
	functions := []struct {
		name string
		f    func(x *graph.Node) *graph.Node
	}{
		{"leaky_relu", func(x *graph.Node) *graph.Node { return blocks.LeakyReLU(x, 0.2) }},
		{"relu", blocks.ReLU},
		{"softplus", blocks.Softplus},
		{"log_sigmoid", blocks.LogSigmoid},
	}
	x := want("x")
	for name, backend := range backends(t) {
		for _, f := range functions {
			out := call(t, backend, func(x *graph.Node) []*graph.Node {
				y := f.f(x)
				g := graph.Gradient(graph.ReduceAllSum(y), x)[0]
				return []*graph.Node{y, g, graph.Gradient(graph.ReduceAllSum(g), x)[0]}
			}, x)
			for i, key := range []string{"y", "g", "h"} {
				got, want := flat(t, out[i]), want(f.name+"."+key)
				for j := range want { // element by element: 1e-12 relative, or absolute where the value is tiny
					if d := math.Abs(got[j] - want[j]); !(d <= 1e-12*max(1, math.Abs(want[j]))) {
						t.Errorf("%s: %s of %s at %g is %g, want %g", name, key, f.name, x[j], got[j], want[j])
					}
				}
			}
		}
	}
}

// TestSoftplusInFloat32 keeps its relative precision where exp(x) is far below the rounding of 1.
func TestSoftplusInFloat32(t *testing.T) {
	x := []float32{-50, -20, 50}
	out := call(t, testbackend.Go(t), func(x *graph.Node) *graph.Node { return blocks.Softplus(x) }, x)
	for i, got := range flat(t, out[0]) {
		want := math.Log1p(math.Exp(float64(x[i])))
		if d := math.Abs(got - want); !(d <= 1e-6*want) { // float32
			t.Errorf("softplus(%g) is %g, want %g", x[i], got, want)
		}
	}
}

// TestGradientPenaltyEqualsFiniteDifferences differentiates |∂D/∂x|² of a small discriminator with respect to its
// kernels, in float64, for every lowering. Central differences with a step of 1e-4 are good to about 1e-7.
func TestGradientPenaltyEqualsFiniteDifferences(t *testing.T) {
	backend := testbackend.Go(t)
	x, k1, k2 := formula(1, 2, 6, 6, 2), formula(2, 4, 4, 2, 3), formula(4, 3, 3, 3, 1)
	for _, l := range lowerings {
		penalty := func(x, k1, k2 *graph.Node) *graph.Node {
			h := blocks.Convolution(x, k1, blocks.ConvSpec{Stride: 2, Padding: 1, Lowering: l})
			d := blocks.Softplus(blocks.Convolution(blocks.LeakyReLU(h, 0.2), k2, blocks.ConvSpec{Stride: 1, Lowering: l}))
			return sumOfSquares(graph.Gradient(graph.ReduceAllSum(d), x)[0])
		}
		out := call(t, backend, func(x, k1, k2 *graph.Node) []*graph.Node {
			return graph.Gradient(penalty(x, k1, k2), k1, k2)
		}, x, k1, k2)
		value := func(shift float64) float64 { // along the direction formula(5), formula(6)
			return flat(t, call(t, backend, penalty, x, shifted(t, k1, 5, shift), shifted(t, k2, 6, shift))[0])[0]
		}
		const step = 1e-4
		want := (value(step) - value(-step)) / (2 * step)
		got := 0.0
		for i, salt := range []int{5, 6} {
			g := flat(t, out[i])
			for j, d := range formulaValues(salt, len(g)) {
				got += g[j] * d
			}
		}
		if d := math.Abs(got - want); !(d <= 1e-6*math.Abs(want)) || math.Abs(want) < 1e-3 {
			t.Errorf("%s: the derivative is %.10g, by finite differences %.10g", l, got, want)
		}
	}
}

func shifted(t *testing.T, v *tensors.Tensor, salt int, by float64) *tensors.Tensor {
	t.Helper()
	values := flat(t, v)
	for i, d := range formulaValues(salt, len(values)) {
		values[i] += by * d
	}
	return tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)
}
