package gan

import (
	"fmt"
	"math"
	"testing"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// For a linear critic d(x) = w·x the gradient at every x is w, so R1 = gamma/2·|w|² and its gradient is gamma·w.
func TestR1OfALinearCritic(t *testing.T) {
	w := []float32{3, -4}
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		w, x := in[0], graph.Reshape(in[1], 3, 2)
		r1 := R1(func(x *graph.Node) *graph.Node { return graph.ReduceSum(graph.Mul(x, graph.Reshape(w, 1, 2)), 1) }, x, 10)
		return append([]*graph.Node{r1}, graph.Gradient(r1, w)...)
	}, w, []float32{1, 2, 3, 4, 5, 6})
	near(t, "R1", float64(got[0][0]), 125, 1e-4)
	near(t, "dR1/dw0", float64(got[1][0]), 30, 1e-4)
	near(t, "dR1/dw1", float64(got[1][1]), -40, 1e-4)
}

// For d(x) = sum x³ of one value an image, R1 = gamma/2·mean(9x⁴): the penalty sees the point, and averages.
func TestR1OfACubicCritic(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		x := graph.Reshape(in[0], 2, 1)
		return []*graph.Node{R1(func(x *graph.Node) *graph.Node { return graph.Mul(x, graph.Square(x)) }, x, 2)}
	}, []float32{1, 2})
	near(t, "R1", float64(got[0][0]), (9.0+9*16)/2, 1e-4)
}

// linear is the critic d(x) = w·x of x [batch, 2].
func linear(w *graph.Node) func(x *graph.Node) *graph.Node {
	return func(x *graph.Node) *graph.Node { return graph.ReduceSum(graph.Mul(x, graph.Reshape(w, 1, 2)), 1) }
}

// The gradient of a linear critic is w everywhere, of norm 5: GP = λ·(5 - target)², and its gradient is
// 2λ·(5 - target)·w/5. One side is the same below the norm and nothing above it. At w = 0 all is finite, and still.
func TestGradientPenaltyOfALinearCritic(t *testing.T) {
	for _, test := range []struct {
		name string
		w    []float32
		opt  GP
		want []float64 // penalty, its gradient
	}{
		{"two-sided", []float32{3, -4}, GP{10, 1, false}, []float64{160, 48, -64}},
		{"below the target", []float32{3, -4}, GP{10, 6, false}, []float64{10, -12, 16}},
		{"one-sided", []float32{3, -4}, GP{10, 1, true}, []float64{160, 48, -64}},
		{"one-sided below the target", []float32{3, -4}, GP{10, 6, true}, []float64{0, 0, 0}},
		{"dead critic", []float32{0, 0}, GP{10, 1, false}, []float64{10, 0, 0}},
		{"dead critic, one-sided", []float32{0, 0}, GP{10, 1, true}, []float64{0, 0, 0}},
	} {
		got := callGraph(t, func(in []*graph.Node) []*graph.Node {
			penalty := GradientPenalty(linear(in[0]), graph.Reshape(in[1], 3, 2), graph.Reshape(in[2], 3, 2), in[3], test.opt)
			return append([]*graph.Node{penalty}, graph.Gradient(penalty, in[0])...)
		}, test.w, golden.Values(1, 6), golden.Values(2, 6), []float32{0, 0.5, 0.9})
		for i, v := range []float32{got[0][0], got[1][0], got[1][1]} {
			near(t, test.name, float64(v), test.want[i], 1e-4) // values of 160 in float32
		}
	}
}

// For d(x) = x²/2 the gradient is x̂ itself, which shows where the penalty looks: at alpha 0 the reals, at 1 the fakes.
func TestGradientPenaltyLooksBetween(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		half := func(x *graph.Node) *graph.Node { return graph.MulScalar(graph.Square(x), 0.5) }
		return []*graph.Node{GradientPenalty(half, graph.Reshape(in[0], 3, 1), graph.Reshape(in[1], 3, 1),
			graph.Reshape(in[2], 3, 1), GP{Lambda: 3})}
	}, []float32{1, 2, 3}, []float32{10, 20, 30}, []float32{0, 1, 0.5})
	near(t, "GP", float64(got[0][0]), 1+400+16.5*16.5, 1e-3)
}

func TestDrift(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node { return []*graph.Node{Drift(in[0], 0.001)} }, []float32{3, -5})
	near(t, "drift", float64(got[0][0]), 0.017, 1e-8)
}

// criticPenalty is a penalty of a critic for reals, fakes and alpha.
type criticPenalty func(critic func(x *graph.Node) *graph.Node, real, fake, alpha *graph.Node) *graph.Node

func gradientPenalty(opt GP) criticPenalty {
	return func(critic func(x *graph.Node) *graph.Node, real, fake, alpha *graph.Node) *graph.Node {
		return GradientPenalty(critic, real, fake, alpha, opt)
	}
}

// criticLoss is the whole loss of a critic of 8 px images with kernels k1 [4, 4, 2, 3] and k2 [4, 4, 3, 1]: the terms, then
// their sum.
func criticLoss(in []*graph.Node, penalize criticPenalty) (penalty, drift, loss *graph.Node) {
	k1, k2, real, fake, alpha := in[0], in[1], in[2], in[3], graph.DivScalar(graph.AddScalar(in[4], 1), 2)
	critic := func(x *graph.Node) *graph.Node {
		h := blocks.LeakyReLU(blocks.Convolution(x, k1, blocks.ConvSpec{Stride: 2, Padding: 1}), 0.2)
		return graph.Reshape(blocks.Convolution(h, k2, blocks.ConvSpec{Stride: 1}), -1)
	}
	outputs := critic(real)
	penalty, drift = penalize(critic, real, fake, alpha), Drift(outputs, 0.001)
	return penalty, drift, graph.Add(Wasserstein.D(outputs, critic(fake)), graph.Add(penalty, drift))
}

// criticInputs are those of make_penalties.py: kernels, reals, fakes and what alpha is made of.
func criticInputs[T float32 | float64]() []*tensors.Tensor {
	return []*tensors.Tensor{formulaTensor[T](1, 4, 4, 2, 3), formulaTensor[T](2, 4, 4, 3, 1),
		formulaTensor[T](3, 3, 8, 8, 2), formulaTensor[T](4, 3, 8, 8, 2), formulaTensor[T](5, 3)}
}

// TestPenaltiesEqualPyTorch compares the terms of a critic's loss and its gradients.
func TestPenaltiesEqualPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/penalties.npz")
	if err != nil {
		t.Fatal(err)
	}
	for backendName, backend := range backends(t) {
		for name, opt := range map[string]GP{"two": {10, 1, false}, "one": {10, 8, true}, "progan": {10.0 / (750 * 750), 750, false}} {
			got := callTensors(t, backend, func(in []*graph.Node) []*graph.Node {
				penalty, drift, loss := criticLoss(in, gradientPenalty(opt))
				return append([]*graph.Node{penalty, drift, loss}, graph.Gradient(loss, in[0], in[1])...)
			}, criticInputs[float32]())
			for i, key := range []string{"penalty", "drift", "loss", "k1", "k2"} {
				want, largest := floats(t, ref[name+"."+key]), 0.0
				for _, v := range want {
					largest = max(largest, math.Abs(v))
				}
				for j, v := range flatOf[float32](t, got[i]) {
					near(t, backendName+" "+name+"."+key, float64(v), want[j], 1e-4*largest) // the contract
				}
			}
		}
	}
}

// TestPenaltiesEqualFiniteDifferences differentiates the whole loss of a critic along each of its kernels.
func TestPenaltiesEqualFiniteDifferences(t *testing.T) {
	for backendName, backend := range backends(t) {
		for name, penalty := range map[string]criticPenalty{
			"two-sided": gradientPenalty(GP{10, 1, false}), "one-sided": gradientPenalty(GP{10, 8, true}),
			"R1": func(critic func(x *graph.Node) *graph.Node, real, _, _ *graph.Node) *graph.Node {
				return R1(critic, real, 10)
			},
		} {
			for kernel := range 2 {
				checkSlope(t, fmt.Sprintf("%s %s k%d", backendName, name, kernel+1), backend, func(in []*graph.Node) *graph.Node {
					_, _, loss := criticLoss(in, penalty)
					return loss
				}, criticInputs[float64](), kernel)
			}
		}
	}
}
