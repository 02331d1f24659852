package gan

import (
	"fmt"
	"math"
	"strings"

	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Optimizer is one player's update rule, in PyTorch's convention (torch.optim), written out in full: GoMLX's own
// rules differ from it in epsilon and in where it is added.
type Optimizer struct {
	// Name is "adam" or "sgd".
	Name string `json:"name"`
	// LR is the learning rate (alpha of Adam's paper).
	LR float64 `json:"lr"`
	// Beta1 and Beta2 are the decay rates of Adam's two moments.
	Beta1 float64 `json:"beta1,omitempty"`
	Beta2 float64 `json:"beta2,omitempty"`
	// Epsilon is added to the root of the second moment after bias correction.
	Epsilon float64 `json:"epsilon,omitempty"`
	// Momentum of SGD: v = Momentum·v + g, p -= LR·v.
	Momentum float64 `json:"momentum,omitempty"`
}

// Adam is torch.optim.Adam with its epsilon of 1e-8.
//
//	m = β1·m + (1-β1)·g        v = β2·v + (1-β2)·g²
//	p = p - lr/(1-β1^t) · m / ( sqrt(v)/sqrt(1-β2^t) + ε )
//
// Kingma and Ba 2015, algorithm 1, https://arxiv.org/abs/1412.6980.
func Adam(lr, beta1, beta2 float64) Optimizer {
	return Optimizer{Name: "adam", LR: lr, Beta1: beta1, Beta2: beta2, Epsilon: 1e-8}
}

// SGD is torch.optim.SGD with momentum (0: none), without dampening.
func SGD(lr, momentum float64) Optimizer {
	return Optimizer{Name: "sgd", LR: lr, Momentum: momentum}
}

// Validate returns an error that names the field that makes no sense.
func (o Optimizer) Validate() error {
	switch {
	case o.Name != "adam" && o.Name != "sgd":
		return fmt.Errorf("name is %q, want adam or sgd", o.Name)
	case !(o.LR > 0) || math.IsInf(o.LR, 0):
		return fmt.Errorf("lr is %g, want a number above 0", o.LR)
	case o.Name == "adam" && (o.Beta1 < 0 || o.Beta1 >= 1 || o.Beta2 < 0 || o.Beta2 >= 1):
		return fmt.Errorf("beta1 and beta2 are %g and %g, want both in [0, 1)", o.Beta1, o.Beta2)
	case o.Name == "adam" && !(o.Epsilon > 0):
		return fmt.Errorf("epsilon is %g, want a number above 0", o.Epsilon)
	case o.Name == "sgd" && (o.Momentum < 0 || o.Momentum >= 1):
		return fmt.Errorf("momentum is %g, want it in [0, 1)", o.Momentum)
	}
	return nil
}

// withPower returns the rule with β^power and lr·scale: how lazy regularisation corrects a phase that runs seldom.
func (o Optimizer) withPower(power, scale float64) Optimizer {
	o.Beta1, o.Beta2 = math.Pow(o.Beta1, power), math.Pow(o.Beta2, power)
	o.LR *= scale
	return o
}

// The scalars a step of an optimizer takes from the host. They are computed in float64: in float32 the bias
// correction 1-β2^t of the first steps would be off by 6e-5.
const (
	scalarStep = "optimizer/step" // lr/(1-β1^t) for Adam, lr for SGD
	scalarBias = "optimizer/bias" // 1/sqrt(1-β2^t) for Adam
)

// scalars of update number t (1 for the first).
func (o Optimizer) scalars(t int64) map[string]float64 {
	if o.Name == "sgd" {
		return map[string]float64{scalarStep: o.LR, scalarBias: 1}
	}
	return map[string]float64{
		scalarStep: o.LR / -math.Expm1(float64(t)*math.Log(o.Beta1)),
		scalarBias: 1 / math.Sqrt(-math.Expm1(float64(t)*math.Log(o.Beta2))),
	}
}

// update writes the new values of vars into the graph. moments is the scope of the optimizer's own variables,
// named like those that they belong to.
func (o Optimizer) update(moments *model.Scope, vars []*model.Variable, gradients []*Node, step, bias *Node) {
	for i, v := range vars {
		p, g := v.NodeValue(gradients[i]), gradients[i]
		scope := below(moments, v.Path())
		var change *Node
		if o.Name == "sgd" {
			change = g
			if o.Momentum > 0 {
				change = moment(scope, "momentum", p, func(m *Node) *Node { return Add(MulScalar(m, o.Momentum), g) })
			}
		} else {
			m := moment(scope, "m", p, func(m *Node) *Node { return lerp(g, m, o.Beta1) })
			v := moment(scope, "v", p, func(v *Node) *Node { return lerp(Square(g), v, o.Beta2) })
			change = Div(m, AddScalar(Mul(Sqrt(v), bias), o.Epsilon))
		}
		v.SetNodeValue(Sub(p, Mul(change, step)))
	}
}

// below returns the scope that repeats path under base, so that no two variables can share a moment.
func below(base *model.Scope, path string) *model.Scope {
	for name := range strings.SplitSeq(strings.TrimPrefix(path, model.RootScopePath), model.ScopeSeparator) {
		base = base.At("%s", name)
	}
	return base
}

// moment applies next to a variable of like's shape and returns its new value.
func moment(scope *model.Scope, name string, like *Node, next func(*Node) *Node) *Node {
	v := blocks.Buffer(scope, name, blocks.Constant(0), like.Shape().Dimensions...)
	value := next(v.NodeValue(like))
	v.SetNodeValue(value)
	return value
}

// lerp is beta·old + (1-beta)·value.
func lerp(value, old *Node, beta float64) *Node {
	return Add(MulScalar(old, beta), MulScalar(value, 1-beta))
}
