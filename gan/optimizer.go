package gan

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Optimizer is one player's update rule, in PyTorch's convention (torch.optim), written out in full: GoMLX's own
// rules differ from it in epsilon and in where it is added. Start from Adam, RMSProp, SGD or NAG.
//
// What happens to a gradient, in this order: the mean over Accumulate steps, ClipValue, ClipNorm, the rule.
type Optimizer struct {
	// Name is "adam", "rmsprop" or "sgd".
	Name string `json:"name"`
	// LR is the learning rate (alpha of Adam's paper).
	LR float64 `json:"lr"`
	// Beta1 and Beta2 are the decay rates of Adam's two moments.
	Beta1 float64 `json:"beta1"`
	Beta2 float64 `json:"beta2"`
	// Alpha is the decay rate of RMSProp's second moment.
	Alpha float64 `json:"alpha"`
	// Epsilon is added to the root of the second moment of Adam (after bias correction) and of RMSProp.
	Epsilon float64 `json:"epsilon"`
	// Momentum of SGD, in [0, 1); 0: none.
	Momentum float64 `json:"momentum"`
	// Nesterov makes SGD step along the momentum that the next step will have.
	Nesterov bool `json:"nesterov"`
	// ClipValue bounds each element of the gradients to [-ClipValue, ClipValue]; 0: no bound.
	ClipValue float64 `json:"clip_value"`
	// ClipNorm bounds the 2-norm of all gradients of a phase together; 0: no bound.
	ClipNorm float64 `json:"clip_norm"`
	// Accumulate is the number k of steps of a phase that make one update, with the mean of their gradients: as one
	// step with a batch k times as large would, in networks without batch norm. 0 and 1: every step is an update.
	Accumulate int `json:"accumulate"`
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

// RMSProp is torch.optim.RMSprop without momentum, not centred; PyTorch's own alpha is 0.99 and its epsilon 1e-8.
//
//	v = α·v + (1-α)·g²
//	p = p - lr · g / ( sqrt(v) + ε )
//
// There is no bias correction, and epsilon is outside the root (inside it in TensorFlow).
// Tieleman and Hinton 2012, lecture 6e of "Neural Networks for Machine Learning".
func RMSProp(lr, alpha, epsilon float64) Optimizer {
	return Optimizer{Name: "rmsprop", LR: lr, Alpha: alpha, Epsilon: epsilon}
}

// SGD is torch.optim.SGD with momentum μ (0: none), without dampening.
//
//	b = μ·b + g        p = p - lr·b
func SGD(lr, momentum float64) Optimizer {
	return Optimizer{Name: "sgd", LR: lr, Momentum: momentum}
}

// NAG is Nesterov's accelerated gradient, torch.optim.SGD with nesterov=True: the momentum μ must be above 0.
//
//	b = μ·b + g        p = p - lr·(g + μ·b)
//
// Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html, equations 3 and 4, in the variables of
// PyTorch: p stands for the point at which the gradient was taken, and b has no learning rate in it.
func NAG(lr, momentum float64) Optimizer {
	return Optimizer{Name: "sgd", LR: lr, Momentum: momentum, Nesterov: true}
}

// Validate returns an error that names the field that makes no sense.
func (o Optimizer) Validate() error {
	decay := func(v float64) bool { return v >= 0 && v < 1 }
	bound := func(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }
	switch {
	case o.Name != "adam" && o.Name != "rmsprop" && o.Name != "sgd":
		return fmt.Errorf("name is %q, want adam, rmsprop or sgd", o.Name)
	case !(o.LR > 0) || math.IsInf(o.LR, 0):
		return fmt.Errorf("lr is %g, want a number above 0", o.LR)
	case o.Name == "adam" && !(decay(o.Beta1) && decay(o.Beta2)):
		return fmt.Errorf("beta1 and beta2 are %g and %g, want both in [0, 1)", o.Beta1, o.Beta2)
	case o.Name == "rmsprop" && !decay(o.Alpha):
		return fmt.Errorf("alpha is %g, want it in [0, 1); PyTorch's is 0.99", o.Alpha)
	case o.Name != "sgd" && !(o.Epsilon > 0):
		return fmt.Errorf("epsilon is %g, want a number above 0; PyTorch's is 1e-8", o.Epsilon)
	case o.Name == "sgd" && !decay(o.Momentum):
		return fmt.Errorf("momentum is %g, want it in [0, 1)", o.Momentum)
	case o.Name != "sgd" && (o.Momentum != 0 || o.Nesterov):
		return fmt.Errorf("momentum and nesterov are %g and %t, which only sgd has", o.Momentum, o.Nesterov)
	case o.Nesterov && o.Momentum == 0:
		return errors.New("nesterov needs momentum above 0")
	case !bound(o.ClipValue) || !bound(o.ClipNorm):
		return fmt.Errorf("clip_value and clip_norm are %g and %g, want numbers above 0, or 0 for no bound", o.ClipValue, o.ClipNorm)
	case o.Accumulate < 0:
		return fmt.Errorf("accumulate is %d, want a number of steps, or 0", o.Accumulate)
	}
	return nil
}

// withPower returns the rule with β^power, α^power and lr·scale: how lazy regularisation corrects a phase that runs seldom.
func (o Optimizer) withPower(power, scale float64) Optimizer {
	o.Beta1, o.Beta2, o.Alpha = math.Pow(o.Beta1, power), math.Pow(o.Beta2, power), math.Pow(o.Alpha, power)
	o.LR *= scale
	return o
}

// The scalars a step of an optimizer takes from the host. They are computed in float64: in float32 the bias
// correction 1-β2^t of the first steps would be off by 6e-5.
const (
	scalarStep = "optimizer/step" // lr/(1-β1^t) for Adam, else lr
	scalarBias = "optimizer/bias" // 1/sqrt(1-β2^t) for Adam
)

// scalars of update number t (1 for the first).
func (o Optimizer) scalars(t int64) map[string]float64 {
	if o.Name != "adam" {
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
	gradients = o.clip(gradients)
	for i, v := range vars {
		p := v.NodeValue(gradients[i])
		v.SetNodeValue(Sub(p, Mul(o.direction(below(moments, v.Path()), gradients[i], bias), step)))
	}
}

// direction returns what the learning rate multiplies, for the gradient g of one variable. A gradient can flow through it
// (Step.Unrolled), also where a weight has never had one and v is 0.
func (o Optimizer) direction(scope *model.Scope, g, bias *Node) *Node {
	switch {
	case o.Name == "adam":
		m := moment(scope, "m", g, func(m *Node) *Node { return lerp(g, m, o.Beta1) })
		v := moment(scope, "v", g, func(v *Node) *Node { return lerp(Square(g), v, o.Beta2) })
		return Div(m, AddScalar(Mul(safeSqrt(v), bias), o.Epsilon))
	case o.Name == "rmsprop":
		v := moment(scope, "v", g, func(v *Node) *Node { return lerp(Square(g), v, o.Alpha) })
		return Div(g, AddScalar(safeSqrt(v), o.Epsilon))
	case o.Momentum == 0:
		return g
	}
	b := moment(scope, "momentum", g, func(b *Node) *Node { return Add(MulScalar(b, o.Momentum), g) })
	if o.Nesterov {
		return Add(g, MulScalar(b, o.Momentum))
	}
	return b
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
