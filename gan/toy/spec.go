package toy

import (
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
)

// bothPlayers is the player that owns both networks where they move together. Adam treats each weight by itself, so one
// optimizer over both is the same as one for each.
const bothPlayers = "both"

func (c Config) generator() gan.Network {
	switch c.Networks {
	case PacGANNetworks:
		return PacGANGenerator(c.Units)
	case UnrolledNetworks:
		return UnrolledGenerator(c.Units)
	}
	return WGANGPGenerator(c.Units)
}

func (c Config) discriminator() gan.Network {
	switch c.Networks {
	case PacGANNetworks:
		return PacGANDiscriminator(c.CriticUnits)
	case UnrolledNetworks:
		return UnrolledDiscriminator(c.CriticUnits)
	}
	return WGANGPCritic(c.CriticUnits)
}

// spec is the training as a list of phases.
func (c Config) spec() gan.Spec {
	s := gan.Spec{Seed: c.Seed, Batch: c.Batch, Latents: &c.Latents, Source: Source{Of: c.Data, Seed: c.Seed, Pack: c.Pack}}
	g := gan.Player{Name: gan.GeneratorPlayer, Optimizer: c.GeneratorOptimizer}
	d := gan.Player{Name: gan.DiscriminatorPlayer, Optimizer: c.DiscriminatorOptimizer}
	switch {
	case c.Together:
		s.Players = []gan.Player{{Name: bothPlayers, Scopes: []string{g.Name, d.Name}, Optimizer: c.GeneratorOptimizer}}
		s.Phases = []gan.Phase{{Name: "DG", Player: bothPlayers, Fresh: true, Reals: true, BatchMultiple: c.Pack, Loss: c.lossBoth}}
	case c.FixedNoise > 0:
		s.Players = []gan.Player{d}
		s.Phases = []gan.Phase{{Name: "D", Player: d.Name, Fresh: true, Reals: true, Loss: c.lossCritic}}
		s.Latents = nil
	default:
		s.Players = []gan.Player{g, d}
		s.Phases = []gan.Phase{
			{Name: "D", Player: d.Name, Fresh: true, Reals: true, BatchMultiple: c.Pack, Loss: c.lossD,
				Repeat: func(int64) int { return c.NCritic }},
			{Name: "G", Player: g.Name, Reals: c.Loss.NeedsReal || c.Unroll > 0, BatchMultiple: c.Pack, Loss: c.lossG,
				Unroll: &gan.Unroll{Player: d.Name, Steps: c.Unroll}}}
	}
	if c.ClipWeights > 0 {
		s.Controllers = append(s.Controllers, gan.ClipWeights{Player: d.Name, Limit: c.ClipWeights})
	}
	return s
}

// fakes are packed samples [batch, 2·pack]. Each of the pack draws passes G by itself, with batch statistics of its own,
// as in PacGAN's code.
func (c Config) fakes(s *gan.Step) *Node {
	draws := make([]*Node, c.Pack)
	for i := range draws {
		z := Slice(s.Z, AxisRange(i*c.Batch, (i+1)*c.Batch))
		draws[i] = s.Network(gan.GeneratorPlayer, c.generator(), z)
	}
	return Concatenate(draws, 1)
}

func (c Config) judge(s *gan.Step, x *Node) *Node {
	return s.Network(gan.DiscriminatorPlayer, c.discriminator(), x)
}

// lossBoth is the sum of both losses at one state: D's stops at the fakes, G's at D's weights.
func (c Config) lossBoth(s *gan.Step) *Node {
	fakes := c.fakes(s)
	lossD := c.lossOn(s, StopGradient(fakes))
	lossG := s.Frozen(gan.DiscriminatorPlayer, func() *Node { return c.lossOf(s, fakes) })
	s.Report("loss_g", lossG)
	return Add(lossD, lossG)
}

func (c Config) lossD(s *gan.Step) *Node { return c.lossOn(s, StopGradient(c.fakes(s))) }

// lossCritic is D's loss against the fixed generator.
func (c Config) lossCritic(s *gan.Step) *Node {
	noise := MulScalar(s.RandomNormal(s.X.Shape().Dimensions...), c.FixedNoise)
	return c.lossOn(s, Add(s.X, noise))
}

// lossOn is D's loss on the batch and the given fakes.
func (c Config) lossOn(s *gan.Step, fakes *Node) *Node {
	real, fake := c.judge(s, s.X), c.judge(s, fakes)
	loss := c.Loss.D(real, fake)
	s.Report("loss_d", loss)
	if c.Loss.Output == gan.Logit {
		real, fake = Sigmoid(real), Sigmoid(fake)
	}
	s.Report("d_real", ReduceAllMean(real))
	s.Report("d_fake", ReduceAllMean(fake))
	if c.GPLambda > 0 {
		alpha := s.RandomUniform(s.X.Shape().Dim(0))
		penalty := gan.GradientPenalty(func(x *Node) *Node { return c.judge(s, x) }, s.X, fakes, alpha, gan.GP{Lambda: c.GPLambda, Target: 1})
		s.Report("penalty", penalty)
		loss = Add(loss, penalty)
	}
	return loss
}

func (c Config) lossG(s *gan.Step) *Node {
	fakes := c.fakes(s)
	loss := s.Unrolled(
		func() *Node { return c.Loss.D(c.judge(s, s.X), c.judge(s, fakes)) },
		func() *Node { return c.lossOf(s, fakes) })
	s.Report("loss_g", loss)
	return loss
}

// lossOf is G's loss for its fakes.
func (c Config) lossOf(s *gan.Step, fakes *Node) *Node {
	var real *Node
	if c.Loss.NeedsReal {
		real = c.judge(s, s.X)
	}
	return c.Loss.G(real, c.judge(s, fakes))
}
