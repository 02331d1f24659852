package main

import "github.com/gogan-ml/gogan/gan"

var snganFashion = study{name: "sngan-fashion",
	about: "the presets sngan-32-small and sngan-projection-32-small with half their width",
	settings: func() []setting {
		var out []setting
		for _, cfg := range []gan.Config{gan.SNGAN32Small(), gan.SNGANProjection32Small()} {
			cfg.BaseChannels, cfg.DiscriminatorChannels = 16, 16
			out = append(out, setting{row: cfg.Preset, config: cfg, kimg: 200})
		}
		return out
	},
	seeds: 1, every: 20}
