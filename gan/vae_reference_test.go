package gan

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// vaeImages are the images of make_vae.py.
type vaeImages noise

func (d vaeImages) Name() string { return "formula" }

func (d vaeImages) Batch(_, _ int64, n int) (images, labels *tensors.Tensor, err error) {
	values := golden.Values(101, n*d.size*d.size*d.channels)
	return tensors.FromFlatDataAndDimensions(values, n, d.size, d.size, d.channels), nil, nil
}

// vaeCase is a case of make_vae.py, and the settings that make it.
type vaeCase struct {
	name  string
	cfg   Config
	data  vaeImages
	scale float32 // of the weights
}

func vaeCases() []vaeCase {
	mlp := VAEMLP()
	mlp.Batch = 4
	conv := VAEConv()
	conv.Batch = 3
	dcgan := VAE()
	dcgan.BaseChannels, dcgan.Latents.Dim, dcgan.Batch, dcgan.Beta = 3, 8, 4, 3
	return []vaeCase{{"mlp", mlp, vaeImages{28, 1}, 0.05}, {"conv", conv, vaeImages{64, 3}, 0.05}, {"dcgan", dcgan, vaeImages{32, 3}, 0.2}}
}

// TestVAEEqualsPyTorch runs one step of plain gradient descent of rate 1, so that the change of a weight is its gradient.
func TestVAEEqualsPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/vae.npz")
	if err != nil {
		t.Fatal(err)
	}
	for name, backend := range backends(t) {
		for _, c := range vaeCases() {
			if name == "go" && c.name == "conv" {
				continue // four million weights
			}
			t.Run(name+"/"+c.name, func(t *testing.T) { c.compare(t, backend, ref) })
		}
	}
}

func (c vaeCase) compare(t *testing.T, backend compute.Backend, ref map[string]weights.Array) {
	c.cfg.GeneratorOptimizer = SGD(1, 0)
	cfg, _, err := c.cfg.resolve(c.data)
	if err != nil {
		t.Fatal(err)
	}
	spec := cfg.spec(c.data)
	inner := spec.Phases[0].Loss
	spec.Phases[0].Loss = func(s *Step) *graph.Node {
		n, dim := cfg.Batch, cfg.Latents.Dim
		s.Z = graph.ConstTensor(s.Graph, tensors.FromFlatDataAndDimensions(golden.Values(100, n*dim), n, dim))
		return inner(s)
	}
	trainer := newSpecTrainer(t, backend, spec)
	v := trainer.Variables()
	setFormula(t, v, GeneratorPlayer, setFormula(t, v, EncoderScope, 1, c.scale), c.scale)
	for i, scope := range []string{EncoderScope, GeneratorPlayer} {
		if got, want := v.Count(scope), refValues(t, ref, c.name+".parameters")[i]; float64(got) != want {
			t.Errorf("%s has %d parameters, want %g", scope, got, want)
		}
	}
	before := snapshot(t, trainer)
	report, err := trainer.Step(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	values, err := report.Values()
	if err != nil {
		t.Fatal(err)
	}
	constant := 0.0
	if cfg.Likelihood == Gaussian { // the original's loss has none
		pixels := float64(c.data.size * c.data.size * c.data.channels)
		constant = pixels * math.Log(2*math.Pi*cfg.LikelihoodStd*cfg.LikelihoodStd) / 2
	}
	for ours, theirs := range map[string]string{"loss_elbo": "loss", "reconstruction": "reconstruction", "kl": "kl"} {
		got, want := values[ours], refValues(t, ref, c.name+"."+theirs)[0]
		if ours != "kl" {
			got -= constant
		}
		near(t, ours, got, want, 1e-4*math.Abs(want)) // the contract for losses of a step
	}
	c.compareGradients(t, before, snapshot(t, trainer), ref)
}

func (c vaeCase) compareGradients(t *testing.T, before, after map[string]weights.Array, ref map[string]weights.Array) {
	gradients, all, floor := map[string][]float64{}, 0, 0.0
	for prefix, scope := range map[string]string{"e": EncoderScope, "g": GeneratorPlayer} {
		for name := range before {
			short, found := strings.CutPrefix(name, scope+"/")
			if !found || strings.Contains(short, "running_") {
				continue
			}
			from, to := floats(t, before[name]), floats(t, after[name])
			all += len(from)
			const limit = 200
			var gradient []float64
			for i := 0; i < len(from); i += len(from)/limit + 1 {
				gradient = append(gradient, from[i]-to[i])
			}
			gradients[prefix+"."+strings.ReplaceAll(short, "/", ".")] = gradient
			// What rounding leaves of a true zero (a bias before a norm) is a share of the largest gradient.
			floor = max(floor, 4e-6*largest(gradient))
		}
	}
	for name, got := range gradients {
		want := refValues(t, ref, c.name+"."+name)
		if len(got) != len(want) {
			t.Errorf("%s has %d values, want %d", name, len(got), len(want))
			continue
		}
		worst := 0.0
		for i := range want {
			worst = max(worst, math.Abs(got[i]-want[i]))
		}
		// The contract for gradients.
		if !(worst <= max(1e-4*largest(want), floor)) {
			t.Errorf("%s: off by %.3g, largest value %.3g", name, worst, largest(want))
		}
	}
	stored := 0
	for name := range ref {
		if strings.HasPrefix(name, c.name+".e.") || strings.HasPrefix(name, c.name+".g.") {
			stored++
		}
	}
	if stored != len(gradients) {
		t.Errorf("the reference has %d gradients, the networks %d", stored, len(gradients))
	}
}
