package gan

import (
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/internal/settings"
)

// Validate returns an error that lists every field which makes no sense, or nil.
func (c Config) Validate() error {
	var f settings.Faults
	c.validateNetworks(&f)
	c.validateSteps(&f)
	c.validatePenalties(&f)
	c.validateVAE(&f)
	for name, err := range map[string]error{"latents": c.Latents.validate(), "schedule": c.Schedule.Validate(),
		"diff_augment":        validatePolicy(c.DiffAugment),
		"generator_optimizer": c.GeneratorOptimizer.Validate(), "discriminator_optimizer": c.DiscriminatorOptimizer.Validate()} {
		f.Check(err == nil, "%s: %v", name, err)
	}
	return f.Err("gan")
}

func (c Config) validateNetworks(f *settings.Faults) {
	a, known := architectures[c.Architecture]
	f.Check(known, "architecture is %q, want one of %s", c.Architecture, strings.Join(Architectures(), ", "))
	if sizes := c.sizes(); c.ImageSize != 0 && len(sizes) > 0 {
		f.Check(slices.Contains(sizes, c.ImageSize), "image_size is %d, the networks of %s take %v", c.ImageSize, c.Architecture, sizes)
	}
	f.Check(c.ImageSize >= 0, "image_size is %d, want 0 or more", c.ImageSize)
	c.validateSound(f)
	f.Check(c.Channels == 0 || c.Channels == 1 || c.Channels == 3, "channels is %d, want 1, 3, or 0 for the data's", c.Channels)
	f.Check(c.BaseChannels > 0, "base_channels is %d, want at least 1", c.BaseChannels)
	f.Check(c.DiscriminatorChannels >= 0, "discriminator_channels is %d, want at least 1, or 0 for base_channels", c.DiscriminatorChannels)
	f.Check(!known || c.second() != nil || slices.Contains(a.norms, c.DiscriminatorNorm),
		"discriminator_norm is %q, the networks of %s take %s", c.DiscriminatorNorm, c.Architecture, strings.Join(a.norms, ", "))
	f.Check(!known || !c.Conditional || a.conditional || c.Generator != nil && c.Discriminator != nil,
		"conditional is true, but the networks of %s take no classes", c.Architecture)
}

func (c Config) validateSteps(f *settings.Faults) {
	f.Check(c.Loss.D != nil && c.Loss.G != nil, "loss %q is no published one (%s); give its functions in Config.Loss",
		c.Loss.Name, strings.Join(LossNames(), ", "))
	f.Check(c.Batch > 0, "batch is %d, want at least 1", c.Batch)
	f.Check(c.GeneratorBatch > 0, "generator_batch is %d, want at least 1", c.GeneratorBatch)
	f.Check(!c.Loss.NeedsReal || c.GeneratorBatch == 1, "generator_batch is %d, but loss %q compares fakes with the reals of the batch: set it to 1",
		c.GeneratorBatch, c.Loss.Name)
	f.Check(c.NCritic > 0, "n_critic is %d, want at least 1", c.NCritic)
	f.Check(c.Pack > 0, "pack is %d, want at least 1", c.Pack)
	f.Check(c.Pack < 2 || c.Batch%c.Pack == 0, "batch is %d, which does not divide by pack, %d", c.Batch, c.Pack)
	f.Check(c.Pack < 2 || !c.Conditional, "pack is %d with conditional: a pack has no one class; set one of them off", c.Pack)
	f.Check(c.Unroll >= 0, "unroll is %d, want 0 or more", c.Unroll)
	f.Check(c.Unroll == 0 || c.GeneratorBatch == 1, "unroll is %d with generator_batch %d: D looks ahead on as many fakes as reals; set generator_batch to 1",
		c.Unroll, c.GeneratorBatch)
	f.Check(c.InstanceNoise >= 0, "instance_noise is %g, want 0 or more", c.InstanceNoise)
	f.Check(c.InstanceNoise == 0 || c.InstanceNoiseKimg > 0, "instance_noise_kimg is %g, want the length above 0 over which the noise falls to 0",
		c.InstanceNoiseKimg)
	f.Check(c.LabelSmoothing >= 0 && c.LabelSmoothing < 0.5, "label_smoothing is %g, want it in [0, 0.5)", c.LabelSmoothing)
	f.Check(c.LabelSmoothing == 0 || c.Loss.SmoothD != nil, "label_smoothing is %g, but loss %q has no targets to smooth", c.LabelSmoothing, c.Loss.Name)
	f.Check(c.EMAKimg >= 0 && c.EMARampup >= 0, "ema_kimg and ema_rampup are %g and %g, want 0 or more", c.EMAKimg, c.EMARampup)
	f.Check(c.GridKimg > 0, "grid_kimg is %g, want a number above 0", c.GridKimg)
	f.Check(c.SnapshotSeconds > 0, "snapshot_seconds is %g, want a number above 0", c.SnapshotSeconds)
}

func (c Config) validatePenalties(f *settings.Faults) {
	f.Check(c.R1Gamma >= 0, "r1_gamma is %g, want 0 or more", c.R1Gamma)
	f.Check(c.R1Every > 0, "r1_every is %d, want at least 1", c.R1Every)
	f.Check(c.R1Every < 2 || c.NCritic == 1 && !c.CriticBursts, "r1_every is %d with n_critic %d: a lazy penalty wants n_critic 1 and no bursts",
		c.R1Every, c.NCritic)
	f.Check(c.GP.Lambda >= 0 && c.GP.Target >= 0, "gp.lambda and gp.target are %g and %g, want 0 or more", c.GP.Lambda, c.GP.Target)
	f.Check(c.ClipWeights >= 0 && c.Drift >= 0, "clip_weights and drift are %g and %g, want 0 or more", c.ClipWeights, c.Drift)
	f.Check(c.GP.Lambda == 0 || c.DiscriminatorNorm != "batch" || c.Discriminator != nil,
		"gp.lambda is %g with discriminator_norm batch: the penalty is a function of each image alone; set discriminator_norm to none or layer",
		c.GP.Lambda)
	f.Check(c.R1Gamma == 0 || c.DiscriminatorNorm != "batch" || c.Discriminator != nil,
		"r1_gamma is %g with discriminator_norm batch: the penalty is a function of each image alone; set discriminator_norm to none",
		c.R1Gamma)
}

func (c Config) validateVAE(f *settings.Faults) {
	f.Check(c.Method == MethodGAN || c.Method == MethodVAE, "method is %q, want gan or vae", c.Method)
	if c.Method != MethodVAE {
		return
	}
	f.Check(c.Encoder != nil || architectures[c.Architecture].encoder != nil, "method is vae, but %s has no encoder; take one of %s, or give Config.Encoder",
		c.Architecture, strings.Join(encoded(), ", "))
	f.Check(c.Likelihood == Bernoulli || c.Likelihood == Gaussian, "likelihood is %q, want bernoulli or gaussian", c.Likelihood)
	f.Check(c.Likelihood != Gaussian || c.LikelihoodStd > 0, "likelihood_std is %g, want a number above 0", c.LikelihoodStd)
	f.Check(c.Beta >= 0, "beta is %g, want 0 or more", c.Beta)
	f.Check(c.Latents.Distribution == "normal", "latents.distribution is %q, the prior of a VAE is normal", c.Latents.Distribution)
	for name, asked := range map[string]bool{"conditional": c.Conditional, "dequantize": c.Dequantize, "pack": c.Pack > 1,
		"n_critic": c.NCritic > 1, "critic_bursts": c.CriticBursts, "generator_first": c.GeneratorFirst, "unroll": c.Unroll > 0,
		"generator_batch": c.GeneratorBatch > 1, "clip_weights": c.ClipWeights > 0, "gp": c.GP.Lambda > 0, "drift": c.Drift > 0,
		"r1_gamma": c.R1Gamma > 0, "label_smoothing": c.LabelSmoothing > 0, "instance_noise": c.InstanceNoise > 0,
		"diff_augment": c.DiffAugment != ""} {
		f.Check(!asked, "%s is set, which a VAE has not; take it off, or set method to gan", name)
	}
}
