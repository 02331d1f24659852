package lab

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/metrics"
)

// BySize is what a score says of random choices of pictures, by their number.
type BySize struct {
	Sizes  []int       // pictures of a choice
	Values [][]float64 // scores of the choices of that size
}

// Bias scores random choices of pictures whose features are kept, draws of each size. No picture is looked at again.
func Bias(pictures *metrics.Stats, sizes []int, draws int, seed uint64,
	score func(some *metrics.Stats) (float64, error)) (BySize, error) {
	random := rand.New(rand.NewPCG(seed, 0))
	out := BySize{Sizes: sizes, Values: make([][]float64, len(sizes))}
	for i, n := range sizes {
		if n > pictures.N {
			return BySize{}, fmt.Errorf("lab: %d of %d pictures cannot be chosen", n, pictures.N)
		}
		for range draws {
			some, err := pictures.Choose(random.Perm(pictures.N)[:n])
			if err != nil {
				return BySize{}, err
			}
			value, err := score(some)
			if err != nil {
				return BySize{}, err
			}
			out.Values[i] = append(out.Values[i], value)
		}
	}
	return out, nil
}

// Inverse returns all choices of at least n pictures as points (1/N, score).
func (b BySize) Inverse(n int) (x, y []float64) {
	for i, size := range b.Sizes {
		for _, v := range b.Values[i] {
			if size >= n {
				x, y = append(x, 1/float64(size)), append(y, v)
			}
		}
	}
	return x, y
}

// Spread returns mean and standard deviation of the choices of size i, whose number less 1 divides.
func (b BySize) Spread(i int) (mean, std float64) {
	n := float64(len(b.Values[i]))
	for _, v := range b.Values[i] {
		mean += v / n
	}
	for _, v := range b.Values[i] {
		std += (v - mean) * (v - mean) / (n - 1)
	}
	return mean, math.Sqrt(std)
}
