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
	return Spec{
		Seed: c.Seed, Batch: c.Batch, Latents: &c.Latents, Classes: c.Classes,
		Players: []Player{
			{Name: GeneratorPlayer, Optimizer: c.GeneratorOptimizer, LR: c.Schedule.Factor},
			{Name: DiscriminatorPlayer, Optimizer: c.DiscriminatorOptimizer, LR: c.Schedule.Factor},
		},
		Phases:      p.phases(),
		Controllers: c.controllers(),
		Source:      c.source(data),
	}
}

// controllers are what acts besides the two players.
func (c Config) controllers() []Controller {
	var out []Controller
	if c.ClipWeights > 0 {
		out = append(out, ClipWeights{Player: DiscriminatorPlayer, Limit: c.ClipWeights})
	}
	if c.InstanceNoise > 0 {
		out = append(out, hostScalar{noiseScalar, c.instanceNoise})
	}
	if c.EMAKimg > 0 {
		out = append(out, EMA{Player: GeneratorPlayer,
			Batch:    c.Batch * c.NCritic * c.DiscriminatorOptimizer.steps(),
			Halflife: c.EMAKimg * float64(Kimg), Rampup: c.EMARampup})
	}
	return out
}

// instanceNoise is the standard deviation of the noise after img images.
func (c Config) instanceNoise(img int64) float64 {
	return c.InstanceNoise * max(0, 1-float64(img)/(c.InstanceNoiseKimg*float64(Kimg)))
}

// hostScalar is a controller that changes nothing: it brings a function of the images shown into the graph.
type hostScalar struct {
	name  string
	value func(img int64) float64
}

func (h hostScalar) After(*Step) {}

func (h hostScalar) Scalars(img int64) map[string]float64 {
	return map[string]float64{h.name: h.value(img)}
}

func (h hostScalar) Init(Variables) error { return nil }

// phases lists the steps of a cycle.
func (p game) phases() []Phase {
	d := []Phase{{Name: "D", Player: DiscriminatorPlayer, Fresh: true, Reals: true, Loss: p.lossD, Repeat: p.repeat}}
	g := []Phase{{Name: "G", Player: GeneratorPlayer, Reals: p.needsReals(), BatchMultiple: p.GeneratorBatch, Loss: p.lossG}}
	if p.Unroll > 0 {
		g[0].Unroll = &Unroll{Player: DiscriminatorPlayer, Steps: p.Unroll}
	}
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

// Versions returns those of the modules that decide the numbers of a run, as config.json and checkpoints record them.
func Versions() map[string]string {
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
