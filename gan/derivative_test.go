package gan

import (
	"math"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// checkSlope compares the gradient of a scalar function with respect to one of its inputs with finite differences along
// a direction. In float64 central differences with a step of 1e-4 are good to about 1e-7.
func checkSlope(t *testing.T, what string, backend compute.Backend, f func(in []*graph.Node) *graph.Node, inputs []*tensors.Tensor, which int) {
	t.Helper()
	exec, err := graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
		value := f(in)
		return []*graph.Node{value, graph.Gradient(value, in[which])[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	from := flatOf[float64](t, inputs[which])
	along := golden.Values(99, len(from))
	at := func(step float64) (value float64, gradient []float64) {
		args := make([]any, len(inputs))
		for i, v := range inputs {
			args[i] = v
		}
		moved := make([]float64, len(from))
		for i := range moved {
			moved[i] = from[i] + step*float64(along[i])
		}
		args[which] = tensors.FromFlatDataAndDimensions(moved, inputs[which].Shape().Dimensions...)
		out, err := exec.Call(args...)
		if err != nil {
			t.Fatal(err)
		}
		return flatOf[float64](t, out[0])[0], flatOf[float64](t, out[1])
	}
	const step = 1e-4
	up, _ := at(step)
	down, _ := at(-step)
	_, gradient := at(0)
	got, want := 0.0, (up-down)/(2*step)
	for i, g := range gradient {
		got += g * float64(along[i])
	}
	if math.Abs(want) < 0.1 {
		t.Errorf("%s: the direction says nothing: the derivative is %g", what, want)
	}
	near(t, what, got, want, 1e-6*math.Abs(want))
}

// callTensors runs a graph function once.
func callTensors(t *testing.T, backend compute.Backend, f func(in []*graph.Node) []*graph.Node, inputs []*tensors.Tensor) []*tensors.Tensor {
	t.Helper()
	exec, err := graph.NewExec(backend, f)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	args := make([]any, len(inputs))
	for i, v := range inputs {
		args[i] = v
	}
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func flatOf[T float32 | float64](t *testing.T, v *tensors.Tensor) []T {
	t.Helper()
	values, err := tensors.CopyFlatData[T](v)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// formulaTensor holds golden.Values(salt) in the type of number T.
func formulaTensor[T float32 | float64](salt uint32, dims ...int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	values := make([]T, size)
	for i, v := range golden.Values(salt, size) {
		values[i] = T(v)
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}
