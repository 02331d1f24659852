package gan

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"
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

// realsOf is what G is given of the outputs on reals.
func realsOf(loss Loss, real *graph.Node) *graph.Node {
	if loss.NeedsReal {
		return real
	}
	return nil
}

// withSmooth are the published losses, and smoothed ones.
func withSmooth() []Loss {
	return append(losses(), Minimax.Smooth(0.1), NonSaturating.Smooth(0.1), LeastSquares.Smooth(0.1))
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
		// Reals are (3.25, 0.25) above the mean fake of -1.25, fakes (0, -3.5) above the mean real of 0.5; s(-3.25) =
		// 0.038041301, s(-0.25) = 0.575939420, s(0) = 0.693147181, s(-3.5) = 0.029750418, and s(x) = s(-x) + x.
		{RelativisticAverage, (0.038041301+0.575939420)/2 + (0.693147181+0.029750418)/2,
			(3.288041301+0.825939420)/2 + (0.693147181+3.529750418)/2},
		// Reals are (1.5, 2) above their fakes: s(-1.5) = 0.201413278, s(-2) = 0.126928011.
		{RelativisticPairing, (0.201413278 + 0.126928011) / 2, (1.701413278 + 2.126928011) / 2},
		// 0.1 of the mean real output, 0.5, is added; the real targets of least squares are 0.9.
		{NonSaturating.Smooth(0.1), logisticD + 0.05, (0.474076984 + 3.048587352) / 2},
		{LeastSquares.Smooth(0.1), ((1.21+3.61)/2 + (0.25+9)/2) / 2, (0.25 + 16) / 2 / 2},
	} {
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{test.loss.D(in[0], in[1]), test.loss.G(realsOf(test.loss, in[0]), in[1]),
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
	for _, loss := range withSmooth() {
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			d, g := loss.D(in[0], in[1]), loss.G(realsOf(loss, in[0]), in[1])
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

// Where reals and fakes are alike, D's best output is 0, halfway to the target of the reals for a value and the logit of
// half of it for a logit; the losses then have the values that curves mark.
func TestEquilibrium(t *testing.T) {
	for i, loss := range withSmooth() {
		target := 1.0
		if i >= len(losses()) {
			target = 0.9
		}
		at := 0.0
		switch loss.Output {
		case Value:
			at = target / 2
		case Logit:
			at = math.Log(target / (2 - target))
		}
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			d := loss.D(in[0], in[1])
			// The loss is the least there: what D gains on one side it loses on the other.
			return []*graph.Node{d, loss.G(in[0], in[0]), graph.Add(graph.Gradient(d, in[0])[0], graph.Gradient(d, in[1])[0])}
		}, []float32{float32(at), float32(at)}, []float32{float32(at), float32(at)})
		for i, want := range []*float64{loss.EquilibriumD, loss.EquilibriumG} {
			if want != nil {
				near(t, loss.Name, float64(got[i][0]), *want, 1e-6)
			}
		}
		near(t, loss.Name+" slope", float64(got[2][0]), 0, 1e-6)
	}
}

// TestLossesEqualPyTorch compares losses and their gradients, outputs of ±50 included.
func TestLossesEqualPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/losses.npz")
	if err != nil {
		t.Fatal(err)
	}
	real := append(golden.Scaled(1, 7, 4), 50)
	fake := append(golden.Scaled(2, 7, 4), -50)
	for name, loss := range map[string]func(real, fake *graph.Node) *graph.Node{
		"logistic_0": Minimax.D, "logistic_0.1": Minimax.Smooth(0.1).D, "logistic_0.4": NonSaturating.Smooth(0.4).D,
		"least_squares_0.1": LeastSquares.Smooth(0.1).D,
		"average_d":         RelativisticAverage.D, "average_g": RelativisticAverage.G,
		"pairing_d": RelativisticPairing.D, "pairing_g": RelativisticPairing.G,
	} {
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			value := loss(in[0], in[1])
			return append([]*graph.Node{value}, graph.Gradient(value, in[0], in[1])...)
		}, real, fake)
		for i, key := range []string{name, name + ".real", name + ".fake"} {
			for j, want := range floats(t, ref[key]) {
				near(t, key, float64(got[i][j]), want, 1e-6*max(1, math.Abs(want))) // float32
			}
		}
	}
}

// A hinge has no targets: to smooth it is the caller's mistake.
func TestSmoothWithoutTargets(t *testing.T) {
	for _, loss := range losses() {
		err := exceptions.TryCatch[error](func() { loss.Smooth(0.1) })
		if (err == nil) != (loss.SmoothD != nil) {
			t.Errorf("%s: got %v", loss.Name, err)
		}
	}
	if smooth := NonSaturating.Smooth(0.1); smooth.Name != "non-saturating" || *NonSaturating.EquilibriumD != 2*ln2 {
		t.Error("Smooth changed the name, or the loss itself")
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
