package gan

// LSGAN is the least squares GAN of Mao et al. 2017, https://arxiv.org/abs/1611.04076, on the networks of DCGAN, with the
// settings of most later code: Adam 2e-4 with β1 = 0.5, batch 64. The paper's own networks, for 112 px, are not here.
func LSGAN() Config {
	cfg := DCGAN()
	cfg.Preset, cfg.Loss = "lsgan", LeastSquares
	cfg.PaperEpochs = 0
	return cfg
}

// WGAN is Arjovsky et al. 2017, algorithm 1, https://arxiv.org/abs/1701.07875, with the networks and bursts of its code
// (martinarjovsky/WassersteinGAN): those of DCGAN, weights of the critic clipped to 0.01, RMSProp 5e-5, 5 steps of the
// critic for one of G and 100 at the start, batch 64.
func WGAN() Config {
	cfg := DCGAN()
	rmsprop := RMSProp(5e-5, 0.99, 1e-8)
	cfg.Preset, cfg.Loss, cfg.ClipWeights = "wgan", Wasserstein, 0.01
	cfg.NCritic, cfg.CriticBursts = 5, true
	cfg.GeneratorOptimizer, cfg.DiscriminatorOptimizer = rmsprop, rmsprop
	cfg.PaperEpochs = 0
	return cfg
}

// WGANGP is the residual network for CIFAR-10 of Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, appendix C, with
// the numbers of its code (igul222/improved_wgan_training, gan_cifar_resnet.py): z ~ N(0, I) of length 128, width 128,
// penalty 10 towards norm 1, 5 steps of the critic with batch 64 for one of G with batch 128, Adam 2e-4 with β = (0, 0.9),
// whose rate falls to 0 over 100,000 steps of G (32,000 kimg).
func WGANGP() Config {
	adam := Adam(2e-4, 0, 0.9)
	return Config{
		Preset: "wgan-gp", Method: MethodGAN, Architecture: "resnet-wgan-gp",
		Latents:           Latents{Dim: 128, Distribution: "normal"},
		BaseChannels:      128,
		DiscriminatorNorm: "none",
		Loss:              Wasserstein,
		NCritic:           5, Batch: 64, GeneratorBatch: 2, Pack: 1, R1Every: 1,
		Dequantize:         true,
		GP:                 GP{Lambda: 10, Target: 1},
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		Schedule:  Schedule{Kind: "linear", ToKimg: 32000},
		PaperKimg: 32000,
		GridKimg:  100, SnapshotSeconds: 60,
	}
}

// WGANGPConv is the plain network of the same code (gan_cifar.py): width 128, Adam 1e-4 with β = (0.5, 0.9) without decay,
// batch 64 for both, 200,000 steps of G (64,000 kimg).
func WGANGPConv() Config {
	adam := Adam(1e-4, 0.5, 0.9)
	cfg := WGANGP()
	cfg.Preset, cfg.Architecture = "wgan-gp-conv", "conv-wgan-gp"
	cfg.GeneratorBatch, cfg.Dequantize = 1, false
	cfg.GeneratorOptimizer, cfg.DiscriminatorOptimizer = adam, adam
	cfg.Schedule = Schedule{Kind: "constant"}
	cfg.PaperKimg = 64000
	return cfg
}

// WGANGPSmall is WGANGP narrowed for a CPU: width 16, no decay. It is no published setting.
func WGANGPSmall() Config {
	cfg := WGANGP()
	cfg.Preset, cfg.BaseChannels = "wgan-gp-small", 16
	cfg.Schedule = Schedule{Kind: "constant"}
	cfg.PaperKimg, cfg.GridKimg = 0, 20
	return cfg
}

// SNGAN is the residual network of Miyato et al. 2018, https://arxiv.org/abs/1802.05957, with the numbers of its code
// (pfnet-research/sngan_projection, sn_cifar10_unconditional.yml): hinge loss, all layers of D spectrally normalized,
// widths 256 and 128, z ~ N(0, I) of length 128, 5 steps of D with batch 64 for one of G with batch 128, G first, Adam 2e-4
// with β = (0, 0.9), whose rate falls to 0 over 50,000 steps of G (16,000 kimg).
func SNGAN() Config {
	adam := Adam(2e-4, 0, 0.9)
	return Config{
		Preset: "sngan", Method: MethodGAN, Architecture: "resnet-sngan",
		Latents:      Latents{Dim: 128, Distribution: "normal"},
		BaseChannels: 256, DiscriminatorChannels: 128,
		DiscriminatorNorm: "spectral",
		Loss:              Hinge,
		NCritic:           5, Batch: 64, GeneratorBatch: 2, Pack: 1, R1Every: 1,
		GeneratorFirst: true, Dequantize: true,
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		Schedule:  Schedule{Kind: "linear", ToKimg: 16000},
		PaperKimg: 16000,
		GridKimg:  100, SnapshotSeconds: 60,
	}
}

// SNGANProjection is SNGAN with classes: conditional batch norm in G, a projection in D. Miyato and Koyama 2018,
// https://arxiv.org/abs/1802.05637, sn_cifar10_conditional.yml of the same code.
func SNGANProjection() Config {
	cfg := SNGAN()
	cfg.Preset, cfg.Conditional = "sngan-projection", true
	return cfg
}

// SNGAN32Small is SNGAN narrowed for a CPU: widths 32 and 32 at 32 px, no decay. It is no published setting.
func SNGAN32Small() Config {
	cfg := SNGAN()
	cfg.Preset, cfg.ImageSize = "sngan-32-small", 32
	cfg.BaseChannels, cfg.DiscriminatorChannels = 32, 32
	cfg.Schedule = Schedule{Kind: "constant"}
	cfg.PaperKimg, cfg.GridKimg = 0, 20
	return cfg
}

// SNGANProjection32Small is SNGANProjection narrowed in the same way.
func SNGANProjection32Small() Config {
	cfg := SNGAN32Small()
	cfg.Preset, cfg.Conditional = "sngan-projection-32-small", true
	return cfg
}

// PacGAN is DCGAN with a discriminator that judges two samples at once: Lin et al. 2018, section 3,
// https://arxiv.org/abs/1712.04086. `--set pack=m` gives PacGANm.
func PacGAN() Config {
	cfg := DCGAN()
	cfg.Preset, cfg.Pack = "pacgan", 2
	cfg.PaperEpochs = 0
	return cfg
}

// UnrolledGAN is DCGAN whose generator looks five updates of D ahead: Metz et al. 2017, https://arxiv.org/abs/1611.02163.
// `--set unroll=k` looks k ahead; a step costs about k+1 of DCGAN's.
func UnrolledGAN() Config {
	cfg := DCGAN()
	cfg.Preset, cfg.Unroll, cfg.Loss = "unrolled-gan", 5, Saddle
	cfg.PaperEpochs = 0
	return cfg
}

// DCGANR1 is DCGAN stabilised as Mescheder et al. 2018, https://arxiv.org/abs/1801.04406, do it: no batch norm in D, R1 on
// the reals with the code's reg_param of 10, which is gamma = 20 here (it has no factor 1/2), RMSProp 1e-4, a
// moving average of G with decay 0.999 at batch 64 (a half-life of 44.3 kimg). Their own networks are residual; these are
// DCGAN's.
func DCGANR1() Config {
	cfg := DCGAN()
	rmsprop := RMSProp(1e-4, 0.99, 1e-8)
	cfg.Preset, cfg.DiscriminatorNorm, cfg.R1Gamma = "dcgan-r1", "none", 20
	cfg.GeneratorOptimizer, cfg.DiscriminatorOptimizer = rmsprop, rmsprop
	cfg.EMAKimg = 44.3
	cfg.PaperEpochs = 0
	return cfg
}
