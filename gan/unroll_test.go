package gan

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// twoLayers is x -> hidden tanh -> out, the networks of make_unroll.py.
func twoLayers(hidden, out int) Network {
	return func(scope *model.Scope, inputs ...*graph.Node) *graph.Node {
		return blocks.Dense(scope.In("1"), graph.Tanh(blocks.Dense(scope.In("0"), inputs[0], hidden)), out)
	}
}

// planeSource is the batch of make_unroll.py.
type planeSource struct{}

func (planeSource) Next(_ int64, n int) (Batch, error) {
	return Batch{X: tensors.FromFlatDataAndDimensions(golden.Values(21, n*2), n, 2)}, nil
}

// unrolling is a spec with one phase, G's, that looks ahead at k updates of D. With stop D does not see how its updates
// depend on G.
func unrolling(rule Optimizer, k int, stop bool, d Network) Spec {
	loss := func(s *Step) *graph.Node {
		z := graph.ConstTensor(s.Graph, tensors.FromFlatDataAndDimensions(golden.Values(20, 5*3), 5, 3))
		fakes := s.Network(GeneratorPlayer, twoLayers(6, 2), z)
		judge := func(x *graph.Node) *graph.Node { return s.Network(DiscriminatorPlayer, d, x) }
		seen := fakes
		if stop {
			seen = graph.StopGradient(fakes)
		}
		lossG := s.Unrolled(
			func() *graph.Node { return Saddle.D(judge(s.X), judge(seen)) },
			func() *graph.Node { return Saddle.G(judge(s.X), judge(fakes)) })
		s.Report("loss_g", lossG)
		return lossG
	}
	return Spec{Batch: 5, Source: planeSource{},
		Players: []Player{{Name: GeneratorPlayer, Optimizer: SGD(1, 0)}, {Name: DiscriminatorPlayer, Optimizer: rule}},
		Phases: []Phase{{Name: "G", Player: GeneratorPlayer, Fresh: true, Reals: true,
			Unroll: &Unroll{Player: DiscriminatorPlayer, Steps: k}, Loss: loss}}}
}

// unrolledStep makes one step on the weights and moments of make_unroll.py and returns the state around it and G's loss.
func unrolledStep(t *testing.T, backend compute.Backend, spec Spec) (before, after map[string]weights.Array, loss float64) {
	t.Helper()
	trainer := newSpecTrainer(t, backend, spec)
	v := trainer.Variables()
	salt := uint32(1)
	for _, player := range []string{GeneratorPlayer, DiscriminatorPlayer} {
		i := uint32(0)
		for _, name := range []string{"0/weight", "0/bias", "1/weight", "1/bias"} {
			set := func(path string, values []float32) {
				variable := v.store.GetVariable(path)
				if variable == nil {
					return // no such moment under this rule, or none without unrolling
				}
				if err := v.Set(path, tensors.FromFlatDataAndDimensions(values, variable.Shape().Dimensions...)); err != nil {
					t.Fatal(err)
				}
			}
			path := "/" + player + "/" + name
			n := v.store.GetVariable(path).Shape().Size()
			set(path, golden.Values(salt, n))
			if player == DiscriminatorPlayer {
				first, second := golden.Scaled(40+i, n, 0.1), golden.Values(50+i, n)
				for k, x := range second {
					second[k] = 0.01 + 0.01*x*x
				}
				set("/optimizer"+path+"/m", first)
				set("/optimizer"+path+"/momentum", first)
				set("/optimizer"+path+"/v", second)
			}
			salt, i = salt+1, i+1
		}
	}
	trainer.updates[DiscriminatorPlayer] = 5
	before = snapshot(t, trainer)
	report, err := trainer.Step(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	values, err := report.Values()
	if err != nil {
		t.Fatal(err)
	}
	return before, snapshot(t, trainer), values["loss_g"]
}

// TestUnrolledEqualsPyTorch compares G's gradient through k updates of D with torch's (create_graph=True), on both
// backends, and looks that D and its optimizer come out of the step as they went in.
func TestUnrolledEqualsPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/unroll.npz")
	if err != nil {
		t.Fatal(err)
	}
	adam, sgd := Adam(0.05, 0.5, 0.999), SGD(0.05, 0.9)
	for name, backend := range backends(t) {
		for _, test := range []struct {
			name string
			rule Optimizer
			k    int
		}{{"adam", adam, 0}, {"adam", adam, 1}, {"adam", adam, 5}, {"stop", adam, 1}, {"stop", adam, 5}, {"sgd", sgd, 1}, {"sgd", sgd, 5}} {
			key := fmt.Sprintf("%s.%d.", test.name, test.k)
			t.Run(name+"/"+key, func(t *testing.T) {
				before, after, loss := unrolledStep(t, backend, unrolling(test.rule, test.k, test.name == "stop", twoLayers(8, 1)))
				want := refValues(t, ref, key+"loss")[0]
				near(t, "loss", loss, want, 1e-4*math.Abs(want)) // the contract for losses of a step
				for _, layer := range []string{"0/weight", "0/bias", "1/weight", "1/bias"} {
					worst, largest := gradientError(t, before, after, "generator/"+layer, refValues(t, ref, key+layer))
					if !(worst <= 1e-4*largest) { // the contract for gradients
						t.Errorf("%s: off by %.3g, largest value %.3g", layer, worst, largest)
					}
				}
				if diff := append(changed(before, after, DiscriminatorPlayer), changed(before, after, "optimizer/"+DiscriminatorPlayer)...); len(diff) > 0 {
					t.Errorf("the step of G moved %v", diff)
				}
			})
		}
	}
	// The trap: without the gradient through D's updates the loss is the same and the gradient is not.
	for _, k := range []int{1, 5} {
		full, stopped := refValues(t, ref, fmt.Sprintf("adam.%d.0/weight", k)), refValues(t, ref, fmt.Sprintf("stop.%d.0/weight", k))
		apart, largest := 0.0, 0.0
		for i := range full {
			apart, largest = max(apart, math.Abs(full[i]-stopped[i])), max(largest, math.Abs(full[i]))
		}
		if apart < 0.02*largest { // two hundred times the tolerance above
			t.Errorf("k %d: both gradients are within %.2g of each other: the test proves nothing", k, apart/largest)
		}
	}
}

// gradientError compares what plain descent of rate 1 took off a weight with the gradient it should be.
func gradientError(t *testing.T, before, after map[string]weights.Array, name string, want []float64) (worst, largest float64) {
	t.Helper()
	was, is := floats(t, before[name]), floats(t, after[name])
	for i := range want {
		worst = max(worst, math.Abs(was[i]-is[i]-want[i]))
		largest = max(largest, math.Abs(want[i]))
	}
	return worst, largest
}

// Looking ahead at no update is the plain step, to the bit.
func TestUnrolledByNothing(t *testing.T) {
	var after []map[string]weights.Array
	for _, plain := range []bool{false, true} {
		spec := unrolling(Adam(0.05, 0.5, 0.999), 0, false, twoLayers(8, 1))
		if plain {
			spec.Phases[0].Unroll = nil
			spec.Phases[0].Loss = func(s *Step) *graph.Node {
				z := graph.ConstTensor(s.Graph, tensors.FromFlatDataAndDimensions(golden.Values(20, 5*3), 5, 3))
				fakes := s.Network(GeneratorPlayer, twoLayers(6, 2), z)
				judge := func(x *graph.Node) *graph.Node { return s.Network(DiscriminatorPlayer, twoLayers(8, 1), x) }
				loss := Saddle.G(judge(s.X), judge(fakes))
				s.Report("loss_g", loss)
				return loss
			}
		}
		_, state, _ := unrolledStep(t, testbackend.XLA(t), spec)
		after = append(after, state)
	}
	for _, player := range []string{GeneratorPlayer, DiscriminatorPlayer} {
		if diff := changed(after[0], after[1], player); len(diff) > 0 {
			t.Errorf("%v differ", diff)
		}
	}
}

// A weight of D without a gradient, behind a dead unit or in front of a maximum that it never wins, has the moments 0,
// where the root in Adam has no derivative. G's gradient stays finite. D's running averages come out as they went in.
func TestUnrolledThroughDeadUnits(t *testing.T) {
	d := func(scope *model.Scope, inputs ...*graph.Node) *graph.Node {
		x := blocks.BatchNorm(scope.In("0"), inputs[0])
		x = blocks.ReLU(blocks.DenseLayer(scope.In("1"), x, 4).BiasInit(blocks.Constant(-100)).Done())
		return blocks.Dense(scope.In("2"), x, 1)
	}
	trainer := newSpecTrainer(t, testbackend.Go(t), unrolling(Adam(0.05, 0.5, 0.999), 3, false, d))
	before := snapshot(t, trainer)
	steps(t, trainer, 1)
	after := snapshot(t, trainer)
	if name := notFiniteArray(after); name != "" {
		t.Errorf("%s is not finite", name)
	}
	if diff := changed(before, after, DiscriminatorPlayer); len(diff) > 0 {
		t.Errorf("the step of G moved %v", diff)
	}
}

// Frozen variables get no gradient, before and after the call they do.
func TestFrozen(t *testing.T) {
	w := func(s *Step, player string) *graph.Node {
		return graph.ReduceAllSum(s.Scope(player).VariableWithValue("w", []float32{2}).NodeValue(s.Graph))
	}
	spec := Spec{Batch: 2, Source: noiseSource{}, Players: []Player{{Name: "both", Scopes: []string{"a", "b"}, Optimizer: SGD(1, 0)}},
		Phases: []Phase{{Name: "P", Player: "both", Fresh: true, Loss: func(s *Step) *graph.Node {
			product := func() *graph.Node { return graph.Mul(w(s, "a"), w(s, "b")) }
			return graph.Add(product(), graph.Add(s.Frozen("b", product), product()))
		}}}}
	trainer := newSpecTrainer(t, testbackend.Go(t), spec)
	steps(t, trainer, 1)
	after := snapshot(t, trainer)
	for name, want := range map[string]float64{"a/w": 2 - 3*2, "b/w": 2 - 2*2} {
		near(t, name, floats(t, after[name])[0], want, 0)
	}
}

func TestUnrollOfNobody(t *testing.T) {
	for _, u := range []Unroll{{Player: "nobody", Steps: 1}, {Player: DiscriminatorPlayer, Steps: -1}} {
		spec := unrolling(SGD(1, 0), 1, false, twoLayers(8, 1))
		spec.Phases[0].Unroll = &u
		if _, err := NewTrainer(testbackend.Go(t), spec); err == nil || !strings.Contains(err.Error(), u.Player) {
			t.Errorf("%+v: got %v", u, err)
		}
	}
}
