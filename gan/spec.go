package gan

import (
	"runtime/debug"

	"github.com/gogan-ml/gogan/gan/run"
	. "github.com/gomlx/gomlx/core/graph"
)

// Names of the two players: the scopes of their variables.
const (
	GeneratorPlayer     = "generator"
	DiscriminatorPlayer = "discriminator"
)

// Reporter shows the progress of a run; see gan/run for those that exist.
type Reporter = run.Reporter

// generator and discriminator return the networks of a resolved config.
func (c Config) generator() Network {
	switch {
	case c.Generator != nil:
		return c.Generator
	case c.Architecture == "mlp":
		return MLPGenerator(c.ImageSize, c.Channels, c.BaseChannels)
	}
	return DCGANGenerator(c.ImageSize, c.Channels, c.BaseChannels)
}

func (c Config) discriminator() Network {
	switch {
	case c.Discriminator != nil:
		return c.Discriminator
	case c.Architecture == "mlp":
		return MLPDiscriminator(c.BaseChannels)
	}
	return DCGANDiscriminator(c.ImageSize, c.BaseChannels, c.DiscriminatorNorm)
}

// Spec returns the phase list of a resolved config: n_critic steps of D, each on a fresh batch, then one of G.
func (c Config) spec(data Data) Spec {
	g, d := c.generator(), c.discriminator()
	s := Spec{
		Seed: c.Seed, Batch: c.Batch, Latents: &c.Latents,
		Players: []Player{
			{Name: GeneratorPlayer, Optimizer: c.GeneratorOptimizer},
			{Name: DiscriminatorPlayer, Optimizer: c.DiscriminatorOptimizer},
		},
		Phases: []Phase{
			{Name: "D", Player: DiscriminatorPlayer, Fresh: true, Reals: true, Loss: c.lossD(g, d),
				Repeat: func(int64) int { return c.NCritic }},
			{Name: "G", Player: GeneratorPlayer, Reals: c.Loss.NeedsReal, Loss: c.lossG(g, d)},
		},
		Source: source{data: data, seed: c.Seed, size: c.ImageSize, channels: c.Channels},
	}
	if c.EMAKimg > 0 {
		s.Controllers = append(s.Controllers, EMA{Player: GeneratorPlayer, Batch: c.Batch * c.NCritic,
			Halflife: c.EMAKimg * float64(Kimg), Rampup: c.EMARampup})
	}
	return s
}

// lossD is the loss of D on reals and on fakes through which no gradient flows. Reals and fakes pass D apart: with
// batch norm each has statistics of its own, as in the reference code.
func (c Config) lossD(g, d Network) func(*Step) *Node {
	return func(s *Step) *Node {
		fakes := StopGradient(s.Network(GeneratorPlayer, g, s.Z))
		real := s.Network(DiscriminatorPlayer, d, s.X)
		fake := s.Network(DiscriminatorPlayer, d, fakes)
		loss := c.Loss.D(real, fake)
		s.Report("loss_d", loss)
		reportOutputs(s, c.Loss.Output, real, fake)
		if c.R1Gamma > 0 {
			r1 := R1(func(x *Node) *Node { return s.Network(DiscriminatorPlayer, d, x) }, s.X, c.R1Gamma)
			s.Report("r1", r1)
			loss = Add(loss, r1)
		}
		return loss
	}
}

func (c Config) lossG(g, d Network) func(*Step) *Node {
	return func(s *Step) *Node {
		var real *Node
		if c.Loss.NeedsReal {
			real = s.Network(DiscriminatorPlayer, d, s.X)
		}
		loss := c.Loss.G(real, s.Network(DiscriminatorPlayer, d, s.Network(GeneratorPlayer, g, s.Z)))
		s.Report("loss_g", loss)
		return loss
	}
}

// reportOutputs logs the mean of D(x) and D(G(z)): probabilities for logits, the outputs themselves otherwise.
func reportOutputs(s *Step, kind Output, real, fake *Node) {
	if kind == Logit {
		real, fake = Sigmoid(real), Sigmoid(fake)
	}
	s.Report("d_real", ReduceAllMean(real))
	s.Report("d_fake", ReduceAllMean(fake))
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
