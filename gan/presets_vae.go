package gan

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
