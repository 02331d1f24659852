package main

import "github.com/gogan-ml/gogan/gan"

var losses = study{name: "losses",
	about:    "every loss on a narrow DCGAN and Fashion-MNIST, at equal images and at equal time; 3 seeds",
	settings: lossSettings, seeds: 3, every: 10, reference: "non-saturating"}

// narrow is DCGAN with a quarter of its width.
func narrow() gan.Config {
	cfg := gan.DCGAN()
	cfg.BaseChannels = 16
	return cfg
}

// lossSettings are the games, each with the discriminator and the optimizers that its paper asks for. Those with five steps of
// the critic for one of G are cheaper by the image: they are trained longer, so that all reach the time of the reference.
func lossSettings() []setting {
	game := func(row string, loss gan.Loss, norm string, change ...func(*gan.Config)) setting {
		cfg := narrow()
		cfg.Loss, cfg.DiscriminatorNorm = loss, norm
		for _, c := range change {
			c(&cfg)
		}
		return setting{row: row, config: cfg, kimg: 100}
	}
	clipped := game("Wasserstein, clipping", gan.Wasserstein, "batch", func(cfg *gan.Config) {
		wgan := gan.WGAN()
		cfg.ClipWeights, cfg.NCritic = wgan.ClipWeights, wgan.NCritic
		cfg.GeneratorOptimizer, cfg.DiscriminatorOptimizer = wgan.GeneratorOptimizer, wgan.DiscriminatorOptimizer
	})
	clipped.kimg = 200
	penalized := game("Wasserstein, gradient penalty", gan.Wasserstein, "none", gradientPenalty)
	penalized.kimg = 160
	return []setting{
		game("minimax", gan.Minimax, "batch"),
		game("non-saturating", gan.NonSaturating, "batch"),
		game("least squares", gan.LeastSquares, "batch"),
		game("non-saturating, spectral norm", gan.NonSaturating, "spectral"),
		game("hinge, spectral norm", gan.Hinge, "spectral"),
		game("relativistic average, spectral norm", gan.RelativisticAverage, "spectral"),
		game("non-saturating, R1", gan.NonSaturating, "none", func(cfg *gan.Config) { cfg.R1Gamma = 1 }),
		clipped,
		penalized,
	}
}

// gradientPenalty makes a config that of WGAN-GP's plain network.
func gradientPenalty(cfg *gan.Config) {
	gp := gan.WGANGPConv()
	cfg.GP, cfg.NCritic = gp.GP, gp.NCritic
	cfg.GeneratorOptimizer, cfg.DiscriminatorOptimizer = gp.GeneratorOptimizer, gp.DiscriminatorOptimizer
}
