package main

import "github.com/gogan-ml/gogan/gan"

var everyPreset = study{name: "presets",
	about:    "the presets that two cores can train, those with a paper's width at 16 maps of it: do they learn?",
	settings: presetSettings, seeds: 1, every: 20}

// presetSettings are the presets as they are, but for their width. Those that are small already keep it, and the length
// of WGAN's training is more, for its first 25 steps of G take 160 thousand images.
func presetSettings() []setting {
	var out []setting
	add := func(kimg int64, presets ...gan.Config) {
		for _, cfg := range presets {
			out = append(out, setting{row: cfg.Preset, config: cfg, kimg: kimg})
		}
	}
	narrowed := func(cfg gan.Config) gan.Config {
		cfg.BaseChannels = 16
		return cfg
	}
	add(100, narrowed(gan.DCGAN()), narrowed(gan.DCGANR1()), narrowed(gan.LSGAN()), narrowed(gan.PacGAN()), narrowed(gan.UnrolledGAN()))
	add(100, narrowed(gan.VAE()), narrowed(gan.VAEConv()), gan.VAEMLP())
	add(200, gan.MLPGAN(), narrowed(gan.WGANGPConv()), gan.WGANGPSmall())
	add(500, narrowed(gan.WGAN()))
	return out
}
