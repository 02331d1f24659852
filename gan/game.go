package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// game is the adversarial one: what both players of a resolved config minimise.
type game struct {
	Config
	g, d Network
}

// lossD is the loss of D on reals and on fakes through which no gradient flows.
func (p game) lossD(s *Step) *Node {
	reals, fakes := p.reals(s), StopGradient(p.fakes(s))
	reportSpread(s, reals, fakes)
	v := p.verdict(s, reals, fakes)
	s.Report("loss_d", v.loss)
	reportOutputs(s, p.Loss.Output, v.real, v.fake)
	for name, penalty := range v.penalties {
		s.Report(name, penalty)
	}
	return v.total()
}

// verdict is what D says of reals and fakes, and what it is charged for.
type verdict struct {
	real, fake *Node // D's outputs
	loss       *Node
	penalties  map[string]*Node
}

// total is what D minimises.
func (v verdict) total() *Node {
	sum := v.loss
	for _, name := range sortedKeys(v.penalties) {
		sum = Add(sum, v.penalties[name])
	}
	return sum
}

// verdict passes reals and fakes through D. They pass apart: with batch norm each has statistics of its own, as in the
// reference code, and with spectral norm each pass is a power iteration.
func (p game) verdict(s *Step, reals, fakes *Node) verdict {
	seen, made := p.view(s, reals), p.view(s, fakes)
	v := verdict{real: p.judge(s, seen, s.Labels), fake: p.judge(s, made, s.ZLabels), penalties: map[string]*Node{}}
	v.loss = p.Loss.D(v.real, v.fake)
	if p.LabelSmoothing > 0 {
		v.loss = p.Loss.Smooth(p.LabelSmoothing).D(v.real, v.fake)
	}
	if p.GP.Lambda > 0 {
		alpha := s.RandomUniform(seen.Shape().Dim(0))
		v.penalties["gp"] = GradientPenalty(func(x *Node) *Node { return p.judge(s, x, s.Labels) }, seen, made, alpha, p.GP)
	}
	if p.Drift > 0 {
		v.penalties["drift"] = Drift(v.real, p.Drift)
	}
	if p.R1Gamma > 0 && p.R1Every == 1 {
		v.penalties["r1"] = p.r1(reals, v.real)
	}
	return v
}

// r1 is the penalty where D's outputs on the reals are there already.
func (p game) r1(reals, outputs *Node) *Node {
	return R1(func(*Node) *Node { return outputs }, reals, p.R1Gamma)
}

// lossLazyR1 is the phase of the penalty alone, weighted for the steps that it stands for.
func (p game) lossLazyR1(s *Step) *Node {
	reals := p.reals(s)
	penalty := p.r1(reals, p.judge(s, p.view(s, reals), s.Labels))
	s.Report("r1", penalty)
	return MulScalar(penalty, float64(p.R1Every))
}

func (p game) lossG(s *Step) *Node {
	var reals *Node
	if p.needsReals() {
		reals = p.reals(s)
	}
	fakes := p.fakes(s)
	judge := func() *Node {
		var real *Node
		if p.Loss.NeedsReal {
			real = p.judge(s, p.view(s, reals), s.Labels)
		}
		return p.Loss.G(real, p.judge(s, p.view(s, fakes), s.ZLabels))
	}
	var loss *Node
	if p.Unroll > 0 {
		loss = s.Unrolled(func() *Node { return p.verdict(s, reals, fakes).total() }, judge)
	} else {
		loss = judge()
	}
	s.Report("loss_g", loss)
	return loss
}

// needsReals says whether G's phase looks at the batch.
func (p game) needsReals() bool { return p.Loss.NeedsReal || p.Unroll > 0 }

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

// noiseScalar is the standard deviation of the instance noise, from the host.
const noiseScalar = "instance_noise"

// view is what D sees of images.
func (p game) view(s *Step, x *Node) *Node {
	if p.DiffAugment != "" {
		x = DiffAugment(s, x, p.DiffAugment)
	}
	if p.InstanceNoise > 0 {
		x = InstanceNoise(s, x, s.Scalar(noiseScalar))
	}
	return pack(x, p.Pack)
}

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
