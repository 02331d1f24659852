package main

import (
	"fmt"

	"github.com/gogan-ml/gogan/gan"
)

var optimizers = study{name: "optimizers",
	about: "Adam, RMSProp and Nesterov's gradient for both players, three learning rates each; 2 seeds",
	settings: func() []setting {
		adam := gan.DCGAN().GeneratorOptimizer
		rules := []struct {
			name  string
			rule  func(lr float64) gan.Optimizer
			rates []float64
		}{
			{"Adam", func(lr float64) gan.Optimizer { return gan.Adam(lr, adam.Beta1, adam.Beta2) }, []float64{5e-5, 2e-4, 1e-3}},
			{"RMSProp", func(lr float64) gan.Optimizer { return gan.RMSProp(lr, 0.99, 1e-8) }, []float64{5e-5, 2e-4, 1e-3}},
			{"NAG", func(lr float64) gan.Optimizer { return gan.NAG(lr, 0.9) }, []float64{1e-3, 1e-2, 1e-1}},
		}
		var out []setting
		for _, r := range rules {
			for _, lr := range r.rates {
				out = append(out, setting{row: fmt.Sprintf("%s %g", r.name, lr), config: moved(r.rule(lr)), kimg: 40})
			}
		}
		return out
	},
	seeds: 2, every: 10}

// moved is the narrow DCGAN with one rule for both players.
func moved(o gan.Optimizer) gan.Config {
	cfg := narrow()
	cfg.GeneratorOptimizer, cfg.DiscriminatorOptimizer = o, o
	return cfg
}

var clipping = study{name: "clipping",
	about: "gradients clipped by norm and by value at a learning rate that breaks without; 2 seeds",
	settings: func() []setting {
		change := func(row string, clip func(o *gan.Optimizer)) setting {
			o := gan.NAG(brokenRate, 0.9)
			clip(&o)
			cfg := moved(o)
			cfg.DiscriminatorNorm = "none" // batch norm would bound what D's weights can do
			return setting{row: row, config: cfg, kimg: 120}
		}
		return []setting{
			change("not clipped", func(*gan.Optimizer) {}),
			change("norm 1", func(o *gan.Optimizer) { o.ClipNorm = 1 }),
			change("norm 0.1", func(o *gan.Optimizer) { o.ClipNorm = 0.1 }),
			change("value 0.01", func(o *gan.Optimizer) { o.ClipValue = 0.01 }),
		}
	},
	seeds: 2, every: 10}

// brokenRate is a learning rate of Nesterov's gradient that breaks the training of "clipping".
const brokenRate = 0.01
