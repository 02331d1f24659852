package gan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// RelativisticAverage asks of D whether a sample is more real than the others are on average. G takes part in both terms
// and so sees the reals.
//
//	L_D = E[softplus(-(d(x) - E[d(G(z))]))] + E[softplus(d(G(z)) - E[d(x)])]
//	L_G = E[softplus(-(d(G(z)) - E[d(x)]))] + E[softplus(d(x) - E[d(G(z))])]
//
// The outputs are critic values: only their differences mean something.
// Jolicoeur-Martineau 2018 (RaSGAN), https://arxiv.org/abs/1807.00734.
var RelativisticAverage = Loss{Name: "relativistic-average", Output: Critic, NeedsReal: true, D: aboveAverage,
	G:            func(real, fake *Node) *Node { return aboveAverage(fake, real) },
	EquilibriumD: equilibrium(2 * ln2), EquilibriumG: equilibrium(2 * ln2)}

// aboveAverage is small where high is above the mean of low, and low below the mean of high.
func aboveAverage(high, low *Node) *Node {
	return Add(ReduceAllMean(blocks.Softplus(Sub(ReduceAllMean(low), high))),
		ReduceAllMean(blocks.Softplus(Sub(low, ReduceAllMean(high)))))
}

// RelativisticPairing compares each fake with one real. It is the loss of R3GAN, which adds R1 and R2 (R1 at the fakes).
//
//	L_D = E[softplus(-(d(x) - d(G(z))))]
//	L_G = E[softplus(-(d(G(z)) - d(x)))]
//
// The outputs are critic values: only their differences mean something. There must be as many reals as fakes.
// Jolicoeur-Martineau 2018 (RSGAN), https://arxiv.org/abs/1807.00734; Huang et al. 2024 (RpGAN),
// https://arxiv.org/abs/2501.05441.
var RelativisticPairing = Loss{Name: "relativistic-pairing", Output: Critic, NeedsReal: true, D: above,
	G:            func(real, fake *Node) *Node { return above(fake, real) },
	EquilibriumD: equilibrium(ln2), EquilibriumG: equilibrium(ln2)}

// above is small where each of high is above its partner in low.
func above(high, low *Node) *Node {
	if !high.Shape().Equal(low.Shape()) {
		exceptions.Panicf("gan: a relativistic loss pairs outputs %s with %s, which must have one shape", high.Shape(), low.Shape())
	}
	return ReduceAllMean(blocks.Softplus(Sub(low, high)))
}
