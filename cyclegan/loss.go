package cyclegan

import (
	"maps"
	"slices"

	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Losses of the game between generators and discriminators, as config.json and --gan_mode of the reference code name them.
const (
	LSGAN   = "lsgan"   // least squares: the paper's (section 4)
	Vanilla = "vanilla" // the logistic one, non-saturating for the generators
	WGANGP  = "wgan-gp" // the Wasserstein distance, with the gradient penalty that the reference code leaves out
)

// An objective is a loss of package gan, whose discriminators give maps of values, with the factors of the reference code:
//
//	DY minimises d·L_D(DY(y), DY(G(x))), G minimises g·L_G(DY(G(x)))
//
// L_D is halved everywhere, "which slows down the rate at which D learns, relative to the rate of G" (appendix 7.1); the
// least squares of package gan are halved as in their paper, for G too.
type objective struct {
	loss      gan.Loss
	d, g      float64
	penalized bool
}

var objectives = map[string]objective{
	LSGAN:   {gan.LeastSquares, 1, 2, false},
	Vanilla: {gan.NonSaturating, 0.5, 1, false},
	WGANGP:  {gan.Wasserstein, 0.5, 1, true},
}

// LossNames lists the losses.
func LossNames() []string { return slices.Sorted(maps.Keys(objectives)) }

// meanAbsolute is |a - b|, the mean over all pictures, pixels and channels: the L1 norm of equation 2.
func meanAbsolute(a, b *Node) *Node { return ReduceAllMean(Abs(Sub(a, b))) }

// Correlation is Pearson's of the values of two pictures, over all pixels and channels, as the mean over the batch.
//
//	a, b [batch, height, width, channels] -> a scalar in [-1, 1]
//
// A picture of one value has no correlation; it counts as 0. It is the sign of a generator that makes negatives: what is
// bright becomes dark, which the losses of the cycle do not see. It panics when the shapes differ.
func Correlation(a, b *Node) *Node {
	if !a.Shape().Equal(b.Shape()) || a.Rank() < 2 {
		exceptions.Panicf("cyclegan: Correlation needs pictures of one shape [batch, ...], got %s and %s", a.Shape(), b.Shape())
	}
	batch := a.Shape().Dim(0)
	centred := func(x *Node) *Node {
		x = Reshape(x, batch, -1)
		return Sub(x, ReduceAndKeep(x, ReduceMean, 1))
	}
	a, b = centred(a), centred(b)
	product := func(a, b *Node) *Node { return ReduceMean(Mul(a, b), 1) }
	const least = 1e-12 // for pictures of one value; variances of others are far above its root
	deviations := Sqrt(AddScalar(Mul(product(a, a), product(b, b)), least))
	return ReduceAllMean(Div(product(a, b), deviations))
}
