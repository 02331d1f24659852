package cyclegan

import (
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
)

// Scopes of the networks' variables, below those of the players.
const (
	ScopeG  = gan.GeneratorPlayer + "/G"      // X to Y
	ScopeF  = gan.GeneratorPlayer + "/F"      // Y to X
	ScopeDX = gan.DiscriminatorPlayer + "/DX" // judges x and F(y)
	ScopeDY = gan.DiscriminatorPlayer + "/DY" // judges y and G(x)
)

// game is what the players of a resolved config minimise.
type game struct {
	Config
	objective
	g, d gan.Network
	// uniform draws numbers in [0, 1).
	uniform func(s *gan.Step, dimensions ...int) *Node
}

// game is that of a resolved config.
func (c Config) game() game {
	return game{Config: c, objective: objectives[c.Loss], g: c.Generator(), d: c.Discriminator(), uniform: (*gan.Step).RandomUniform}
}

// spec returns the phase list for the data: a step of both generators on a fresh batch of pairs, then one of
// both discriminators on the same, who see the pictures that the generators made before their step, or the pools'.
func (p game) spec(x, y gan.Data) gan.Spec {
	return gan.Spec{
		Seed: p.Seed, Batch: p.Batch,
		Players: []gan.Player{
			{Name: gan.GeneratorPlayer, Scopes: []string{ScopeG, ScopeF}, Optimizer: p.GeneratorOptimizer, LR: p.Schedule.Factor},
			{Name: gan.DiscriminatorPlayer, Scopes: []string{ScopeDX, ScopeDY}, Optimizer: p.DiscriminatorOptimizer, LR: p.Schedule.Factor},
		},
		Phases: []gan.Phase{
			{Name: "G", Player: gan.GeneratorPlayer, Fresh: true, Reals: true, Loss: p.lossG},
			{Name: "D", Player: gan.DiscriminatorPlayer, Reals: true, Loss: p.lossD},
		},
		Source: p.source(x, y),
	}
}

// lossG is the sum of what both generators minimise (equation 3 with the identity losses of section 5.2), and passes what
// they made to the pools:
//
//	λ_G·L_G(DY(G(x))) + λ_F·L_G(DX(F(y))) + λ_X·|F(G(x)) - x| + λ_Y·|G(F(y)) - y| + λ_id·(λ_X·|F(x) - x| + λ_Y·|G(y) - y|)
//
// The log holds the terms without their weights.
func (p game) lossG(s *gan.Step) *Node {
	x, y := s.X, s.Y
	intoG, intoF := []*Node{x}, []*Node{y}
	if p.LambdaIdentity > 0 {
		intoG, intoF = append(intoG, y), append(intoF, x)
	}
	fromG, fromF := p.pass(s, ScopeG, p.g, intoG...), p.pass(s, ScopeF, p.g, intoF...)
	gx, fy := fromG[0], fromF[0]
	fgx, gfy := p.pass(s, ScopeF, p.g, gx)[0], p.pass(s, ScopeG, p.g, fy)[0]
	var loss *Node
	add := func(name string, weight float64, value *Node) {
		s.Report(name, value)
		if weight == 0 {
			return
		}
		if value = MulScalar(value, weight); loss != nil {
			value = Add(loss, value)
		}
		loss = value
	}
	add("adversarial_g", p.LambdaG, p.fools(s, ScopeDY, gx))
	add("adversarial_f", p.LambdaF, p.fools(s, ScopeDX, fy))
	add("cycle_x", p.LambdaX, meanAbsolute(fgx, x))
	add("cycle_y", p.LambdaY, meanAbsolute(gfy, y))
	if p.LambdaIdentity > 0 {
		add("identity_x", p.LambdaIdentity*p.LambdaX, meanAbsolute(fromF[1], x))
		add("identity_y", p.LambdaIdentity*p.LambdaY, meanAbsolute(fromG[1], y))
	}
	s.Report("loss_g", loss)
	s.Report("correlation_x", Correlation(x, gx))
	s.Report("correlation_y", Correlation(y, fy))
	p.show(s, "X", fy)
	p.show(s, "Y", gx)
	return loss
}

// fools is what a generator minimises of what a discriminator says of its pictures.
func (p game) fools(s *gan.Step, discriminator string, fakes *Node) *Node {
	return MulScalar(p.loss.G(nil, p.pass(s, discriminator, p.d, fakes)[0]), p.objective.g)
}

// show passes pictures of a domain through its pool.
func (p game) show(s *gan.Step, domain string, fakes *Node) {
	batch := fakes.Shape().Dimensions
	coin, pick := p.uniform(s, batch[0]), p.uniform(s, batch[0])
	p.pool(s, domain, batch).update(StopGradient(fakes), coin, pick)
}

// lossD is the sum of the losses of DX and DY.
func (p game) lossD(s *gan.Step) *Node {
	return Add(p.judge(s, "X", "x", ScopeDX, s.X), p.judge(s, "Y", "y", ScopeDY, s.Y))
}

// judge is the loss of a discriminator on reals and on what the pool of its domain shows. suffix ends the names in the log.
func (p game) judge(s *gan.Step, domain, suffix, scope string, reals *Node) *Node {
	fakes := p.pool(s, domain, reals.Shape().Dimensions).shown.NodeValue(s.Graph)
	outputs := p.pass(s, scope, p.d, reals, fakes)
	loss := MulScalar(p.loss.D(outputs[0], outputs[1]), p.objective.d)
	s.Report("loss_d"+suffix, loss)
	if !p.penalized {
		return loss
	}
	one := func(x *Node) *Node { return s.Network(scope, p.d, x) }
	penalty := MulScalar(gan.GradientPenalty(one, reals, fakes, p.uniform(s, p.Batch), p.GP), p.objective.d)
	s.Report("gp_"+suffix, penalty)
	return Add(loss, penalty)
}

// pass calls a network for each input [batch, height, width, channels]. Where pictures do not meet inside the network they
// pass together, which takes less time; with batch norm each batch has statistics of its own, as in the reference code.
func (p game) pass(s *gan.Step, scope string, network gan.Network, inputs ...*Node) []*Node {
	if p.Norm == BatchNorm || len(inputs) == 1 {
		outputs := make([]*Node, len(inputs))
		for i, x := range inputs {
			outputs[i] = s.Network(scope, network, x)
		}
		return outputs
	}
	return Split(s.Network(scope, network, Concatenate(inputs, 0)), 0, len(inputs))
}
