package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// The scalars that say which of the Accumulate steps of an update this is; sent only when there are several.
const (
	scalarFirst = "optimizer/first" // 1 in the first step, else 0
	scalarLast  = "optimizer/last"  // 1 in the last step, which updates, else 0
)

// steps is the number of steps of an update.
func (o Optimizer) steps() int { return max(1, o.Accumulate) }

// accumulateScalars of step number i (from 0) of a phase within a cycle.
func (o Optimizer) accumulateScalars(i int) map[string]float64 {
	if o.steps() == 1 {
		return nil
	}
	out := map[string]float64{scalarFirst: 0, scalarLast: 0}
	switch i % o.steps() {
	case 0:
		out[scalarFirst] = 1
	case o.steps() - 1:
		out[scalarLast] = 1
	}
	return out
}

// accumulate adds the gradients to those of the update's earlier steps, kept in variables beside the moments, and
// returns the mean. The first step starts anew, so that nothing of an update that was not finished remains.
func (o Optimizer) accumulate(moments *model.Scope, vars []*model.Variable, gradients []*Node, first *Node) []*Node {
	isFirst := GreaterThan(first, ScalarZero(first.Graph(), first.DType()))
	mean := make([]*Node, len(gradients))
	for i, g := range gradients {
		sum := moment(below(moments, vars[i].Path()), "gradient", g, func(sum *Node) *Node {
			return Where(isFirst, g, Add(sum, g))
		})
		mean[i] = DivScalar(sum, float64(o.steps()))
	}
	return mean
}

// keepIf keeps what change sets of the variables below root in those executions in which last is 1; in others they stay
// as they were before change.
func keepIf(root *model.Scope, last *Node, change func()) {
	g := last.Graph()
	before := map[*model.Variable]*Node{}
	for v := range root.IterVariables() {
		if v.InUseByGraph(g) {
			before[v] = v.NodeValue(g)
		}
	}
	change()
	isLast := GreaterThan(last, ScalarZero(g, last.DType()))
	for v := range root.IterVariables() {
		if !v.InUseByGraph(g) {
			continue
		}
		old, found := before[v]
		if !found {
			old = g.GetParameterByName(v.Path()) // change was the first to use it
		}
		if value := v.NodeValue(g); value != old {
			v.SetNodeValue(Where(isLast, value, old))
		}
	}
}
