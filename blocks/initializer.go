package blocks

import (
	"math"
	"math/rand/v2"
)

// Initializer makes the initial values of a variable of shape dims, row by row (C order), from the stream rng.
type Initializer func(rng *rand.Rand, dims []int) []float32

// Normal draws from N(mean, std²).
func Normal(mean, std float64) Initializer {
	return fill(func(rng *rand.Rand) float64 { return mean + std*rng.NormFloat64() })
}

// Uniform draws from U(-bound, bound).
func Uniform(bound float64) Initializer {
	return fill(func(rng *rand.Rand) float64 { return bound * (2*rng.Float64() - 1) })
}

// GlorotUniform draws from U(-gain·sqrt(6/(in+out)), gain·sqrt(6/(in+out))), where in and out count what one output is
// made of and what one input goes to: for weights [in, out] the two, for kernels [k, k, in, out] k·k times both.
// Glorot and Bengio 2010, equation 16, https://proceedings.mlr.press/v9/glorot10a.html. It needs two axes or more.
func GlorotUniform(gain float64) Initializer {
	return func(rng *rand.Rand, dims []int) []float32 {
		n := len(dims)
		taps := 1
		for _, d := range dims[:n-2] {
			taps *= d
		}
		return Uniform(gain*math.Sqrt(6/float64(taps*(dims[n-2]+dims[n-1]))))(rng, dims)
	}
}

// HeUniform draws from U(-sqrt(6/in), sqrt(6/in)), in counting what one output of weights [in, out] or kernels
// [k, k, in, out] is made of. He et al. 2015, equation 10, as a uniform distribution, https://arxiv.org/abs/1502.01852.
func HeUniform() Initializer {
	return func(rng *rand.Rand, dims []int) []float32 {
		in := 1
		for _, d := range dims[:len(dims)-1] {
			in *= d
		}
		return Uniform(math.Sqrt(6/float64(in)))(rng, dims)
	}
}

// Constant gives every element the same value.
func Constant(value float64) Initializer {
	return fill(func(*rand.Rand) float64 { return value })
}

// PyTorchDefault draws from U(-1/sqrt(fanIn), 1/sqrt(fanIn)), what PyTorch's Linear, Conv2d and ConvTranspose2d do for
// weights and biases (kaiming_uniform_ with a = sqrt(5)). fanIn is `in` for Dense, k·k·in for Conv2D and k·k·out for
// ConvTranspose2D, whose fan-in PyTorch counts so. It is what these layers use if nothing else is asked for.
func PyTorchDefault(fanIn int) Initializer {
	return Uniform(1 / math.Sqrt(float64(fanIn)))
}

func fill(draw func(*rand.Rand) float64) Initializer {
	return func(rng *rand.Rand, dims []int) []float32 {
		size := 1
		for _, d := range dims {
			size *= d
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(draw(rng))
		}
		return values
	}
}
