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
