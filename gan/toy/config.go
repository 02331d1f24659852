package toy

import (
	"errors"
	"fmt"

	"github.com/gogan-ml/gogan/gan"
)

// Config is everything that decides a training on points. Start from one of GAN, PacGAN, Unrolled, WGANGP, Critic and
// change your copy.
type Config struct {
	// Preset is the name of the paper's row that the config started from.
	Preset string `json:"preset"`
	// Data is the distribution that G learns; config.json has its name.
	Data Distribution `json:"-"`
	// DataName is filled in by Open.
	DataName string `json:"data"`
	// Networks are PacGANNetworks, UnrolledNetworks or WGANGPNetworks, with Units and CriticUnits in a hidden layer of G
	// and of D.
	Networks    string `json:"networks"`
	Units       int    `json:"units"`
	CriticUnits int    `json:"critic_units"`
	// Latents are G's input z.
	Latents gan.Latents `json:"latents"`
	// Loss is the game.
	Loss gan.Loss `json:"loss"`
	// Pack is the number m of samples that D judges together.
	Pack int `json:"pack"`
	// Together lets both players move in one step, from one state, on one batch; else D moves NCritic times, then G once.
	Together bool `json:"together"`
	NCritic  int  `json:"n_critic"`
	// Unroll is the number k of updates of D that G looks ahead at.
	Unroll int `json:"unroll"`
	// GPLambda is the weight λ of the two-sided gradient penalty with target 1; 0: off.
	GPLambda float64 `json:"gp_lambda"`
	// ClipWeights bounds the weights of D after each of its updates; 0: it does not.
	ClipWeights float64 `json:"clip_weights"`
	// FixedNoise is the standard deviation of a fixed generator, which adds noise to reals; D alone is trained. 0: G is
	// trained.
	FixedNoise float64 `json:"fixed_noise"`
	// Batch is the number of rows of a step, each of Pack points.
	Batch int `json:"batch"`
	// GeneratorOptimizer and DiscriminatorOptimizer are the rules of the players; they are one with Together.
	GeneratorOptimizer     gan.Optimizer `json:"generator_optimizer"`
	DiscriminatorOptimizer gan.Optimizer `json:"discriminator_optimizer"`
	// PaperSteps is the number of steps of G (of D, where G is fixed) in the paper's training.
	PaperSteps int64 `json:"paper_steps"`
	// Seed decides initial values, latents and data.
	Seed int64 `json:"seed"`
	// Samples is the number of points that are drawn every SampleSteps steps of G. Both may change on resume.
	Samples     int   `json:"samples"`
	SampleSteps int64 `json:"sample_steps"`
	// SnapshotSeconds is the time between two checkpoints. It may change on resume.
	SnapshotSeconds float64 `json:"snapshot_seconds"`
}

var changeable = []string{"paper_steps", "samples", "sample_steps", "snapshot_seconds"}

// PacGAN is the packed GAN of Lin et al. 2018, https://arxiv.org/abs/1712.04086, section 4.1, in which D judges m points
// together. 400 epochs of 1,000 steps; both players in one step with Adam 1e-4, β1 0.8. Source: fjxmlzn/PacGAN,
// synthetic_data_experiments, and Blocks' Adam (β2 0.999, epsilon 1e-8).
func PacGAN(m int) Config {
	adam := gan.Adam(1e-4, 0.8, 0.999)
	return Config{
		Preset: fmt.Sprintf("pacgan%d", m), Data: Ring(),
		Networks: PacGANNetworks, Units: 400, CriticUnits: 200,
		Latents: gan.Latents{Dim: 2, Distribution: "normal"},
		Loss:    gan.NonSaturating, Pack: m, Together: true, NCritic: 1, Batch: 100,
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		PaperSteps: 400_000, Samples: 2500, SampleSteps: 1000, SnapshotSeconds: 60,
	}
}

// GAN is the baseline of PacGAN's tables: PacGAN with m = 1.
func GAN() Config {
	c := PacGAN(1)
	c.Preset = "gan"
	return c
}

// Unrolled is the GAN of Metz et al. 2017, https://arxiv.org/abs/1611.02163, that looks k updates of D ahead, with the
// networks and numbers of the authors' demo (poolio/unrolled_gan; k = 5 there). The demo moves both players from one
// state; here D moves first.
func Unrolled(k int) Config {
	return Config{
		Preset: fmt.Sprintf("unrolled%d", k), Data: SevenRing(),
		Networks: UnrolledNetworks, Units: 128, CriticUnits: 128,
		Latents: gan.Latents{Dim: 256, Distribution: "normal"},
		Loss:    gan.Saddle, Pack: 1, NCritic: 1, Unroll: k, Batch: 512,
		GeneratorOptimizer: gan.Adam(1e-3, 0.5, 0.999), DiscriminatorOptimizer: gan.Adam(1e-4, 0.5, 0.999),
		PaperSteps: 25_000, Samples: 2500, SampleSteps: 1000, SnapshotSeconds: 60,
	}
}

// WGANGP is the toy of Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, figure 1, with the numbers of the authors'
// code (igul222/improved_wgan_training, gan_toy.py): 512 units, λ 0.1, five critic steps.
func WGANGP() Config {
	adam := gan.Adam(1e-4, 0.5, 0.9)
	return Config{
		Preset: "wgan-gp", Data: WGANGPRing(),
		Networks: WGANGPNetworks, Units: 512, CriticUnits: 512,
		Latents: gan.Latents{Dim: 2, Distribution: "normal"},
		Loss:    gan.Wasserstein, Pack: 1, NCritic: 5, GPLambda: 0.1, Batch: 256,
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		PaperSteps: 100_000, Samples: 2500, SampleSteps: 1000, SnapshotSeconds: 60,
	}
}

// Critic is WGANGP with the fixed generator of the paper's figure: real points plus N(0, 1). Only the critic is trained,
// for 10,000 steps (the author's answer to igul222/improved_wgan_training#9).
func Critic(lambda float64) Config {
	c := WGANGP()
	c.Preset, c.GPLambda, c.FixedNoise, c.NCritic, c.PaperSteps = "wgan-gp-critic", lambda, 1, 1, 10_000
	return c
}

// ClippedCritic is Critic kept Lipschitz by a clip of its weights to ±0.01, as in WGAN, which the paper's figure shows
// beside its own: MODE 'wgan' of gan_toy.py, RMSProp 5e-5 with TensorFlow's decay 0.9 and epsilon 1e-10.
func ClippedCritic() Config {
	c := Critic(0)
	c.Preset, c.ClipWeights = "wgan-critic", 0.01
	c.DiscriminatorOptimizer = gan.RMSProp(5e-5, 0.9, 1e-10)
	return c
}

// Validate returns an error that lists every field which makes no sense, or nil.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("toy: "+format, args...))
		}
	}
	check(c.Data != nil, "there is no data; take one of Distributions")
	check(c.Networks == PacGANNetworks || c.Networks == UnrolledNetworks || c.Networks == WGANGPNetworks,
		"networks is %q, want %s, %s or %s", c.Networks, PacGANNetworks, UnrolledNetworks, WGANGPNetworks)
	check(c.Units > 0 && c.CriticUnits > 0, "units and critic_units are %d and %d, want at least 1", c.Units, c.CriticUnits)
	check(c.Latents.Dim > 0, "latents.dim is %d, want at least 1", c.Latents.Dim)
	check(c.Loss.D != nil && c.Loss.G != nil, "loss %q has no functions", c.Loss.Name)
	check(c.Pack > 0 && c.NCritic > 0 && c.Batch > 1, "pack, n_critic and batch are %d, %d and %d, want at least 1, 1 and 2",
		c.Pack, c.NCritic, c.Batch)
	check(c.Unroll >= 0 && c.GPLambda >= 0 && c.ClipWeights >= 0 && c.FixedNoise >= 0,
		"unroll, gp_lambda, clip_weights and fixed_noise are %d, %g, %g and %g, want 0 or more", c.Unroll, c.GPLambda, c.ClipWeights, c.FixedNoise)
	check(!c.Together || c.NCritic == 1 && c.Unroll == 0 && c.ClipWeights == 0 && c.FixedNoise == 0 && c.GeneratorOptimizer == c.DiscriminatorOptimizer,
		"players that move together take one rule (generator_optimizer = discriminator_optimizer), n_critic 1, and 0 for unroll, clip_weights and fixed_noise")
	check(c.FixedNoise == 0 || c.Pack == 1 && c.NCritic == 1, "with a fixed generator pack and n_critic are 1")
	check(c.Samples > 0 && c.SampleSteps > 0 && c.SnapshotSeconds > 0,
		"samples, sample_steps and snapshot_seconds are %d, %d and %g, want more than 0", c.Samples, c.SampleSteps, c.SnapshotSeconds)
	for _, o := range []gan.Optimizer{c.GeneratorOptimizer, c.DiscriminatorOptimizer} {
		if err := o.Validate(); err != nil {
			faults = append(faults, fmt.Errorf("toy: optimizer: %w", err))
		}
	}
	return errors.Join(faults...)
}

// img is the number of rows shown after a number of steps of G (of D, where G is fixed): what the trainer counts.
func (c Config) img(steps int64) int64 { return steps * int64(c.NCritic) * int64(c.Batch) }
