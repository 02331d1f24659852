package main

import "fmt"

var r1 = study{name: "r1",
	about: "a discriminator without normalization, with R1 of several γ and without; 2 seeds",
	settings: func() []setting {
		var out []setting
		for _, gamma := range []float64{0, 0.1, 1} {
			cfg := narrow()
			cfg.DiscriminatorNorm, cfg.R1Gamma = "none", gamma
			out = append(out, setting{row: fmt.Sprintf("γ = %g", gamma), config: cfg, kimg: 150})
		}
		return out
	},
	seeds: 2, every: 15, reference: "γ = 0"}
