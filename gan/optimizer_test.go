package gan

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// TestOptimizersEqualPyTorch gives both the same gradients for five steps.
func TestOptimizersEqualPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/optimizers.npz")
	if err != nil {
		t.Fatal(err)
	}
	with := func(o Optimizer, clipValue, clipNorm float64, accumulate int) Optimizer {
		o.ClipValue, o.ClipNorm, o.Accumulate = clipValue, clipNorm, accumulate
		return o
	}
	rules := map[string]Optimizer{
		"adam": Adam(2e-4, 0.5, 0.999), "adam0": Adam(1e-3, 0, 0.9),
		"rmsprop": RMSProp(5e-5, 0.99, 1e-8), "rmsprop_eps": RMSProp(1e-2, 0.9, 1e-2),
		"sgd": SGD(0.1, 0.9), "sgd0": SGD(0.1, 0), "nag": NAG(0.1, 0.9),
		"clip_value": with(SGD(0.1, 0), 0.3, 0, 0), "clip_norm": with(SGD(0.1, 0), 0, 0.2, 1),
		"clip_both":          with(SGD(0.1, 0), 0.3, 0.2, 0),
		"accumulate":         with(Adam(1e-2, 0.5, 0.999), 0, 0, 2),
		"accumulate_clipped": with(SGD(0.1, 0.9), 0, 0.2, 2),
	}
	if len(rules) != len(ref) {
		t.Errorf("%d rules, the reference has %d", len(rules), len(ref))
	}
	for name, rule := range rules {
		if err := rule.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := floats(t, ref[name])
		got := optimize(t, rule, 5)
		for i := range want {
			near(t, fmt.Sprintf("%s step %d weight %d", name, i/7+1, i%7), got[i], want[i], 1e-6) // the contract
		}
	}
}

// optimize runs the rule on a player with two weight vectors, of 3 and 4, whose loss is gradient·weight.
func optimize(t *testing.T, rule Optimizer, n int) []float64 {
	t.Helper()
	gradients := make([]float32, 0, 7*n)
	for step := range n {
		gradients = append(gradients, golden.Scaled(uint32(10+step), 7, float32(math.Pow10(-step)))...)
	}
	values := golden.Values(1, 7)
	spec := Spec{Batch: 1, Players: []Player{{Name: "p", Optimizer: rule}}, Source: vectorSource(gradients),
		Phases: []Phase{{Name: "P", Player: "p", Fresh: true, Reals: true, Loss: func(s *Step) *graph.Node {
			a := s.Scope("p").VariableWithValue("a", values[:3]).NodeValue(s.Graph)
			b := s.Scope("p").VariableWithValue("b", values[3:]).NodeValue(s.Graph)
			return graph.ReduceAllSum(graph.Mul(graph.Concatenate([]*graph.Node{a, b}, 0), graph.Reshape(s.X, 7)))
		}}}}
	trainer := newSpecTrainer(t, testbackend.Go(t), spec)
	var out []float64
	for range n {
		steps(t, trainer, 1)
		arrays := snapshot(t, trainer)
		out = append(append(out, floats(t, arrays["p/a"])...), floats(t, arrays["p/b"])...)
	}
	return out
}

// vectorSource gives rows of 7 in turn.
type vectorSource []float32

func (v vectorSource) Next(seen int64, n int) (Batch, error) {
	var rows []float32
	for i := range n {
		at := (int(seen) + i) * 7 % len(v) // the prefetcher asks beyond the end
		rows = append(rows, v[at:at+7]...)
	}
	return Batch{X: tensors.FromFlatDataAndDimensions(rows, n, 7)}, nil
}

// regression is a game of two players on rows of 7: phase D is logistic regression of fresh rows with a hidden weight,
// phase R follows it on the rows that D saw.
func regression(batch, accumulate int) Spec {
	spec := Spec{Batch: batch, Source: vectorSource(golden.Values(5, 7*64))}
	rule := SGD(0.5, 0.9)
	rule.ClipNorm, rule.Accumulate = 0.3, accumulate
	for _, name := range []string{"d", "r"} {
		spec.Players = append(spec.Players, Player{Name: name, Optimizer: rule})
		spec.Phases = append(spec.Phases, Phase{Name: name, Player: name, Fresh: name == "d", Reals: true,
			Loss: func(s *Step) *graph.Node {
				score := func(player string, salt uint32) *graph.Node {
					w := s.Scope(player).VariableWithValue("w", golden.Values(salt, 7)).NodeValue(s.Graph)
					return graph.Dot(s.X, w).Product()
				}
				return NonSaturating.G(nil, graph.Mul(score("d", 1), score("r", 2)))
			}})
	}
	return spec
}

// Three steps on 4 rows each make one update, equal to that of one step on 12, for the phase that takes fresh rows and for
// the one that looks at the same rows again, in a game where each depends on the other.
func TestAccumulateEqualsALargerBatch(t *testing.T) {
	for name, backend := range backends(t) {
		t.Run(name, func(t *testing.T) {
			small := newSpecTrainer(t, backend, regression(4, 3))
			large := newSpecTrainer(t, backend, regression(12, 0))
			for range 3 {
				steps(t, small, 6)
				steps(t, large, 2)
			}
			if small.Img() != 36 || large.Img() != 36 {
				t.Errorf("%d and %d rows seen, want 36", small.Img(), large.Img())
			}
			if small.updates["d"] != 3 || small.updates["r"] != 3 {
				t.Errorf("updates are %v, want 3 of each", small.updates)
			}
			got, want := snapshot(t, small), snapshot(t, large)
			first := snapshot(t, newSpecTrainer(t, backend, regression(12, 0)))
			for _, variable := range []string{"d/w", "r/w"} {
				a, b := floats(t, got[variable]), floats(t, want[variable])
				for i := range b {
					near(t, variable, a[i], b[i], 1e-6) // three updates of weights of size 1 in float32
				}
				if bytes.Equal(want[variable].Data, first[variable].Data) {
					t.Errorf("%s did not move", variable)
				}
			}
		})
	}
}

// What optimizer and controllers set moves with updates only.
func TestAccumulateKeepsTheRestStill(t *testing.T) {
	spec := regression(4, 2)
	spec.Players[0].Optimizer = Adam(0.1, 0.5, 0.999)
	spec.Players[0].Optimizer.Accumulate = 2
	spec.Controllers = []Controller{EMA{Player: "d", Batch: 8, Halflife: 8}}
	trainer := newSpecTrainer(t, testbackend.Go(t), spec)
	before := snapshot(t, trainer)
	for step, want := range []string{
		"[optimizer/d/w/gradient]",
		"[d/w d_ema/w optimizer/d/w/gradient optimizer/d/w/m optimizer/d/w/v]",
	} {
		steps(t, trainer, 1)
		after := snapshot(t, trainer)
		var moved []string
		for _, variable := range sortedKeys(after) {
			if !bytes.Equal(before[variable].Data, after[variable].Data) {
				moved = append(moved, variable)
			}
		}
		if got := fmt.Sprint(moved); got != want {
			t.Errorf("step %d moved %s, want %s", step+1, got, want)
		}
		before = after
	}
}

// An unrolled game differentiates through updates, those with a gradient of 0 among them.
func TestUpdateHasADerivativeAtZero(t *testing.T) {
	clipped := SGD(0.1, 0.9)
	clipped.ClipValue, clipped.ClipNorm = 0.3, 0.2
	for _, rule := range []Optimizer{Adam(0.1, 0.5, 0.999), RMSProp(0.1, 0.99, 1e-8), clipped} {
		exec, err := model.NewExec(testbackend.Go(t), model.NewStore(), func(root *model.Scope, gradient *graph.Node) *graph.Node {
			w := blocks.Param(root, "w", blocks.Constant(1), 2)
			rule.update(root.At("moments"), []*model.Variable{w}, []*graph.Node{gradient},
				graph.Const(gradient.Graph(), float32(0.1)), graph.Const(gradient.Graph(), float32(1)))
			return graph.Gradient(graph.ReduceAllSum(w.NodeValue(gradient)), gradient)[0]
		})
		if err != nil {
			t.Fatal(err)
		}
		defer exec.Finalize()
		out, err := exec.Call([]float32{0, 0})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range flatOf[float32](t, out[0]) {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Errorf("%+v: the derivative is %g", rule, v)
			}
		}
	}
}

func TestOptimizerValidate(t *testing.T) {
	for want, o := range map[string]Optimizer{
		"name is":                 {Name: "lion", LR: 1},
		"lr is 0":                 SGD(0, 0),
		"beta1 and beta2 are 1":   Adam(1, 1, 0.9),
		"alpha is 1":              RMSProp(1, 1, 1e-8),
		"epsilon is 0":            RMSProp(1, 0.99, 0),
		"momentum is 1":           SGD(1, 1),
		"nesterov needs momentum": NAG(1, 0),
		"which only sgd has":      {Name: "rmsprop", LR: 1, Alpha: 0.9, Epsilon: 1, Momentum: 0.5},
		"clip_value and":          {Name: "sgd", LR: 1, ClipNorm: -1},
		"accumulate is -1":        {Name: "sgd", LR: 1, Accumulate: -1},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error with %q", o, err, want)
		}
	}
}
