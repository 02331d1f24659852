package toy

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// tiny is a config as small as the networks of make_networks.py, with plain descent of rate 1: the change of a weight is
// its gradient.
func tiny(c Config) Config {
	c.Units, c.CriticUnits, c.Batch = 4, 3, 5
	c.GeneratorOptimizer, c.DiscriminatorOptimizer = gan.SGD(1, 0), gan.SGD(1, 0)
	return c
}

// TestStepsEqualPyTorch makes a step of each phase on the weights, latents and reals of make_networks.py.
func TestStepsEqualPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/networks.npz")
	if err != nil {
		t.Fatal(err)
	}
	pac, wgan, unrolled := tiny(PacGAN(2)), tiny(WGANGP()), tiny(Unrolled(0))
	wgan.NCritic, wgan.GPLambda, unrolled.Latents.Dim = 1, 0, 3
	for backendName, backend := range map[string]compute.Backend{"go": testbackend.Go(t), "xla": testbackend.XLA(t)} {
		for name, cfg := range map[string]Config{"pacgan": pac, "wgan-gp": wgan, "unrolled-demo": unrolled} {
			for i := range cfg.spec().Phases {
				t.Run(backendName+"/"+name+"/"+cfg.spec().Phases[i].Name, func(t *testing.T) {
					compareStep(t, backend, cfg, i, func(key string) []float64 { return values(t, ref, name+"."+key) })
				})
			}
		}
	}
}

func values(t *testing.T, arrays map[string]weights.Array, name string) []float64 {
	t.Helper()
	a, found := arrays[name]
	if !found {
		t.Fatalf("there is no %s", name)
	}
	out, err := a.Float64s()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compareStep(t *testing.T, backend compute.Backend, cfg Config, phase int, ref func(string) []float64) {
	spec := cfg.spec()
	spec.Phases = spec.Phases[phase:][:1]
	inner, rows := spec.Phases[0].Loss, cfg.Batch*cfg.Pack
	spec.Phases[0].Reals = true
	spec.Phases[0].Loss = func(s *gan.Step) *graph.Node {
		constant := func(salt uint32, n, width int) *graph.Node {
			return graph.ConstTensor(s.Graph, tensors.FromFlatDataAndDimensions(golden.Values(salt, n*width), n, width))
		}
		s.Z, s.X = constant(100, rows, cfg.Latents.Dim), constant(101, cfg.Batch, 2*cfg.Pack)
		return inner(s)
	}
	trainer, err := gan.NewTrainer(backend, spec)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	fill(t, trainer)
	before := state(t, trainer)
	report, err := trainer.Step(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got, err := report.Values()
	if err != nil {
		t.Fatal(err)
	}
	for _, loss := range []string{"loss_d", "loss_g"} {
		if v, reported := got[loss]; reported {
			want := ref(loss)[0]
			near(t, loss, v, want, 1e-4*math.Abs(want)) // the contract for losses of a step
		}
	}
	moved := map[string]string{"DG": "", "D": gan.DiscriminatorPlayer, "G": gan.GeneratorPlayer}[spec.Phases[0].Name]
	after := state(t, trainer)
	for _, name := range trained(after) {
		was, is := values(t, before, name), values(t, after, name)
		if !strings.HasPrefix(name, moved) {
			if !slices.Equal(was, is) {
				t.Errorf("%s moved", name)
			}
			continue
		}
		worst, largest := 0.0, 0.0
		for i, want := range ref(name) {
			worst = max(worst, math.Abs(was[i]-is[i]-want))
			largest = max(largest, math.Abs(want))
		}
		// The contract for gradients; reading them off float32 weights of size 1 adds 1e-7.
		if !(worst <= 1e-4*largest+1e-7) {
			t.Errorf("%s: off by %.3g, largest value %.3g", name, worst, largest)
		}
	}
}

func state(t *testing.T, trainer *gan.Trainer) map[string]weights.Array {
	t.Helper()
	_, arrays, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}

// trained lists the trained variables of both networks by name.
func trained(state map[string]weights.Array) []string {
	var names []string
	for name := range state {
		if !strings.Contains(name, "running") && (strings.HasPrefix(name, "generator/") || strings.HasPrefix(name, "discriminator/")) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// fill gives all trained variables the values of make_networks.py.
func fill(t *testing.T, trainer *gan.Trainer) {
	t.Helper()
	arrays := state(t, trainer)
	for i, name := range trained(arrays) {
		a := arrays[name]
		v := golden.Scaled(uint32(i+1), a.Len(), 0.5)
		if strings.HasSuffix(name, "bn/weight") {
			for k := range v {
				v[k]++
			}
		}
		if err := trainer.Variables().Set("/"+name, tensors.FromFlatDataAndDimensions(v, a.Shape...)); err != nil {
			t.Fatal(err)
		}
	}
}

// The shorter side of an orthogonal matrix is orthonormal, times the gain.
func TestOrthogonal(t *testing.T) {
	for _, dims := range [][]int{{3, 7}, {7, 3}, {5, 5}, {1, 4}} {
		in, out := dims[0], dims[1]
		w := orthogonal(1.4)(rand.New(rand.NewPCG(1, 2)), dims)
		at := func(short, long int) float64 {
			if in <= out {
				return float64(w[short*out+long])
			}
			return float64(w[long*out+short])
		}
		for a := range min(in, out) {
			for b := range min(in, out) {
				sum, want := 0.0, 0.0
				for k := range max(in, out) {
					sum += at(a, k) * at(b, k)
				}
				if a == b {
					want = 1.4 * 1.4
				}
				near(t, "a product of two rows", sum, want, 1e-6) // float32
			}
		}
	}
}

// The number of trained values of the papers' networks, counted by hand: G 2·400 + 3·400·400 + 8·400 + 400·2 + 2,
// D (2m+1)·1000 + 2·201·1000 + 201, and dense layers.
func TestParameters(t *testing.T) {
	for _, test := range []struct {
		cfg  Config
		g, d int64
	}{
		{GAN(), 800 + 480000 + 3200 + 802, 3000 + 402000 + 201},
		{PacGAN(2), 800 + 480000 + 3200 + 802, 5000 + 402000 + 201},
		{Unrolled(5), 257*128 + 129*128 + 129*2, 3*128 + 129*128 + 129},
		{WGANGP(), 3*512 + 2*513*512 + 513*2, 3*512 + 2*513*512 + 513},
	} {
		trainer, err := gan.NewTrainer(testbackend.Go(t), test.cfg.spec())
		if err != nil {
			t.Fatal(err)
		}
		for player, want := range map[string]int64{gan.GeneratorPlayer: test.g, gan.DiscriminatorPlayer: test.d} {
			if got := trainer.Variables().Count(player); got != want {
				t.Errorf("%s: %s has %d parameters, want %d", test.cfg.Preset, player, got, want)
			}
		}
		trainer.Close()
	}
}
