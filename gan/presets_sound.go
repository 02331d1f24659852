package gan

// WaveGAN is Donahue et al. 2019, https://arxiv.org/abs/1802.04208, with the numbers of its appendix D, table 5: sounds of
// 16384 samples at 16 kHz, z ~ U(-1, 1) of length 100, width 64, phase shuffle by 2, penalty 10 towards norm 1, 5 steps of
// the critic for one of G, batch 64, Adam 1e-4 with β = (0.5, 0.9), 200,000 steps of G (64,000 kimg).
func WaveGAN() Config {
	adam := Adam(1e-4, 0.5, 0.9)
	return Config{
		Preset: "wavegan", Method: MethodGAN, Architecture: "wavegan",
		ImageSize: 16384, SampleRate: 16000, PhaseShuffle: 2,
		Latents:           Latents{Dim: 100, Distribution: "uniform"},
		BaseChannels:      64,
		DiscriminatorNorm: "none",
		Loss:              Wasserstein,
		NCritic:           5, Batch: 64, GeneratorBatch: 1, Pack: 1, R1Every: 1,
		GP:                 GP{Lambda: 10, Target: 1},
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam,
		Schedule:  Schedule{Kind: "constant"},
		PaperKimg: 64000,
		GridKimg:  100, SnapshotSeconds: 60,
	}
}

// WaveGANSmall is WaveGAN made small for a CPU: sounds of 4096 samples at 8 kHz, half a second, and width 16; batch 16 and
// twice the rate, so that G gets somewhere in the sounds that a CPU has time for. It is no published setting.
func WaveGANSmall() Config {
	cfg := WaveGAN()
	cfg.Preset, cfg.ImageSize, cfg.SampleRate, cfg.BaseChannels = "wavegan-small", 4096, 8000, 16
	cfg.Batch, cfg.GeneratorOptimizer.LR, cfg.DiscriminatorOptimizer.LR = 16, 2e-4, 2e-4
	cfg.PaperKimg, cfg.GridKimg = 0, 20
	return cfg
}
