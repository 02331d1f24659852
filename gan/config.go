package gan

import (
	"fmt"

	"github.com/gogan-ml/gogan/internal/settings"
)

// Kimg is a thousand real images shown: the unit in which the length of a training is counted.
const Kimg int64 = 1000

// Config is everything that decides a run besides the data. Start from a preset (DCGAN, MLPGAN) and change your copy;
// the zero value of a field that is marked so means "take it from the data".
type Config struct {
	// Preset is the name of the paper's row that the config started from.
	Preset string `json:"preset"`
	// Method is "gan", or "vae" to train the generator as the decoder of a variational autoencoder. Then the encoder
	// takes the place of D, with its width and norm, GeneratorOptimizer moves both networks, and the fields of the game
	// (Loss, NCritic and the like) say nothing.
	Method string `json:"method"`
	// Architecture is the family of the preset's networks, one of Architectures.
	Architecture string `json:"architecture"`
	// Conditional makes the networks take the classes of the data; Classes is their number, filled in by Open.
	Conditional bool `json:"conditional"`
	Classes     int  `json:"classes"`
	// ImageSize is height and width in pixels; 0: the nearest size that the networks support, not below the data's.
	// Smaller images are padded with black. Of sounds it is the number of samples, which is the data's too.
	ImageSize int `json:"image_size"`
	// Channels is 1 (grey) or 3 (RGB); 0: the data's. Grey becomes RGB by replication.
	Channels int `json:"channels"`
	// SampleRate is the number of samples of a sound in a second; 0: the data's. Pictures have none.
	SampleRate int `json:"sample_rate"`
	// PhaseShuffle is n of WaveGAN: by so many samples at most its critic moves what its layers see; 0: not at all.
	PhaseShuffle int `json:"phase_shuffle"`
	// Latents are the generator's input z.
	Latents Latents `json:"latents"`
	// BaseChannels is the width of the networks: ngf and ndf of DCGAN, the number of hidden units of an MLP, the feature
	// maps of residual blocks.
	BaseChannels int `json:"base_channels"`
	// DiscriminatorChannels is the width of D where it is another one; 0: BaseChannels.
	DiscriminatorChannels int `json:"discriminator_channels"`
	// DiscriminatorNorm is "none", "batch", "layer" or "spectral". A penalty on gradients wants another one than "batch",
	// which mixes the samples.
	DiscriminatorNorm string `json:"discriminator_norm"`
	// Loss is the game that the players play.
	Loss Loss `json:"loss"`
	// NCritic is the number of steps of D for one of G, each with a fresh batch.
	NCritic int `json:"n_critic"`
	// CriticBursts makes it 100 before each of the first 25 steps of G and before every 500th, as the code of WGAN does.
	CriticBursts bool `json:"critic_bursts"`
	// GeneratorFirst starts with a step of G, as the code of SNGAN does.
	GeneratorFirst bool `json:"generator_first"`
	// Batch is the number of real images of a step.
	Batch int `json:"batch"`
	// GeneratorBatch is the number of fakes in a step of G as a multiple of Batch.
	GeneratorBatch int `json:"generator_batch"`
	// Dequantize spreads the 256 levels of the reals: x/128 - 1 + U(0, 1/128) for x in 0..255.
	Dequantize bool `json:"dequantize"`
	// DiffAugment is the policy of differentiable augmentation, a list of color, translation and cutout; "": none.
	DiffAugment string `json:"diff_augment"`
	// InstanceNoise is the standard deviation of noise on what D sees. It falls linearly to 0 over InstanceNoiseKimg
	// thousand images.
	InstanceNoise     float64 `json:"instance_noise"`
	InstanceNoiseKimg float64 `json:"instance_noise_kimg"`
	// LabelSmoothing is what the target of reals lacks to 1; 0: off.
	LabelSmoothing float64 `json:"label_smoothing"`
	// Pack is m of PacGAN: D judges this many samples at once, joined along their channels; 1: each by itself.
	Pack int `json:"pack"`
	// Unroll is k of Unrolled GANs: the loss of G is that of D after k more updates; 0: off.
	Unroll int `json:"unroll"`
	// ClipWeights is c of WGAN: after its step every weight of D is clipped to [-c, c]; 0: off.
	ClipWeights float64 `json:"clip_weights"`
	// GP is the gradient penalty of WGAN-GP.
	GP GP `json:"gp"`
	// Drift is the weight of E[D(x)²], which keeps a critic near zero; 0: off.
	Drift float64 `json:"drift"`
	// GeneratorOptimizer and DiscriminatorOptimizer are the update rules of the two players.
	GeneratorOptimizer     Optimizer `json:"generator_optimizer"`
	DiscriminatorOptimizer Optimizer `json:"discriminator_optimizer"`
	// Likelihood is p(x|z) of a VAE: "bernoulli", or "gaussian" with the standard deviation LikelihoodStd around the
	// decoder's output, images being in [-1, 1].
	Likelihood    string  `json:"likelihood"`
	LikelihoodStd float64 `json:"likelihood_std"`
	// Beta is the weight β of the divergence of a VAE; 1: the evidence lower bound.
	Beta float64 `json:"beta"`
	// Schedule changes both learning rates with the images shown.
	Schedule Schedule `json:"schedule"`
	// R1Gamma is the weight gamma of the R1 penalty of D; 0: off.
	R1Gamma float64 `json:"r1_gamma"`
	// R1Every is the interval of the penalty in steps of D. Above 1 it is lazy: a step of its own, with R1Every times the
	// penalty (Karras et al. 2020, appendix B, https://arxiv.org/abs/1912.04958).
	R1Every int64 `json:"r1_every"`
	// EMAKimg is the half-life of the generator's moving average in thousands of images; 0: no average.
	EMAKimg float64 `json:"ema_kimg"`
	// EMARampup bounds the half-life by this share of the images seen; 0: no ramp-up.
	EMARampup float64 `json:"ema_rampup"`
	// PaperKimg is the length of the paper's training in thousands of images; PaperEpochs in passes over the data,
	// where the paper gives it so. `--until paper` asks for it; 0 and 0: the paper gives none.
	PaperKimg   float64 `json:"paper_kimg"`
	PaperEpochs float64 `json:"paper_epochs"`
	// Seed decides initial values, latents and the order of the data.
	Seed int64 `json:"seed"`
	// GridKimg is the distance between two grids of samples in thousands of images. It may change on resume.
	GridKimg float64 `json:"grid_kimg"`
	// SnapshotSeconds is the time between two checkpoints. It may change on resume.
	SnapshotSeconds float64 `json:"snapshot_seconds"`

	// Data is the name of the data and DataSHA256 its fingerprint; both are filled in by Open.
	Data       string `json:"data"`
	DataSHA256 string `json:"data_sha256,omitempty"`
	// Networks is "preset", or says which networks are the caller's own; filled in by Open.
	Networks string `json:"networks"`
	// LoweringTable is the version of the table that chooses how convolutions are computed; filled in by Open.
	LoweringTable int `json:"lowering_table"`
	// Versions of gogan and GoMLX that started the run; filled in by Open.
	Versions map[string]string `json:"versions"`

	// Generator, Discriminator and Encoder replace the preset's networks; nil keeps them. They are code: config.json
	// records only that they were given, and a checkpoint the list of their variables.
	Generator     Network `json:"-"`
	Discriminator Network `json:"-"`
	Encoder       Network `json:"-"`
}

// changeable are the fields, by their JSON names, that may differ when a run is continued.
var changeable = []string{"grid_kimg", "snapshot_seconds", "versions", "paper_kimg", "paper_epochs"}

// PaperImg is the length of the paper's training in images for data of n images; 0 if the paper gives none.
func (c Config) PaperImg(n int) int64 {
	if c.PaperKimg > 0 {
		return int64(c.PaperKimg * 1000)
	}
	return int64(c.PaperEpochs * float64(n))
}

// Set changes a field by its JSON name; a dot goes into a nested one ("generator_optimizer.lr"). The value is written
// as in JSON, a string without its quotes. It returns an error that lists the fields when the name is not one.
func (c *Config) Set(field, value string) error {
	if err := settings.Set(c, field, value); err != nil {
		return fmt.Errorf("gan: %w", err)
	}
	return nil
}
