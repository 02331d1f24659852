package lab

import (
	"math/rand/v2"

	"github.com/gogan-ml/gogan/metrics"
)

// NormalBias returns the Fréchet distance of n vectors of d independent standard normal numbers to the distribution that
// they were drawn from: what a distance says of a perfect model because its pictures are few. It returns an error if n is
// below 2.
//
// Where n is well above d it is d²/4n in the mean: with Σ = I + E the formula's tr(I + Σ - 2Σ^½) is tr E²/4 up to third
// powers of E, and E tr E² = d(d+1)/n.
func NormalBias(d, n int, seed uint64) (float64, error) {
	exact := &metrics.Stats{Source: "N(0, I)", Mean: make([]float64, d), Cov: make([]float64, d*d), DDoF: 1}
	for i := range d {
		exact.Cov[i*d+i] = 1
	}
	drawn := &metrics.Stats{Source: "drawn vectors", N: n, DDoF: 1}
	drawn.Pool.N, drawn.Pool.D, drawn.Pool.Data = n, d, make([]float32, n*d)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range drawn.Pool.Data {
		drawn.Pool.Data[i] = float32(random.NormFloat64())
	}
	r, err := metrics.Frechet(exact, drawn)
	return r.Value, err
}
