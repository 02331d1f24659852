package gan

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// noise is data without a file: uniform values that are a function of seed and position.
type noise struct{ size, channels int }

func (d noise) Name() string { return fmt.Sprintf("noise-%d", d.size) }

func (d noise) Batch(seed, seen int64, n int) (images, labels *tensors.Tensor, err error) {
	x := make([]float32, n*d.size*d.size*d.channels)
	rng := stream("noise", seed, seen)
	for i := range x {
		x[i] = 2*rng.Float32() - 1
	}
	return tensors.FromFlatDataAndDimensions(x, n, d.size, d.size, d.channels), nil, nil
}

// formulaData is the batch of make_dcgan.py.
type formulaData struct{}

func (formulaData) Name() string { return "formula" }

func (formulaData) Batch(_, _ int64, n int) (images, labels *tensors.Tensor, err error) {
	return tensors.FromFlatDataAndDimensions(golden.Values(101, n*32*32*3), n, 32, 32, 3), nil, nil
}

// backends are the two that every training test runs on.
func backends(t *testing.T) map[string]compute.Backend {
	return map[string]compute.Backend{"go": testbackend.Go(t), "xla": testbackend.XLA(t)}
}

// Parameter counts of the reference code (spec: pytorch/examples dcgan/main.py) at 64 px, and the widths of the others.
func TestDCGANParameters(t *testing.T) {
	for _, test := range []struct {
		size, channels int
		g, d           int64
	}{
		{64, 3, 3576704, 2765568},
		// 100·4·4·256 + 256·128·16 + 128·64·16 + 64·3·16 and scales and shifts 2·(256+128+64)
		{32, 3, 409600 + 524288 + 131072 + 3072 + 896, 3072 + 131072 + 524288 + 4096 + 768},
		// 100·7·7·128 + 128·64·16 + 64·16 + 2·(128+64); 64·16 + 64·128·16 + 128·49 + 2·128
		{28, 1, 627200 + 131072 + 1024 + 384, 1024 + 131072 + 6272 + 256},
	} {
		trainer := newTestTrainer(t, testbackend.Go(t), DCGAN(), noise{test.size, test.channels})
		if got := trainer.Variables().Count(GeneratorPlayer); got != test.g {
			t.Errorf("%d px: G has %d parameters, want %d", test.size, got, test.g)
		}
		if got := trainer.Variables().Count(DiscriminatorPlayer); got != test.d {
			t.Errorf("%d px: D has %d parameters, want %d", test.size, got, test.d)
		}
	}
}

func newTestTrainer(t *testing.T, backend compute.Backend, cfg Config, data Data) *Trainer {
	t.Helper()
	cfg, _, err := cfg.resolve(data)
	if err != nil {
		t.Fatal(err)
	}
	return newSpecTrainer(t, backend, cfg.spec(data))
}

func newSpecTrainer(t *testing.T, backend compute.Backend, spec Spec) *Trainer {
	t.Helper()
	trainer, err := NewTrainer(backend, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.Close)
	return trainer
}

// setFormula gives all variables of a player the values of make_dcgan.py, there with a scale of 0.2, and returns the next
// salt.
func setFormula(t *testing.T, v Variables, player string, salt uint32, scale float32) uint32 {
	t.Helper()
	for variable := range v.store.Scope("/" + player).IterVariables() {
		if !variable.Trainable {
			continue
		}
		dims := variable.Shape().Dimensions
		values := golden.Scaled(salt, variable.Shape().Size(), scale)
		if strings.HasSuffix(variable.Path(), "bn/weight") {
			for i := range values {
				values[i]++
			}
		}
		if err := v.Set(variable.Path(), tensors.FromFlatDataAndDimensions(values, dims...)); err != nil {
			t.Fatal(err)
		}
		salt++
	}
	return salt
}

// TestDCGANEqualsPyTorch runs one step of each phase with plain gradient descent of rate 1, so that the change of a
// weight is its gradient, on the weights, latents and reals of make_dcgan.py.
func TestDCGANEqualsPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/dcgan.npz")
	if err != nil {
		t.Fatal(err)
	}
	for name, backend := range backends(t) {
		for _, test := range []struct {
			name, norm string
			gamma      float64
		}{{"bn", "batch", 0}, {"r1", "none", 10}} {
			for _, phase := range []string{"d", "g"} {
				t.Run(name+"/"+test.name+"/"+phase, func(t *testing.T) {
					cfg := DCGAN()
					cfg.BaseChannels, cfg.Batch, cfg.Latents.Dim = 3, 4, 8
					cfg.DiscriminatorNorm, cfg.R1Gamma = test.norm, test.gamma
					cfg.GeneratorOptimizer, cfg.DiscriminatorOptimizer = SGD(1, 0), SGD(1, 0)
					compareStep(t, backend, cfg, test.name, phase, ref)
				})
			}
		}
	}
}

func compareStep(t *testing.T, backend compute.Backend, cfg Config, name, phase string, ref map[string]weights.Array) {
	cfg, _, err := cfg.resolve(formulaData{})
	if err != nil {
		t.Fatal(err)
	}
	spec := cfg.spec(formulaData{})
	player := map[string]string{"d": DiscriminatorPlayer, "g": GeneratorPlayer}[phase]
	spec.Phases = spec.Phases[map[string]int{"d": 0, "g": 1}[phase]:][:1]
	inner := spec.Phases[0].Loss
	spec.Phases[0].Loss = func(s *Step) *graph.Node {
		s.Z = graph.ConstTensor(s.Graph, tensors.FromFlatDataAndDimensions(golden.Values(100, 4*8), 4, 8))
		return inner(s)
	}
	trainer := newSpecTrainer(t, backend, spec)
	v := trainer.Variables()
	setFormula(t, v, DiscriminatorPlayer, setFormula(t, v, GeneratorPlayer, 1, 0.2), 0.2)
	before, err := v.arrays()
	if err != nil {
		t.Fatal(err)
	}
	report, err := trainer.Step(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	values, err := report.Values()
	if err != nil {
		t.Fatal(err)
	}
	losses := []string{"loss_" + phase}
	if phase == "d" && cfg.R1Gamma > 0 {
		losses = append(losses, "r1")
	}
	for _, loss := range losses {
		want := refValues(t, ref, name+"."+loss)[0]
		near(t, loss, values[loss], want, 1e-4*math.Abs(want)) // the contract for losses of a step
	}
	after, err := v.arrays()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for variable := range after {
		short, mine := strings.CutPrefix(variable, player+"/")
		if !mine {
			continue
		}
		want := refValues(t, ref, name+"."+phase+"."+strings.ReplaceAll(short, "/", "."))
		if want == nil {
			continue // running averages of G are not stored
		}
		compared++
		got, largest, worst := floats(t, after[variable]), 0.0, 0.0
		if !strings.Contains(variable, "running") {
			for i, p := range floats(t, before[variable]) {
				got[i] = p - got[i]
			}
		}
		for i := range want {
			largest = max(largest, math.Abs(want[i]))
			worst = max(worst, math.Abs(got[i]-want[i]))
		}
		// The contract for gradients; reading them off float32 weights of size 1 adds 1e-7.
		if !(worst <= 1e-4*largest+1e-7) {
			t.Errorf("%s: off by %.3g, largest value %.3g", variable, worst, largest)
		}
	}
	if compared < 4 {
		t.Errorf("compared %d variables of %s", compared, player)
	}
}

func refValues(t *testing.T, ref map[string]weights.Array, name string) []float64 {
	t.Helper()
	a, found := ref[name]
	if !found {
		if !strings.Contains(name, "running") {
			t.Errorf("the reference has no %s", name)
		}
		return nil
	}
	return floats(t, a)
}

func floats(t *testing.T, a weights.Array) []float64 {
	t.Helper()
	values, err := a.Float64s()
	if err != nil {
		t.Fatal(err)
	}
	return values
}
