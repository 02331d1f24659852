package toy

import (
	"math"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// The networks of the papers by name; see Config.Networks.
const (
	PacGANNetworks   = "pacgan"
	UnrolledNetworks = "unrolled-demo"
	WGANGPNetworks   = "wgan-gp"
)

// PacGANGenerator is four hidden layers of units rectified linear ones, batch-normalised, without biases but in the last.
//
//	z [batch, latent_dim] -> units (4x) -> x [batch, 2]
//
// Weights N(0, 0.02²). Source: fjxmlzn/PacGAN, synthetic_data_experiments/2DRing_GAN&PacGAN/{config,pacgan_task}.py; the
// batch norm is that of Blocks, epsilon 1e-4 and averages that move by 0.05, which are of variances here and of standard
// deviations there.
func PacGANGenerator(units int) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := plane("PacGANGenerator", inputs[0])
		for i := range 4 {
			x = blocks.DenseLayer(scope.In("%03d-dense", 2*i), x, units).Bias(false).Init(pacInit()).Done()
			x = blocks.ReLU(blocks.BatchNormLayer(scope.In("%03d-bn", 2*i+1), x).Epsilon(1e-4).Momentum(0.05).Done())
		}
		return blocks.DenseLayer(scope.In("008-dense"), x, 2).Init(pacInit()).BiasInit(blocks.Constant(0)).Done()
	}
}

// PacGANDiscriminator is three layers of units maxout ones with five pieces each, and a logit.
//
//	x [batch, 2·pack] -> units (3x) -> [batch, 1]
//
// Weights N(0, 0.02²), biases 0. Source as PacGANGenerator's.
func PacGANDiscriminator(units int) gan.Network {
	const pieces = 5
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := plane("PacGANDiscriminator", inputs[0])
		for i := range 3 {
			x = blocks.DenseLayer(scope.In("%03d-maxout", i), x, units*pieces).Init(pacInit()).BiasInit(blocks.Constant(0)).Done()
			x = ReduceMax(Reshape(x, -1, units, pieces), -1)
		}
		return blocks.DenseLayer(scope.In("003-dense"), x, 1).Init(pacInit()).BiasInit(blocks.Constant(0)).Done()
	}
}

func pacInit() blocks.Initializer { return blocks.Normal(0, 0.02) }

// UnrolledGenerator and UnrolledDiscriminator are two hidden layers of units tanh, with orthogonal weights times 1.4.
//
//	z [batch, latent_dim] -> units (2x) -> x [batch, 2];      x [batch, 2] -> units (2x) -> [batch, 1]
//
// Source: the demo of the paper's authors, poolio/unrolled_gan, who say that it is not the paper's network (two layers of
// ReLU in G and one in D).
func UnrolledGenerator(units int) gan.Network { return unrolledNetwork(units, 2) }

// UnrolledDiscriminator is described at UnrolledGenerator.
func UnrolledDiscriminator(units int) gan.Network { return unrolledNetwork(units, 1) }

func unrolledNetwork(units, out int) gan.Network {
	return dense(2, units, out, Tanh, func(int, int, bool) blocks.Initializer { return orthogonal(1.4) })
}

// WGANGPGenerator and WGANGPCritic are three hidden layers of units rectified linear ones.
//
//	z [batch, 2] -> units (3x) -> x [batch, 2];      x [batch, 2] -> units (3x) -> [batch, 1]
//
// Uniform initial weights of standard deviation sqrt(2/in) (He), in the last layer sqrt(2/(in+out)) (Glorot), biases 0.
// Source: igul222/improved_wgan_training, gan_toy.py and tflib/ops/linear.py.
func WGANGPGenerator(units int) gan.Network { return wgangpNetwork(units, 2) }

// WGANGPCritic is described at WGANGPGenerator.
func WGANGPCritic(units int) gan.Network { return wgangpNetwork(units, 1) }

func wgangpNetwork(units, out int) gan.Network {
	return dense(3, units, out, blocks.ReLU, func(in, n int, last bool) blocks.Initializer {
		variance := 2 / float64(in)
		if last {
			variance = 2 / float64(in+n)
		}
		return blocks.Uniform(math.Sqrt(3 * variance))
	})
}

// dense is some hidden layers of units and a linear one, biases 0 at first. init gives the initial weights of a layer.
func dense(layers, units, out int, activation func(*Node) *Node, init func(in, out int, last bool) blocks.Initializer) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := plane("a network of dense layers", inputs[0])
		for i := range layers + 1 {
			n := units
			if i == layers {
				n = out
			}
			x = blocks.DenseLayer(scope.In("%03d-dense", i), x, n).Init(init(x.Shape().Dim(-1), n, i == layers)).
				BiasInit(blocks.Constant(0)).Done()
			if i < layers {
				x = activation(x)
			}
		}
		return x
	}
}

func plane(name string, x *Node) *Node {
	if x.Rank() != 2 {
		exceptions.Panicf("toy: %s takes [batch, values], got %s", name, x.Shape())
	}
	return x
}

// orthogonal makes the shorter side of a matrix [in, out] orthonormal, times gain: Gram and Schmidt's process on normal
// rows. Saxe et al. 2014, https://arxiv.org/abs/1312.6120.
func orthogonal(gain float64) blocks.Initializer {
	return func(rng *rand.Rand, dims []int) []float32 {
		in, out := dims[0], dims[1]
		rows, length := min(in, out), max(in, out)
		q := make([][]float64, rows)
		for i := range q {
			q[i] = make([]float64, length)
			for k := range q[i] {
				q[i][k] = rng.NormFloat64()
			}
			for range 2 { // the second time takes away what rounding left
				for _, other := range q[:i] {
					subtract(q[i], other, dot(q[i], other))
				}
			}
			scale(q[i], 1/math.Sqrt(dot(q[i], q[i])))
		}
		values := make([]float32, in*out)
		for i := range in {
			for k := range out {
				if in <= out {
					values[i*out+k] = float32(gain * q[i][k])
				} else {
					values[i*out+k] = float32(gain * q[k][i])
				}
			}
		}
		return values
	}
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func subtract(a, b []float64, times float64) {
	for i := range a {
		a[i] -= times * b[i]
	}
}

func scale(a []float64, by float64) {
	for i := range a {
		a[i] *= by
	}
}
