package gan

import (
	"fmt"
	"slices"
	"strings"
)

// DCGAN is the deep convolutional GAN of Radford et al. 2016, https://arxiv.org/abs/1511.06434, with the numbers of
// its reference code: z ~ N(0, I) of length 100, widths 64, batch 64, Adam 2e-4 with β1 = 0.5 for both players.
// The paper's sizes end at 64 px; 32 and 28 px (from 7x7) drop the widest layers.
func DCGAN() Config {
	adam := Adam(2e-4, 0.5, 0.999)
	return Config{
		Preset: "dcgan", Method: MethodGAN, Architecture: "dcgan",
		Latents:           Latents{Dim: 100, Distribution: "normal"},
		BaseChannels:      64,
		DiscriminatorNorm: "batch",
		Loss:              NonSaturating,
		NCritic:           1, Batch: 64, GeneratorBatch: 1, Pack: 1, R1Every: 1,
		Schedule:           Schedule{Kind: "constant"},
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		PaperEpochs: 25,
		GridKimg:    10, SnapshotSeconds: 60,
	}
}

// MLPGAN is the first GAN, Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, section 5: a generator of
// rectified linear layers, a discriminator of maxout layers trained with dropout. The paper prints neither widths nor
// optimizer; z ~ U(-1, 1) of length 100, 1200 units, batch 100 and Adam are this project's choice. The output is
// tanh, not sigmoid, because images are in [-1, 1] here.
func MLPGAN() Config {
	adam := Adam(2e-4, 0.5, 0.999)
	return Config{
		Preset: "mlp-gan", Method: MethodGAN, Architecture: "mlp",
		Latents:           Latents{Dim: 100, Distribution: "uniform"},
		BaseChannels:      1200,
		DiscriminatorNorm: "none",
		Loss:              NonSaturating,
		NCritic:           1, Batch: 100, GeneratorBatch: 1, Pack: 1, R1Every: 1,
		Schedule:           Schedule{Kind: "constant"},
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		GridKimg: 10, SnapshotSeconds: 60,
	}
}

func presets() []Config {
	return []Config{DCGAN(), DCGANR1(), LSGAN(), MLPGAN(), PacGAN(), SNGAN(), SNGAN32Small(), SNGANProjection(), SNGANProjection32Small(),
		UnrolledGAN(), VAE(), VAEConv(), VAEMLP(), WaveGAN(), WaveGANSmall(), WGAN(), WGANGP(), WGANGPConv(), WGANGPSmall()}
}

// PresetNames lists the presets as the command line writes them.
func PresetNames() []string {
	var names []string
	for _, c := range presets() {
		names = append(names, c.Preset)
	}
	return names
}

// Preset returns the preset of a name, or an error that lists them all.
func Preset(name string) (Config, error) {
	all := presets()
	if i := slices.IndexFunc(all, func(c Config) bool { return c.Preset == name }); i >= 0 {
		return all[i], nil
	}
	return Config{}, fmt.Errorf("gan: no preset is called %q; there are %s", name, strings.Join(PresetNames(), ", "))
}
