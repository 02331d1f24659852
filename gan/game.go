package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// game is the adversarial one: what both players of a resolved config minimise.
type game struct {
	Config
	g, d Network
}

// lossD is the loss of D on reals and on fakes through which no gradient flows. Reals and fakes pass D apart: with batch
// norm each has statistics of its own, as in the reference code, and with spectral norm each pass is a power iteration.
func (p game) lossD(s *Step) *Node {
	reals, fakes := p.reals(s), StopGradient(p.fakes(s))
	real := p.judge(s, p.view(reals), s.Labels)
	fake := p.judge(s, p.view(fakes), s.ZLabels)
	loss := p.Loss.D(real, fake)
	s.Report("loss_d", loss)
	reportOutputs(s, p.Loss.Output, real, fake)
	reportSpread(s, reals, fakes)
	if p.R1Gamma > 0 && p.R1Every == 1 {
		loss = Add(loss, p.r1(s, reals, real))
	}
	return loss
}

// lossLazyR1 is the phase of the penalty alone, weighted for the steps that it stands for.
func (p game) lossLazyR1(s *Step) *Node {
	reals := p.reals(s)
	return MulScalar(p.r1(s, reals, p.judge(s, p.view(reals), s.Labels)), float64(p.R1Every))
}

// r1 is the penalty where D's outputs on the reals are there already.
func (p game) r1(s *Step, reals, outputs *Node) *Node {
	penalty := R1(func(*Node) *Node { return outputs }, reals, p.R1Gamma)
	s.Report("r1", penalty)
	return penalty
}

func (p game) lossG(s *Step) *Node {
	var real *Node
	if p.Loss.NeedsReal {
		real = p.judge(s, p.view(p.reals(s)), s.Labels)
	}
	loss := p.Loss.G(real, p.judge(s, p.view(p.fakes(s)), s.ZLabels))
	s.Report("loss_g", loss)
	return loss
}

// reals are the images of the batch, dequantized if the config says so.
func (p game) reals(s *Step) *Node {
	if !p.Dequantize {
		return s.X
	}
	levels := MulScalar(AddScalar(s.X, 1), 127.5)
	return Add(AddScalar(DivScalar(levels, 128), -1), DivScalar(s.RandomUniform(s.X.Shape().Dimensions...), 128))
}

func (p game) fakes(s *Step) *Node {
	return s.Network(GeneratorPlayer, p.g, withLabels(s.Z, s.ZLabels)...)
}

// view is what D sees of images.
func (p game) view(x *Node) *Node { return pack(x, p.Pack) }

// judge is D's output for what it sees.
func (p game) judge(s *Step, x, labels *Node) *Node {
	return s.Network(DiscriminatorPlayer, p.d, withLabels(x, labels)...)
}

// withLabels are the inputs of a network: labels are nil where there are no classes.
func withLabels(x, labels *Node) []*Node {
	if labels == nil {
		return []*Node{x}
	}
	return []*Node{x, labels}
}

// pack joins each m samples along their channels, so that D judges them together and sees it if they are alike.
//
//	x [batch, height, width, channels] -> [batch/m, height, width, m·channels]
//
// Lin et al. 2018, section 3, https://arxiv.org/abs/1712.04086.
func pack(x *Node, m int) *Node {
	if m == 1 {
		return x
	}
	d := x.Shape().Dimensions
	x = Reshape(x, d[0]/m, m, d[1], d[2], d[3])
	return Reshape(TransposeAllAxes(x, 0, 2, 3, 1, 4), d[0]/m, d[1], d[2], m*d[3])
}

// reportOutputs logs what the mean outputs say: D(x) and D(G(z)), probabilities for logits and values for least squares;
// for a critic, whose outputs have no zero, their difference.
func reportOutputs(s *Step, kind Output, real, fake *Node) {
	if kind == Critic {
		s.Report("critic_gap", Sub(ReduceAllMean(real), ReduceAllMean(fake)))
		return
	}
	if kind == Logit {
		real, fake = Sigmoid(real), Sigmoid(fake)
	}
	s.Report("d_real", ReduceAllMean(real))
	s.Report("d_fake", ReduceAllMean(fake))
}
