package gan

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Unroll lets the loss of a phase look ahead at the next updates of another player; see Step.Unrolled.
type Unroll struct {
	// Player is the one whose updates are looked at.
	Player string
	// Steps is their number k; 0: none.
	Steps int
}

// Unrolled returns the scalar that then builds with the variables of Phase.Unroll's player as they would be after its
// next k updates on loss, and puts them back: the step leaves that player and its optimizer as they were.
//
//	θ_D^(i+1) = step(θ_D^i, ∇ loss(θ_G, θ_D^i)), i = 0..k-1      result = then(θ_G, θ_D^k)
//
// The updates are the player's own rule with the moments, the bias corrections and the learning rate that it would have.
// They are part of the graph, so that a gradient of the result flows through each of them to whatever loss depends on
// (for that, loss must not stop it at the fakes). All of them see what loss shows them: the same batch and latents.
// Controllers (a clip of weights) act after a real update only.
//
// loss is called once for each update and then once; each must build its pass through the player anew, while what does
// not depend on the player, such as the fakes, should be built once outside.
//
// Metz et al. 2017, section 2.2, https://arxiv.org/abs/1611.02163; there without moments.
//
// Unrolled panics if the phase has no Unroll, or if loss is no scalar or uses no variable of the player.
func (s *Step) Unrolled(loss, then func() *Node) *Node {
	u := s.Phase.Unroll
	if u == nil {
		exceptions.Panicf("gan: phase %s looks ahead without Phase.Unroll", s.Phase.Name)
	}
	if u.Steps == 0 {
		return then()
	}
	moments := s.root.At(optimizerScope)
	// What an update creates is missing here, but then the graph is the one that traces and is thrown away.
	kept := map[*model.Variable]*Node{}
	for _, scope := range s.unrolled.scopes() {
		for v := range s.Scope(scope).IterVariables() {
			kept[v] = v.NodeValue(s.Graph)
		}
		for v := range below(moments, scope).IterVariables() {
			kept[v] = v.NodeValue(s.Graph)
		}
	}
	for i := range u.Steps {
		l := loss()
		if !l.IsScalar() {
			exceptions.Panicf("gan: the unrolled loss of phase %s must be a scalar, got %s", s.Phase.Name, l.Shape())
		}
		vars, values := s.trained(s.unrolled)
		s.unrolled.Optimizer.update(moments, vars, Gradient(l, values...),
			s.Scalar(unrolledScalar(i, scalarStep)), s.Scalar(unrolledScalar(i, scalarBias)))
	}
	result := then()
	for v, value := range kept {
		v.SetNodeValue(value)
	}
	return result
}

// Frozen returns what f builds with the variables under a scope held constant: no gradient flows to them. A loss of G in
// a phase that trains both players judges its fakes so.
func (s *Step) Frozen(scope string, f func() *Node) *Node {
	kept := map[*model.Variable]*Node{}
	for v := range s.Scope(scope).IterVariables() {
		if v.Trainable {
			kept[v] = v.NodeValue(s.Graph)
			v.SetNodeValue(StopGradient(kept[v]))
		}
	}
	result := f()
	for v, value := range kept {
		v.SetNodeValue(value)
	}
	return result
}

// trained returns the variables of a player that the graph uses, and their values.
func (s *Step) trained(player Player) (vars []*model.Variable, values []*Node) {
	for _, scope := range player.scopes() {
		for v := range s.Scope(scope).IterVariables() {
			if v.Trainable && v.InUseByGraph(s.Graph) {
				vars, values = append(vars, v), append(values, v.NodeValue(s.Graph))
			}
		}
	}
	if len(vars) == 0 {
		exceptions.Panicf("gan: the loss of phase %s uses no variable of player %s", s.Phase.Name, player.Name)
	}
	return vars, values
}

// unrolledScalar names what the optimizer of the unrolled player needs for its update i, counted from 0.
func unrolledScalar(i int, name string) string { return fmt.Sprintf("unrolled/%d/%s", i, name) }

// unrolledScalars are those of all unrolled updates of a phase, by name.
func (t *Trainer) unrolledScalars(u Unroll) map[string]float64 {
	player := t.spec.player(u.Player)
	rule := player.Optimizer
	if player.LR != nil {
		rule.LR *= player.LR(t.img)
	}
	out := map[string]float64{}
	for i := range u.Steps {
		for name, v := range rule.scalars(t.updates[u.Player] + 1 + int64(i)) {
			out[unrolledScalar(i, name)] = v
		}
	}
	return out
}
