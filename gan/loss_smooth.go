package gan

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Smooth returns the loss with one-sided label smoothing: the target of D on reals is t = 1 - alpha instead of 1, that of
// fakes stays 0, and G's loss stays as it is. alpha is the share taken off, 0.1 for the paper's target of 0.9, and must
// be in [0, 1). For logits
//
//	L_D = -E[t·log D(x) + (1-t)·log(1 - D(x))] - E[log(1 - D(G(z)))]
//
// so that D, where reals and fakes are equally likely, is t/2 and not 1/2. The name stays.
// Salimans et al. 2016, section 3.4, https://arxiv.org/abs/1606.03498.
//
// Smooth panics if the loss has no targets (a hinge, a critic) or both players share it (Saddle): where SmoothD is nil.
func (l Loss) Smooth(alpha float64) Loss {
	if l.SmoothD == nil {
		exceptions.Panicf("gan: the loss %q has no targets to smooth", l.Name)
	}
	smoothD := l.SmoothD
	l.D = func(real, fake *Node) *Node { return smoothD(real, fake, alpha) }
	// D's best answer to fakes that are like the reals, and both losses there.
	best := (1 - alpha) / 2
	switch {
	case l.Output == Value:
		l.EquilibriumD, l.EquilibriumG = equilibrium(best*best), equilibrium((1-best)*(1-best)/2)
	case l.Name == Minimax.Name:
		l.EquilibriumD, l.EquilibriumG = equilibrium(smoothEntropy(best)), equilibrium(math.Log1p(-best))
	case l.Name == NonSaturating.Name:
		l.EquilibriumD, l.EquilibriumG = equilibrium(smoothEntropy(best)), equilibrium(-math.Log(best))
	}
	return l
}

// smoothLogisticD is logisticD with the cross-entropy of the reals to the target 1 - share:
//
//	t·softplus(-d) + (1-t)·softplus(d) = softplus(-d) + (1-t)·d
func smoothLogisticD(real, fake *Node, share float64) *Node {
	return Add(logisticD(real, fake), MulScalar(ReduceAllMean(real), share))
}

// smoothEntropy is L_D where D = best = t/2 everywhere: twice the entropy of one decision.
func smoothEntropy(best float64) float64 {
	return -2 * (best*math.Log(best) + (1-best)*math.Log1p(-best))
}
