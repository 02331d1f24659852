package gan

import (
	"runtime/debug"

	"github.com/gogan-ml/gogan/gan/run"
)

// Names of the two players: the scopes of their variables.
const (
	GeneratorPlayer     = "generator"
	DiscriminatorPlayer = "discriminator"
)

// Reporter shows the progress of a run; see gan/run for those that exist.
type Reporter = run.Reporter

// spec returns the phase list of a resolved config: n_critic steps of D, each on a fresh batch, then one of G; or those of
// a VAE.
func (c Config) spec(data Data) Spec {
	if c.Method == MethodVAE {
		return c.vaeSpec(data)
	}
	p := game{Config: c, g: c.generator(), d: c.discriminator()}
	s := Spec{
		Seed: c.Seed, Batch: c.Batch, Latents: &c.Latents, Classes: c.Classes,
		Players: []Player{
			{Name: GeneratorPlayer, Optimizer: c.GeneratorOptimizer},
			{Name: DiscriminatorPlayer, Optimizer: c.DiscriminatorOptimizer},
		},
		Phases: p.phases(),
		Source: c.source(data),
	}
	if c.EMAKimg > 0 {
		s.Controllers = append(s.Controllers, EMA{Player: GeneratorPlayer,
			Batch:    c.Batch * c.NCritic * c.DiscriminatorOptimizer.steps(),
			Halflife: c.EMAKimg * float64(Kimg), Rampup: c.EMARampup})
	}
	return s
}

// phases lists the steps of a cycle.
func (p game) phases() []Phase {
	d := []Phase{{Name: "D", Player: DiscriminatorPlayer, Fresh: true, Reals: true, Loss: p.lossD, Repeat: p.repeat}}
	g := []Phase{{Name: "G", Player: GeneratorPlayer, Reals: p.Loss.NeedsReal, BatchMultiple: p.GeneratorBatch, Loss: p.lossG}}
	if p.R1Gamma > 0 && p.R1Every > 1 {
		// Of k+1 updates in k steps each is made smaller by k/(k+1), so that the moments forget as fast as without.
		share := float64(p.R1Every) / float64(p.R1Every+1)
		d[0].LRScale, d[0].BetaPower = share, share
		d = append(d, Phase{Name: "Dreg", Player: DiscriminatorPlayer, Reals: true, Every: p.R1Every,
			LRScale: share, BetaPower: share, Loss: p.lossLazyR1})
	}
	if p.GeneratorFirst {
		return append(g, d...)
	}
	return append(d, g...)
}

// The bursts of WGAN's code: this many steps of D before each of the first steps of G and before every 500th.
const (
	burst      = 100
	burstFirst = 25
	burstEvery = 500
)

// repeat is the number of steps of D in a cycle.
func (p game) repeat(cycle int64) int {
	if p.CriticBursts && (cycle < burstFirst || cycle%burstEvery == 0) {
		return burst
	}
	return p.NCritic
}

// versions of the modules that decide the numbers of a run.
func versions() map[string]string {
	out := map[string]string{"gogan": Version}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			switch m.Path {
			case "github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla":
				out[m.Path] = m.Version
			}
		}
	}
	return out
}
