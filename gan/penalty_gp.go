package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// GP says what a gradient penalty wants of the critic. WGAN-GP: {Lambda: 10, Target: 1}.
type GP struct {
	// Lambda is the weight λ. ProGAN's code divides it by Target²: its {10, target 750} is {10/(750·750), 750} here.
	Lambda float64 `json:"lambda"`
	// Target is the norm that the gradient is drawn to.
	Target float64 `json:"target"`
	// OneSided leaves gradients below the target alone.
	OneSided bool `json:"one_sided"`
}

// GradientPenalty keeps a critic near Lipschitz by the norm of its gradient between reals and fakes.
//
//	x̂  = x + α·(G(z) - x)
//	GP = λ · E[ (||∇_x̂ d(x̂)||₂ - target)² ]              two-sided
//	GP = λ · E[ max(0, ||∇_x̂ d(x̂)||₂ - target)² ]        one-sided
//
// d maps x̂ [batch, height, width, channels] to one value an image (any shape with batch first), and must have no batch
// norm and second derivatives; real and fake are images of one shape; alpha is drawn from U(0, 1), one for each sample,
// [batch] or [batch, 1, 1, 1]. The norm is over all axes but the first, the mean over the batch. The result is a scalar
// to add to the loss of D.
//
// Where the gradient of d is exactly 0 (a dead critic) the norm has no derivative: it is taken to be 0, as PyTorch does,
// so that the penalty moves nothing there and stays finite.
//
// Gulrajani et al. 2017, equation 3, and section 4 on one side and two, https://arxiv.org/abs/1704.00028. The paper
// writes x̂ = ε·x + (1-ε)·x̃; its code, with α = 1-ε, is followed here.
//
// GradientPenalty panics if the shapes do not fit.
func GradientPenalty(d func(x *Node) *Node, real, fake, alpha *Node, opt GP) *Node {
	if !real.Shape().Equal(fake.Shape()) {
		exceptions.Panicf("gan: GradientPenalty mixes reals %s with fakes %s, which must have one shape", real.Shape(), fake.Shape())
	}
	between := Add(real, Mul(perSample(alpha, real), Sub(fake, real)))
	excess := AddScalar(safeSqrt(squaredGradient("GradientPenalty", d, between)), -opt.Target)
	if opt.OneSided {
		excess = relu(excess)
	}
	return MulScalar(ReduceAllMean(Square(excess)), opt.Lambda)
}

// perSample gives v [batch] or [batch, 1, ...] the rank of x [batch, ...].
func perSample(v, x *Node) *Node {
	batch := x.Shape().Dimensions[0]
	if v.Shape().Size() != batch || v.Shape().Dimensions[0] != batch {
		exceptions.Panicf("gan: one number a sample of %s is needed, [%d], got %s", x.Shape(), batch, v.Shape())
	}
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = batch
	return Reshape(v, dims...)
}

// safeSqrt is the root with a derivative of 0 at 0.
func safeSqrt(x *Node) *Node {
	positive := GreaterThan(x, ScalarZero(x.Graph(), x.DType()))
	// The root that is not chosen must have a finite derivative too: 0 times infinity is no number.
	return Where(positive, Sqrt(Where(positive, x, OnesLike(x))), ZerosLike(x))
}

// Drift keeps the outputs of a critic, which only their differences bind, near 0.
//
//	drift = ε · E[ d(x)² ]
//
// real are the outputs of D on reals, of any shape; the result is a scalar to add to the loss of D.
// Karras et al. 2018, appendix A.1, with ε = 0.001, https://arxiv.org/abs/1710.10196.
func Drift(real *Node, epsilon float64) *Node {
	return MulScalar(ReduceAllMean(Square(real)), epsilon)
}
