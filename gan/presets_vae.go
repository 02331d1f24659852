package gan

import "math"

// VAE is a variational autoencoder, Kingma and Welling 2014, https://arxiv.org/abs/1312.6114, whose decoder is the
// generator of DCGAN, so that both can be compared; the encoder mirrors it. No paper has this pair: Adam 1e-3, β = 1 and
// grey levels as Bernoulli probabilities are those of VAEMLP, everything else is DCGAN's.
func VAE() Config {
	cfg := DCGAN()
	cfg.Preset, cfg.Method = "vae", MethodVAE
	cfg.Likelihood, cfg.Beta = Bernoulli, 1
	cfg.GeneratorOptimizer = Adam(1e-3, 0.9, 0.999)
	cfg.PaperEpochs = 0
	return cfg
}

// VAEMLP is the VAE of pytorch/examples, vae/main.py: 784-400-(20, 20) and 20-400-784 on images of 28 px, ReLU, grey levels
// as Bernoulli probabilities, Adam 1e-3, batch 128, 10 epochs.
func VAEMLP() Config {
	cfg := VAE()
	cfg.Preset, cfg.Architecture, cfg.DiscriminatorNorm = "vae-mlp", "mlp-vae", "none"
	cfg.Latents.Dim, cfg.BaseChannels, cfg.Batch = 20, 400, 128
	cfg.PaperEpochs = 10
	return cfg
}

// VAEConv is VanillaVAE of AntixK/PyTorch-VAE with configs/vae.yaml, for RGB images of 64 px: latents of 128, width 32,
// batch 64, Adam 5e-3 times 0.95 after each of 100 epochs (here: continuously, with the 162,770 training pictures of CelebA
// in an epoch). Its loss, the mean squared error of all pixels and 2.5e-4 times the divergence, is the
// evidence lower bound, times 2.5e-4 and but for a constant, of a Gaussian with the variance 64·64·3·2.5e-4/2 = 1.536.
func VAEConv() Config {
	cfg := VAE()
	cfg.Preset, cfg.Architecture = "vae-conv", "conv-vae"
	cfg.Latents.Dim, cfg.BaseChannels = 128, 32
	cfg.Likelihood, cfg.LikelihoodStd = Gaussian, math.Sqrt(64*64*3*2.5e-4/2)
	cfg.GeneratorOptimizer = Adam(5e-3, 0.9, 0.999)
	cfg.PaperEpochs = 100
	cfg.Schedule = Schedule{Kind: "exponential", ToKimg: 100 * 162.77, Rate: math.Pow(0.95, 100)}
	return cfg
}
