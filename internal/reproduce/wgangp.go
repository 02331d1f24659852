package main

import (
	"fmt"

	"github.com/gogan-ml/gogan/gan"
)

var wgangpFashion = study{name: "wgan-gp-fashion",
	about:    "does a critic's loss follow the score? WGAN-GP with penalties of λ 0.1, 1 and 10, one- and two-sided, beside DCGAN; 2 seeds",
	settings: wgangpSettings, seeds: 2, every: 15}

// wgangpSettings are the plain network of WGAN-GP's code at 16 maps of 128, and DCGAN at 16 of 64: both with three or four
// layers each.
func wgangpSettings() []setting {
	var out []setting
	penalty := func(row string, lambda float64, oneSided bool) {
		cfg := gan.WGANGPConv()
		cfg.BaseChannels, cfg.GP.Lambda, cfg.GP.OneSided = 16, lambda, oneSided
		out = append(out, setting{row: row, config: cfg, kimg: 240})
	}
	for _, lambda := range []float64{0.1, 1, 10} {
		penalty(fmt.Sprintf("WGAN-GP, λ %g", lambda), lambda, false)
	}
	penalty("WGAN-GP, λ 10, one-sided", 10, true)
	return append(out, setting{row: "DCGAN, non-saturating", config: narrow(), kimg: 240})
}
