package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// InstanceNoise adds noise to what D sees, so that reals and fakes overlap and D cannot tell them apart for sure. It
// goes on reals and on fakes, in the steps of D and of G.
//
//	x + σ·n        n ~ N(0, 1), one for each element
//
// x is of any shape, sigma a scalar in units of x (images are in [-1, 1]); the paper lets σ fall linearly to 0 while
// training, see NoiseDecay. The result has the shape of x and is not held in its range.
// Sønderby et al. 2017, https://arxiv.org/abs/1610.04490.
func InstanceNoise(s *Step, x, sigma *Node) *Node {
	if !sigma.IsScalar() {
		exceptions.Panicf("gan: InstanceNoise takes a scalar sigma, got %s for x %s", sigma.Shape(), x.Shape())
	}
	return Add(x, Mul(s.RandomNormal(x.Shape().Dimensions...), sigma))
}

// NoiseDecay is the controller that sends σ of InstanceNoise, as the scalar "instance_noise":
//
//	σ = Sigma · max(0, 1 - img/Img)
type NoiseDecay struct {
	// Sigma is the first standard deviation, in units of the images.
	Sigma float64
	// Img is the number of real images after which there is no noise left; above 0.
	Img int64
}

// scalarNoise is the name of what NoiseDecay sends.
const scalarNoise = "instance_noise"

// After has nothing to do: σ is for the losses.
func (d NoiseDecay) After(*Step) {}

// Scalars returns σ after img real images.
func (d NoiseDecay) Scalars(img int64) map[string]float64 {
	return map[string]float64{scalarNoise: d.Sigma * max(0, 1-float64(img)/float64(d.Img))}
}

// Init has nothing to set.
func (d NoiseDecay) Init(Variables) error { return nil }
