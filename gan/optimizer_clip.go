package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// clipEpsilon keeps the division by the norm finite; torch.nn.utils.clip_grad_norm_ adds the same.
const clipEpsilon = 1e-6

// clip bounds the gradients of a phase, first by value, then by norm, as clip_grad_value_ and clip_grad_norm_ of
// torch.nn.utils do:
//
//	g = min(max(g, -ClipValue), ClipValue)
//	g = g · min(1, ClipNorm / ( sqrt(Σ g²) + 1e-6 ))
//
// where the sum goes over all elements of all gradients.
func (o Optimizer) clip(gradients []*Node) []*Node {
	out := append([]*Node{}, gradients...)
	if o.ClipValue > 0 {
		for i, g := range out {
			out[i] = clamp(g, o.ClipValue)
		}
	}
	if o.ClipNorm > 0 {
		sum := ReduceAllSum(Square(out[0]))
		for _, g := range out[1:] {
			sum = Add(sum, ReduceAllSum(Square(g)))
		}
		scale := Div(Scalar(sum.Graph(), sum.DType(), o.ClipNorm), AddScalar(safeSqrt(sum), clipEpsilon))
		scale = Min(scale, OnesLike(scale))
		for i, g := range out {
			out[i] = Mul(g, scale)
		}
	}
	return out
}
