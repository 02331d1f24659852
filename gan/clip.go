package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// ClipWeights is the controller that keeps a critic Lipschitz by the size of its weights: after every update of the
// player each of its trained variables, scales and shifts of norms included, is brought back to [-Limit, Limit].
//
// Arjovsky et al. 2017, algorithm 1, with Limit c = 0.01, https://arxiv.org/abs/1701.07875. The authors' code clips before
// each step of the critic instead: there the first step begins with clipped weights, and G's step sees weights that the
// critic's last update may have moved out of the box.
type ClipWeights struct {
	// Player is the name of the player whose variables are clipped.
	Player string
	// Limit is c, above 0.
	Limit float64
}

// After clips in the phases of the player.
func (c ClipWeights) After(s *Step) {
	if s.Phase.Player != c.Player {
		return
	}
	for v := range s.Scope(c.Player).IterVariables() {
		if v.Trainable && v.InUseByGraph(s.Graph) {
			v.SetNodeValue(clamp(v.NodeValue(s.Graph), c.Limit))
		}
	}
}

// Scalars returns nothing: the limit does not change.
func (c ClipWeights) Scalars(int64) map[string]float64 { return nil }

// Init leaves the first values as they are.
func (c ClipWeights) Init(Variables) error { return nil }

// clamp brings the elements of x to [-limit, limit].
func clamp(x *Node, limit float64) *Node {
	bound := Scalar(x.Graph(), x.DType(), limit)
	return Min(Max(x, Neg(bound)), bound)
}
