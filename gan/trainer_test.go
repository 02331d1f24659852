package gan

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// tiny is a DCGAN that steps in milliseconds on the pure Go backend.
func tiny() Config {
	cfg := DCGAN()
	cfg.BaseChannels, cfg.Batch, cfg.Latents.Dim, cfg.Seed = 2, 4, 4, 7
	return cfg
}

func steps(t *testing.T, trainer *Trainer, n int) {
	t.Helper()
	for range n {
		if _, err := trainer.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func snapshot(t *testing.T, trainer *Trainer) map[string]weights.Array {
	t.Helper()
	_, arrays, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}

// changed lists the variables under a player that differ in any bit.
func changed(before, after map[string]weights.Array, player string) []string {
	var out []string
	for name, a := range after {
		if strings.HasPrefix(name, player+"/") && !bytes.Equal(a.Data, before[name].Data) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// scalarSpec is a spec without networks: every phase moves one weight of its player.
func scalarSpec(phases ...Phase) Spec {
	spec := Spec{Batch: 2, Source: noiseSource{}, Phases: phases}
	for i := range phases {
		player := phases[i].Player
		phases[i].Loss = func(s *Step) *graph.Node {
			w := s.Scope(player).VariableWithValue("w", []float32{1}).NodeValue(s.Graph)
			return graph.ReduceAllSum(graph.Square(w))
		}
		if spec.player(player).Name == "" {
			spec.Players = append(spec.Players, Player{Name: player, Optimizer: SGD(0.1, 0)})
		}
	}
	return spec
}

type noiseSource struct{}

func (noiseSource) Next(seen int64, n int) (Batch, error) {
	images, _, err := noise{4, 1}.Batch(0, seen, n)
	return Batch{X: images}, err
}

// order returns the names of the next phases, one letter each, and the images shown before each.
func order(t *testing.T, spec Spec, n int) (names string, img []int64) {
	t.Helper()
	trainer := newSpecTrainer(t, testbackend.Go(t), spec)
	for range n {
		p, err := trainer.next()
		if err != nil {
			t.Fatal(err)
		}
		names, img = names+p.phase.Name, append(img, trainer.Img())
		steps(t, trainer, 1)
	}
	return names, img
}

func TestOrderOfPhases(t *testing.T) {
	d := Phase{Name: "D", Player: "d", Fresh: true}
	g := Phase{Name: "G", Player: "g"}
	critic := d
	critic.Repeat = func(cycle int64) int { // WGAN: longer at the start
		if cycle < 1 {
			return 4
		}
		return 2
	}
	lazyG, lazyD := g, d
	lazyG.Name, lazyG.Every = "g", 2
	lazyD.Name, lazyD.Every, lazyD.Fresh = "d", 3, false
	late := Phase{Name: "L", Player: "l", Active: func(img int64) bool { return img >= 4 }}
	for _, test := range []struct {
		name   string
		phases []Phase
		want   string
		img    []int64
	}{
		{"alternating", []Phase{d, g}, "DGDG", []int64{0, 2, 2, 4}},
		{"bursts of the critic", []Phase{critic, g}, "DDDDGDDGDD", []int64{0, 2, 4, 6, 8, 8, 10, 12, 12, 14}},
		{"lazy regularisation", []Phase{g, lazyG, d, lazyD}, "GgDdGDGgDGDdGgD", nil},
		{"from an image on", []Phase{d, late}, "DDLDL", []int64{0, 2, 4, 4, 6}},
	} {
		names, img := order(t, scalarSpec(test.phases...), len(test.want))
		if names != test.want || test.img != nil && !slices.Equal(img, test.img) {
			t.Errorf("%s: got %s at %v, want %s at %v", test.name, names, img, test.want, test.img)
		}
	}
}

func TestNoActivePhaseIsAnError(t *testing.T) {
	never := Phase{Name: "N", Player: "n", Active: func(int64) bool { return false }}
	trainer := newSpecTrainer(t, testbackend.Go(t), scalarSpec(never))
	if _, err := trainer.Step(context.Background()); err == nil {
		t.Error("a step without any phase succeeded")
	}
}

// A run stops before the first fresh step at its goal: what follows it without new images still belongs to it.
func TestDone(t *testing.T) {
	trainer := newTestTrainer(t, testbackend.Go(t), tiny(), noise{28, 1})
	for _, want := range []bool{false, false, true} { // before D, before G, before the next D
		done, err := trainer.Done(4)
		if err != nil || done != want {
			t.Errorf("at %d images: done %v, %v; want %v", trainer.Img(), done, err, want)
		}
		steps(t, trainer, 1)
	}
}

func TestEachPhaseMovesItsPlayerOnly(t *testing.T) {
	for name, backend := range backends(t) {
		t.Run(name, func(t *testing.T) {
			trainer := newTestTrainer(t, backend, tiny(), noise{28, 1})
			for _, test := range []struct{ moves, rests string }{
				{DiscriminatorPlayer, GeneratorPlayer}, {GeneratorPlayer, DiscriminatorPlayer},
			} {
				before := snapshot(t, trainer)
				steps(t, trainer, 1)
				after := snapshot(t, trainer)
				for _, variable := range changed(before, after, test.rests) {
					if !strings.Contains(variable, "running") {
						t.Errorf("the step of %s moved %s", test.moves, variable)
					}
				}
				if moved := changed(before, after, test.moves); len(moved) < 4 {
					t.Errorf("the step of %s moved only %v", test.moves, moved)
				}
			}
		})
	}
}

// TestRestore stops at every position of a cycle with two critic steps, dropout in D (numbers drawn in the graph),
// a moving average, optimizers with state and G's gradients accumulated over two steps, and goes on in a new trainer.
func TestRestore(t *testing.T) {
	cfg := MLPGAN()
	cfg.BaseChannels, cfg.Batch, cfg.Latents.Dim, cfg.NCritic, cfg.EMAKimg, cfg.EMARampup = 10, 4, 4, 2, 0.01, 0.05
	cfg.GeneratorOptimizer.Accumulate = 2
	for name, backend := range backends(t) {
		t.Run(name, func(t *testing.T) {
			const total = 7
			straight := newTestTrainer(t, backend, cfg, noise{8, 1})
			steps(t, straight, total)
			want := snapshot(t, straight)
			for stop := 1; stop <= 4; stop++ {
				first := newTestTrainer(t, backend, cfg, noise{8, 1})
				steps(t, first, stop)
				state, arrays, err := first.State()
				if err != nil {
					t.Fatal(err)
				}
				second := newTestTrainer(t, backend, cfg, noise{8, 1})
				if err := second.Restore(state, arrays); err != nil {
					t.Fatal(err)
				}
				steps(t, second, total-stop)
				got := snapshot(t, second)
				for variable := range want {
					if !bytes.Equal(got[variable].Data, want[variable].Data) {
						t.Errorf("stopped after %d steps: %s differs", stop, variable)
					}
				}
				if second.Img() != straight.Img() {
					t.Errorf("stopped after %d steps: %d images, want %d", stop, second.Img(), straight.Img())
				}
			}
		})
	}
}

func TestSeedDecidesTheRun(t *testing.T) {
	var runs []map[string]weights.Array
	for _, seed := range []int64{1, 1, 2} {
		cfg := tiny()
		cfg.Seed = seed
		trainer := newTestTrainer(t, testbackend.Go(t), cfg, noise{28, 1})
		steps(t, trainer, 4)
		runs = append(runs, snapshot(t, trainer))
	}
	if diff := changed(runs[0], runs[1], GeneratorPlayer); len(diff) > 0 {
		t.Errorf("the same seed gave other values of %v", diff)
	}
	if diff := changed(runs[0], runs[2], GeneratorPlayer); len(diff) == 0 {
		t.Error("another seed gave the same generator")
	}
}

func TestRestoreNamesTheFirstDifference(t *testing.T) {
	trainer := newTestTrainer(t, testbackend.Go(t), tiny(), noise{28, 1})
	state, arrays, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(map[string]weights.Array)
		want   string
	}{
		{"missing", func(m map[string]weights.Array) { delete(m, "generator/002-convt/weight") },
			"no variable generator/002-convt/weight"},
		{"extra", func(m map[string]weights.Array) { m["discriminator/extra"] = weights.FromFloat32([]float32{1}, 1) },
			"has a variable discriminator/extra"},
		{"shape", func(m map[string]weights.Array) {
			m["generator/001-bn/weight"] = weights.FromFloat32(make([]float32, 3), 3)
		}, "generator/001-bn/weight is F32 [3]"},
	} {
		changed := map[string]weights.Array{}
		for k, v := range arrays {
			changed[k] = v
		}
		test.change(changed)
		if err := trainer.Restore(state, changed); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	state.Seed++
	if err := trainer.Restore(state, arrays); err == nil || !strings.Contains(err.Error(), "seed") {
		t.Errorf("another seed: got %v", err)
	}
}

// The moving average after each step of G is β·old + (1-β)·new, with β = 0.5^(batch/halflife).
func TestEMA(t *testing.T) {
	cfg := tiny()
	cfg.EMAKimg = 0.008 // two batches of 4: β = 0.5^(4/8)
	trainer := newTestTrainer(t, testbackend.Go(t), cfg, noise{28, 1})
	const weight, average = "generator/002-convt/weight", "generator_ema/002-convt/weight"
	want := floats(t, snapshot(t, trainer)[weight])
	beta := math.Pow(0.5, 0.5)
	for range 3 {
		steps(t, trainer, 2)
		arrays := snapshot(t, trainer)
		values, got := floats(t, arrays[weight]), floats(t, arrays[average])
		for i := range want {
			want[i] = beta*want[i] + (1-beta)*values[i]
			near(t, average, got[i], want[i], 1e-8) // weights of size 0.02 in float32
		}
		if diff := changed(map[string]weights.Array{"a/x": arrays["generator/001-bn/running_mean"]},
			map[string]weights.Array{"a/x": arrays["generator_ema/001-bn/running_mean"]}, "a"); len(diff) > 0 {
			t.Error("running averages must be copied")
		}
	}
}

func TestEMARampup(t *testing.T) {
	e := EMA{Player: "g", Batch: 32, Halflife: 10000, Rampup: 0.05}
	for img, want := range map[int64]float64{
		32:      0,                             // the first average is a copy
		64032:   math.Pow(0.5, 32/3200.0),      // 5 % of 64,000
		1000032: math.Pow(0.5, 32/10000.0),     // the full half-life
		32032:   math.Pow(0.5, 32/(0.05*32e3)), // 5 % of 32,000
	} {
		near(t, "β", e.Scalars(img)["ema/g"], want, 1e-12)
	}
}

// A network of one's own may use GoMLX's layers, whose variables are initialised in a graph.
func TestForeignInitialisersFollowTheSeed(t *testing.T) {
	cfg := tiny()
	cfg.Generator = func(scope *model.Scope, inputs ...*graph.Node) *graph.Node {
		w := scope.VariableWithShape("w", inputs[0].Shape()).NodeValue(inputs[0].Graph())
		x := blocks.Dense(scope.In("dense"), graph.Add(inputs[0], w), 28*28)
		return graph.Tanh(graph.Reshape(x, -1, 28, 28, 1))
	}
	cfg.Networks = ""
	var runs []map[string]weights.Array
	for range 2 {
		runs = append(runs, snapshot(t, newTestTrainer(t, testbackend.Go(t), cfg, noise{28, 1})))
	}
	if diff := changed(runs[0], runs[1], GeneratorPlayer); len(diff) > 0 {
		t.Errorf("the same seed gave other first values of %v", diff)
	}
}

func TestNetworkFaultsAreOneLine(t *testing.T) {
	cfg := tiny()
	cfg.Generator = func(_ *model.Scope, inputs ...*graph.Node) *graph.Node { return inputs[0] }
	cfg, _, err := cfg.resolve(noise{28, 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewTrainer(testbackend.Go(t), cfg.spec(noise{28, 1}))
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "phase D") {
		t.Errorf("got %v, want one line that names the phase", err)
	}
}
