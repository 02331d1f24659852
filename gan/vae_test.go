package gan

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// KL in closed form: 0 for the prior itself, μ²/2 for a shift, (σ² - 1)/2 - ln σ for a scale, and the sum over latents.
func TestKL(t *testing.T) {
	ln2 := float32(math.Ln2)
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{KL(graph.Reshape(in[0], 4, 2), graph.Reshape(in[1], 4, 2))}
	}, []float32{0, 0, 3, 0, 0, 0, 1, -2}, []float32{0, 0, 0, 0, 2 * ln2, 0, 2 * ln2, -2 * ln2})
	for i, want := range []float64{0, 4.5, 1.5 - math.Ln2, 2.5 + 1.5 - math.Ln2 - 0.375 + math.Ln2} {
		near(t, "KL", float64(got[0][i]), want, 1e-6)
	}
}

// z = μ + σ·ε, and the gradients are 1 for μ and σε/2 for log σ².
func TestReparameterize(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		z := Reparameterize(in[0], in[1], in[2])
		return append([]*graph.Node{z}, graph.Gradient(graph.ReduceAllSum(z), in[0], in[1])...)
	}, []float32{5}, []float32{2 * math.Ln2}, []float32{-3})
	near(t, "z", float64(got[0][0]), -1, 1e-6)
	near(t, "dz/dμ", float64(got[1][0]), 1, 1e-6)
	near(t, "dz/dlogσ²", float64(got[2][0]), -3, 1e-6)
}

// At p = 1/2 every pixel costs ln 2 whatever it is; a black pixel under p = sigmoid(-100) costs nothing, a white one 100
// nats, and its gradient is still -1: tanh(-50) is -1 in float32, from which no logit could be had again.
func TestBernoulliNLL(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		x, half := graph.Reshape(in[0], 4, 1, 1, 1), graph.Reshape(in[1], 4, 1, 1, 1)
		nll := BernoulliNLL(x, graph.Tanh(half))
		return append([]*graph.Node{nll}, graph.Gradient(graph.ReduceAllSum(nll), half)...)
	}, []float32{0.3, -1, 1, 0}, []float32{0, -50, -50, 0.5})
	p := 1 / (1 + math.Exp(-1))
	for i, want := range []float64{math.Ln2, 0, 100, -(math.Log(p) + math.Log(1-p)) / 2} {
		near(t, "-log p", float64(got[0][i]), want, 1e-5)
	}
	for i, want := range []float64{2 * (0.5 - 0.65), 0, -2, 2 * (p - 0.5)} { // dl/dhalf = 2, d/dl = p - t
		near(t, "gradient", float64(got[1][i]), want, 1e-5)
	}
}

// A pixel that is hit costs log(2πσ²)/2, one that is missed by d another d²/2σ²; pixels and channels are summed.
func TestGaussianNLL(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		x, y := graph.Reshape(in[0], 2, 1, 1, 2), graph.Reshape(in[1], 2, 1, 1, 2)
		return []*graph.Node{GaussianNLL(x, y, 0.5)}
	}, []float32{1, 0, 1, -1}, []float32{1, 0, 0, 0})
	hit := math.Log(2 * math.Pi * 0.25)
	near(t, "hit", float64(got[0][0]), hit, 1e-6)
	near(t, "missed by 1 twice", float64(got[0][1]), hit+4, 1e-5)
}

// tinyVAE steps in milliseconds on the pure Go backend.
func tinyVAE() Config {
	cfg := VAE()
	cfg.BaseChannels, cfg.Batch, cfg.Latents.Dim, cfg.Seed = 2, 4, 4, 7
	return cfg
}

// Both networks move in the one phase, β weighs the divergence, and β = 1 makes the sum of the two parts.
func TestVAEStep(t *testing.T) {
	for _, beta := range []float64{1, 4} {
		cfg := tinyVAE()
		cfg.Beta = beta
		trainer := newTestTrainer(t, testbackend.Go(t), cfg, noise{28, 1})
		before := snapshot(t, trainer)
		report, err := trainer.Step(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		values, err := report.Values()
		if err != nil {
			t.Fatal(err)
		}
		near(t, "loss", values["loss_elbo"], values["reconstruction"]+beta*values["kl"], 1e-3) // 550 nats in float32
		if !(values["kl"] > 0) || !(values["reconstruction"] > 0) {
			t.Errorf("got %v", values)
		}
		after := snapshot(t, trainer)
		for _, scope := range []string{EncoderScope, GeneratorPlayer} {
			if moved := changed(before, after, scope); len(moved) < 4 {
				t.Errorf("the step moved only %v of the %s", moved, scope)
			}
		}
		if trainer.Img() != 4 {
			t.Errorf("%d images after one step of 4", trainer.Img())
		}
	}
}

// The gradients of both networks' weights against central differences of the loss, at fixed noise.
func TestVAEGradientsByDifferences(t *testing.T) {
	for _, likelihood := range []string{Bernoulli, Gaussian} {
		cfg := VAEMLP()
		cfg.Likelihood, cfg.LikelihoodStd, cfg.Beta = likelihood, 0.7, 2
		v := vae{Config: cfg}
		v.Latents.Dim = 2
		const h = 1e-2
		// in: x [1, 2], ε [1, 2], encoder's output [1, 4], decoder's weight [2, 2]
		loss := func(in []*graph.Node) *graph.Node {
			mean, logVar := v.posterior(graph.Reshape(in[2], 1, 4))
			z := Reparameterize(mean, logVar, graph.Reshape(in[1], 1, 2))
			y := graph.Tanh(graph.Dot(z, graph.Reshape(in[3], 2, 2)).Product())
			return graph.Add(graph.ReduceAllMean(v.negLogLikelihood(graph.Reshape(in[0], 1, 2), y)),
				graph.MulScalar(graph.ReduceAllMean(KL(mean, logVar)), v.Beta))
		}
		inputs := [][]float32{{0.4, -0.8}, {0.7, -1.2}, {0.3, -0.5, 0.2, -0.9}, {0.6, -0.4, 0.9, 0.5}}
		exact := callGraph(t, func(in []*graph.Node) []*graph.Node { return graph.Gradient(loss(in), in[2], in[3]) }, inputs...)
		value := func() float64 {
			return float64(callGraph(t, func(in []*graph.Node) []*graph.Node { return []*graph.Node{loss(in)} }, inputs...)[0][0])
		}
		for i, gradient := range exact {
			for j, want := range gradient {
				values := inputs[2+i]
				old := values[j]
				values[j] = old + h
				up := value()
				values[j] = old - h
				down := value()
				values[j] = old
				// h² of curvature and 1e-7·loss/h of rounding
				near(t, likelihood, (up-down)/(2*h), float64(want), 1e-3)
			}
		}
	}
}

// The decoder has the variables of the GAN's generator, by name, shape and first value.
func TestTheDecoderIsTheGenerator(t *testing.T) {
	var both [2][]string
	for i, cfg := range []Config{tiny(), tinyVAE()} {
		for name, a := range snapshot(t, newTestTrainer(t, testbackend.Go(t), cfg, noise{28, 1})) {
			if strings.HasPrefix(name, GeneratorPlayer+"/") {
				both[i] = append(both[i], name+" "+string(a.Data))
			}
		}
		slices.Sort(both[i])
	}
	if !slices.Equal(both[0], both[1]) {
		t.Error("the two generators differ")
	}
}

// 2N steps are N steps, a restore and N steps, to the bit, with a moving average of both networks.
func TestVAERestore(t *testing.T) {
	mlp := VAEMLP()
	mlp.BaseChannels, mlp.Batch, mlp.Latents.Dim = 8, 4, 3
	for name, cfg := range map[string]Config{"vae": tinyVAE(), "vae-mlp": mlp} {
		cfg.EMAKimg = 0.01
		for backendName, backend := range backends(t) {
			t.Run(name+"/"+backendName, func(t *testing.T) {
				straight := newTestTrainer(t, backend, cfg, noise{28, 1})
				steps(t, straight, 4)
				first := newTestTrainer(t, backend, cfg, noise{28, 1})
				steps(t, first, 2)
				state, arrays, err := first.State()
				if err != nil {
					t.Fatal(err)
				}
				second := newTestTrainer(t, backend, cfg, noise{28, 1})
				if err := second.Restore(state, arrays); err != nil {
					t.Fatal(err)
				}
				steps(t, second, 2)
				want, got := snapshot(t, straight), snapshot(t, second)
				for variable := range want {
					if !bytes.Equal(got[variable].Data, want[variable].Data) {
						t.Errorf("%s differs", variable)
					}
				}
				for _, scope := range []string{EncoderScope, GeneratorPlayer} {
					if moved := changed(arrays, got, scope+emaSuffix); len(moved) == 0 {
						t.Errorf("the average of the %s stood still", scope)
					}
				}
			})
		}
	}
}

func TestVAERefuses(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(*Config)
	}{
		{`method is "", want gan or vae`, func(c *Config) { c.Method = "" }},
		{"mlp has no encoder; take one of conv-vae, dcgan, mlp-vae", func(c *Config) { c.Architecture, c.DiscriminatorNorm = "mlp", "none" }},
		{`likelihood is "laplace"`, func(c *Config) { c.Likelihood = "laplace" }},
		{"likelihood_std is 0", func(c *Config) { c.Likelihood = Gaussian }},
		{"beta is -1", func(c *Config) { c.Beta = -1 }},
		{"the prior of a VAE is normal", func(c *Config) { c.Latents.Distribution = "uniform" }},
		{"n_critic is set, which a VAE has not; take it off, or set method to gan; pack is set", func(c *Config) { c.NCritic, c.Pack = 5, 2 }},
	} {
		cfg := VAE()
		test.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
	cfg := tinyVAE()
	cfg.Generator = func(scope *model.Scope, inputs ...*graph.Node) *graph.Node {
		return graph.MulScalar(ownGenerator(4)(scope, inputs...), 0.5)
	}
	cfg, _, err := cfg.resolve(noise{28, 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = NewTrainer(testbackend.Go(t), cfg.spec(noise{28, 1})); err == nil || !strings.Contains(err.Error(), "ends in Mul") {
		t.Errorf("a generator without tanh: got %v", err)
	}
}

// An encoder and a decoder of one's own, and a likelihood that needs no tanh.
func TestOwnEncoder(t *testing.T) {
	cfg := tinyVAE()
	cfg.Generator = ownGenerator(8)
	cfg.Encoder = MLPEncoder(4, 8)
	cfg.Likelihood, cfg.LikelihoodStd = Gaussian, 0.5
	cfg, _, err := cfg.resolve(noise{28, 1})
	if err != nil || cfg.Networks != "own generator, own encoder" {
		t.Fatalf("networks %q, %v", cfg.Networks, err)
	}
	steps(t, newSpecTrainer(t, testbackend.Go(t), cfg.spec(noise{28, 1})), 1)
}
