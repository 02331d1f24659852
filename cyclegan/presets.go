package cyclegan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/gan"
)

// CycleGAN256 is the paper's for pictures of 256 px and more (Zhu et al. 2017, section 4 and appendix 7,
// https://arxiv.org/abs/1703.10593): 9 residual blocks, 64 feature maps, patches of 70x70, least squares, λ = 10, pools of
// 50, pairs one at a time, Adam 2e-4 with β1 = 0.5 for 100 epochs and linearly to 0 in 100 more. From the reference code:
// pictures scaled to 286 px, of which a random 256 are taken, and an identity loss of half the weight of the cycle's, which
// the paper has for paintings and photographs only (section 5.2).
//
// The reference code keeps the learning rate during an epoch and falls in 101 steps; here it falls with every pair. The
// difference is below 1 % of the full rate.
func CycleGAN256() Config {
	adam := gan.Adam(2e-4, 0.5, 0.999)
	return Config{
		Preset: "cyclegan-256", Architecture: ArchitectureResNet, NBlocks: 9, NDowns: 8,
		BaseChannels: 64, DiscriminatorChannels: 64, DiscriminatorLayers: 3,
		Norm: InstanceNorm, Upsampling: Transposed,
		Loss: LSGAN, GP: gan.GP{Lambda: 10, Target: 1}, // the penalty is that of WGAN-GP; it waits for loss=wgan-gp
		LambdaG: 1, LambdaF: 1, LambdaX: 10, LambdaY: 10, LambdaIdentity: 0.5,
		PoolSize: 50, Batch: 1,
		LoadSize: 286, CropSize: 256, Flip: true,
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		ConstantEpochs: 100, DecayEpochs: 100, PaperEpochs: 200,
		GridKimg: 1, SnapshotSeconds: 60,
	}
}

// CycleGAN128 is CycleGAN256 with the paper's 6 residual blocks for 128 px (appendix 7.2). 143 px before the crop are as
// much more as 286 are of 256.
func CycleGAN128() Config {
	c := CycleGAN256()
	c.Preset, c.NBlocks, c.NDowns = "cyclegan-128", 6, 7
	c.LoadSize, c.CropSize = 143, 128
	return c
}

// CycleGAN64Small is a small one for pictures of 64 px, to train on a CPU in less than an hour: a quarter of the widths, 3
// residual blocks, patches of 34x34 pixels, as they are half of a picture of 64, four pairs at a time. These numbers and the
// length of its schedule are this project's choice.
func CycleGAN64Small() Config {
	c := CycleGAN256()
	c.Preset, c.NBlocks, c.NDowns = "cyclegan-64-small", 3, 6
	c.BaseChannels, c.DiscriminatorChannels, c.DiscriminatorLayers = 16, 16, 2
	c.Batch = 4
	c.LoadSize, c.CropSize, c.Flip = 0, 0, false
	c.ConstantEpochs, c.DecayEpochs, c.PaperEpochs = 0, 0, 0
	c.Schedule = gan.Schedule{Kind: "linear", FromKimg: 10, ToKimg: 20}
	c.GridKimg = 2
	return c
}

func presets() []Config { return []Config{CycleGAN128(), CycleGAN256(), CycleGAN64Small()} }

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
	return Config{}, fmt.Errorf("cyclegan: no preset is called %q; there are %s", name, strings.Join(PresetNames(), ", "))
}
