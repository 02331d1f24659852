package gan

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// callGraph runs a graph function of float32 vectors on the pure Go backend.
func callGraph(t *testing.T, f func(inputs []*graph.Node) []*graph.Node, inputs ...[]float32) [][]float32 {
	t.Helper()
	args := make([]any, len(inputs))
	for i, v := range inputs {
		args[i] = v
	}
	exec, err := graph.NewExec(testbackend.Go(t), f)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	results, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]float32, len(results))
	for i, r := range results {
		if out[i], err = tensors.CopyFlatData[float32](r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.9g, want %.9g ± %g", what, got, want, tolerance)
	}
}

// Values by hand for real outputs (2, -1) and fake outputs (0.5, -3), with s(x) = log(1 + e^x):
// s(-2) = 0.126928011, s(1) = 1.313261688, s(0.5) = 0.974076984, s(-3) = 0.048587352, s(-0.5) = 0.474076984,
// s(3) = 3.048587352.
func TestLosses(t *testing.T) {
	real, fake := []float32{2, -1}, []float32{0.5, -3}
	logisticD := (0.126928011+1.313261688)/2 + (0.974076984+0.048587352)/2
	for _, test := range []struct {
		loss Loss
		d, g float64
	}{
		{Minimax, logisticD, -(0.974076984 + 0.048587352) / 2},
		{Saddle, logisticD, -logisticD},
		{NonSaturating, logisticD, (0.474076984 + 3.048587352) / 2},
		{LeastSquares, ((1.0+4)/2 + (0.25+9)/2) / 2, (0.25 + 16) / 2 / 2},
		{Hinge, (0.0+2)/2 + (1.5+0)/2, 1.25},
		{Wasserstein, -1.25 - 0.5, 1.25},
	} {
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{test.loss.D(in[0], in[1]), test.loss.G(in[0], in[1]),
				// The same outputs as maps of patches give the same means.
				test.loss.D(graph.Reshape(in[0], 1, 2, 1), graph.Reshape(in[1], 1, 2, 1))}
		}, real, fake)
		// Float32 sums of a few terms of size 1: 1e-6.
		near(t, test.loss.Name+" D", float64(got[0][0]), test.d, 1e-6)
		near(t, test.loss.Name+" G", float64(got[1][0]), test.g, 1e-6)
		near(t, test.loss.Name+" D of patches", float64(got[2][0]), test.d, 1e-6)
	}
}

// Outputs of ±50 are far beyond where exp or log of a sigmoid would overflow.
func TestLossesStayFinite(t *testing.T) {
	for _, loss := range losses() {
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			d, g := loss.D(in[0], in[1]), loss.G(in[0], in[1])
			return append(append([]*graph.Node{d, g}, graph.Gradient(d, in[0], in[1])...), graph.Gradient(g, in[1])...)
		}, []float32{50, -50}, []float32{50, -50})
		for i, values := range got {
			for _, v := range values {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Errorf("%s: output %d is %v", loss.Name, i, values)
				}
			}
		}
	}
}

// Where D says nothing (logit 0; the output between both targets) the losses have the values that curves mark.
func TestEquilibrium(t *testing.T) {
	for _, loss := range losses() {
		at := float32(0)
		if loss.Output == Value {
			at = 0.5
		}
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{loss.D(in[0], in[0]), loss.G(in[0], in[0])}
		}, []float32{at, at})
		for i, want := range []*float64{loss.EquilibriumD, loss.EquilibriumG} {
			if want != nil {
				near(t, loss.Name, float64(got[i][0]), *want, 1e-6)
			}
		}
	}
}

func TestLossIsWrittenByName(t *testing.T) {
	var loss Loss
	data, err := json.Marshal(Hinge)
	if err != nil || string(data) != `"hinge"` {
		t.Fatalf("got %s, %v", data, err)
	}
	if err := json.Unmarshal(data, &loss); err != nil || loss.Name != "hinge" || loss.D == nil {
		t.Errorf("got %+v, %v", loss, err)
	}
	if err := json.Unmarshal([]byte(`"mine"`), &loss); err != nil || loss.Name != "mine" || loss.D != nil {
		t.Errorf("a loss of one's own: got %+v, %v", loss, err)
	}
	if err := json.Unmarshal([]byte(`3`), &loss); err == nil {
		t.Error("a number was taken for a loss")
	}
}

// For a linear critic d(x) = w·x the gradient at every x is w, so R1 = gamma/2·|w|² and its gradient is gamma·w.
func TestR1OfALinearCritic(t *testing.T) {
	w := []float32{3, -4}
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		w, x := in[0], graph.Reshape(in[1], 3, 2)
		r1 := R1(func(x *graph.Node) *graph.Node { return graph.ReduceSum(graph.Mul(x, graph.Reshape(w, 1, 2)), 1) }, x, 10)
		return append([]*graph.Node{r1}, graph.Gradient(r1, w)...)
	}, w, []float32{1, 2, 3, 4, 5, 6})
	near(t, "R1", float64(got[0][0]), 125, 1e-4)
	near(t, "dR1/dw0", float64(got[1][0]), 30, 1e-4)
	near(t, "dR1/dw1", float64(got[1][1]), -40, 1e-4)
}

// For d(x) = sum x³ of one value an image, R1 = gamma/2·mean(9x⁴): the penalty sees the point, and averages.
func TestR1OfACubicCritic(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		x := graph.Reshape(in[0], 2, 1)
		return []*graph.Node{R1(func(x *graph.Node) *graph.Node { return graph.Mul(x, graph.Square(x)) }, x, 2)}
	}, []float32{1, 2})
	near(t, "R1", float64(got[0][0]), (9.0+9*16)/2, 1e-4)
}
