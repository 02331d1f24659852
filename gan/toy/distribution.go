package toy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Distribution draws points in the plane.
type Distribution interface {
	// Name says which one it is; two papers' "ring" are two distributions.
	Name() string
	// Draw returns one point.
	Draw(rng *rand.Rand) (x, y float64)
}

// Mixture is a mixture of round normal distributions of equal weight and width.
type Mixture struct {
	ID    string
	Means [][2]float64 // in the plane
	Sigma float64      // standard deviation in each direction
}

// Name returns the ID.
func (m Mixture) Name() string { return m.ID }

// Draw returns a point of a random component.
func (m Mixture) Draw(rng *rand.Rand) (x, y float64) {
	mean := m.Means[rng.IntN(len(m.Means))]
	return mean[0] + m.Sigma*rng.NormFloat64(), mean[1] + m.Sigma*rng.NormFloat64()
}

// Ring has 8 modes of σ 0.01 on the unit circle: VEEGAN and PacGAN. Source: fjxmlzn/PacGAN,
// synthetic_data_experiments/2DRing_GAN&PacGAN/config.py.
func Ring() Mixture { return circle("ring8-pacgan", 8, 1, 0.01) }

// Grid has 25 modes of σ 0.05 at {-4, -2, 0, 2, 4}²: VEEGAN and PacGAN, 2DGrid_GAN&PacGAN/config.py.
func Grid() Mixture { return grid("grid25-pacgan", 1) }

// WideRing has 8 modes of σ 0.02 on a circle of radius 2: Unrolled GANs, Metz et al. 2017, appendix A.
func WideRing() Mixture { return circle("ring8-unrolled", 8, 2, 0.02) }

// SevenRing is the ring of the demo of Unrolled GANs: 8 angles from 0 to 2π, both ends included, so that two of the 8
// modes are one of twice the weight. Source: poolio/unrolled_gan, the notebook.
func SevenRing() Mixture {
	m := circle("ring7-unrolled-demo", 7, 1, 0.01)
	m.Means = append(m.Means, m.Means[0])
	return m
}

// WGANGPRing has 8 modes of σ 0.02 at radius 2, all divided by 1.414: igul222/improved_wgan_training, gan_toy.py.
func WGANGPRing() Mixture { return circle("ring8-wgangp", 8, 2/1.414, 0.02/1.414) }

// WGANGPGrid is Grid divided by 2.828: gan_toy.py.
func WGANGPGrid() Mixture { return grid("grid25-wgangp", 1/2.828) }

func circle(id string, n int, radius, sigma float64) Mixture {
	m := Mixture{ID: id, Sigma: sigma}
	for k := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
		m.Means = append(m.Means, [2]float64{radius * cos, radius * sin})
	}
	return m
}

func grid(id string, scale float64) Mixture {
	m := Mixture{ID: id, Sigma: 0.05 * scale}
	for x := -4.0; x <= 4; x += 2 {
		for y := -4.0; y <= 4; y += 2 {
			m.Means = append(m.Means, [2]float64{x * scale, y * scale})
		}
	}
	return m
}

// SwissRoll is the spiral of gan_toy.py: scikit-learn's make_swiss_roll with noise 0.25, its first and third column
// divided by 7.5.
//
//	t = 3π/2·(1 + 2u), u ~ U(0, 1)      (x, y) = (t cos t, t sin t)/7.5 + N(0, 0.25²)/7.5
type SwissRoll struct{}

// Name returns "swissroll-wgangp".
func (SwissRoll) Name() string { return "swissroll-wgangp" }

// Draw returns a point of the spiral.
func (SwissRoll) Draw(rng *rand.Rand) (x, y float64) {
	const noise, scale = 0.25, 7.5
	t := 1.5 * math.Pi * (1 + 2*rng.Float64())
	sin, cos := math.Sincos(t)
	return (t*cos + noise*rng.NormFloat64()) / scale, (t*sin + noise*rng.NormFloat64()) / scale
}

// Distributions are those of the papers.
func Distributions() []Distribution {
	return []Distribution{Ring(), Grid(), WideRing(), SevenRing(), WGANGPRing(), WGANGPGrid(), SwissRoll{}}
}

// DistributionByName returns one of Distributions, or an error that lists them all.
func DistributionByName(name string) (Distribution, error) {
	all := Distributions()
	var names []string
	for _, d := range all {
		names = append(names, d.Name())
	}
	if i := slices.Index(names, name); i >= 0 {
		return all[i], nil
	}
	return nil, fmt.Errorf("toy: no distribution is called %q; there are %s", name, strings.Join(names, ", "))
}

// Points are points in the plane, x and y in turn.
type Points []float32

// Len returns the number of points.
func (p Points) Len() int { return len(p) / 2 }

// XY returns the coordinates apart, for a plot.
func (p Points) XY() (x, y []float64) {
	for i := 0; i+1 < len(p); i += 2 {
		x, y = append(x, float64(p[i])), append(y, float64(p[i+1]))
	}
	return x, y
}

// Draw returns n points, a function of the distribution and the seed alone.
func Draw(d Distribution, n int, seed int64) Points {
	rng := stream("points "+d.Name(), seed)
	out := make(Points, 0, 2*n)
	for range n {
		x, y := d.Draw(rng)
		out = append(out, float32(x), float32(y))
	}
	return out
}
