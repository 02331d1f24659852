package toy

import (
	"fmt"
	"math"
)

// highQuality is the Mahalanobis distance to the nearest mean below which a sample counts.
const highQuality = 3

// Coverage says how much of a mixture some samples cover, by the measures of VEEGAN as PacGAN's code takes them
// (pacgan/extensions.py, MetricLogger).
type Coverage struct {
	// N is the number of samples and K that of different modes.
	N int `json:"n"`
	K int `json:"k"`
	// Modes is the number of modes with at least one high-quality sample: nearer to their mean than 3σ.
	Modes int `json:"modes"`
	// HighQuality is the share of such samples, in [0, 1].
	HighQuality float64 `json:"high_quality"`
	// ReverseKL is KL(counts of high-quality samples by mode || uniform) = ln K - entropy, in nats; ln K, its largest
	// value, if there is no such sample.
	ReverseKL float64 `json:"reverse_kl"`
	// Counts are the high-quality samples of each mode.
	Counts []int `json:"counts"`
}

// Measure counts samples. It returns an error without any, and for one that is not finite.
func (m Mixture) Measure(samples Points) (Coverage, error) {
	means, weight := m.distinct()
	c := Coverage{N: samples.Len(), K: len(means), Counts: make([]int, len(means))}
	if c.N == 0 {
		return c, fmt.Errorf("toy: no samples to compare with %s", m.ID)
	}
	good := 0
	for i := range c.N {
		x, y := float64(samples[2*i]), float64(samples[2*i+1])
		if sum := x + y; math.IsNaN(sum) || math.IsInf(sum, 0) {
			return c, fmt.Errorf("toy: sample %d is (%g, %g)", i, x, y)
		}
		nearest, at := math.Inf(1), 0
		for k, mean := range means {
			if d := math.Hypot(x-mean[0], y-mean[1]); d < nearest {
				nearest, at = d, k
			}
		}
		if nearest < highQuality*m.Sigma {
			c.Counts[at]++
			good++
		}
	}
	c.HighQuality = float64(good) / float64(c.N)
	for k, n := range c.Counts {
		if n > 0 {
			c.Modes++
			p := float64(n) / float64(good)
			c.ReverseKL += p * math.Log(p/weight[k])
		}
	}
	if good == 0 {
		c.ReverseKL = math.Log(float64(c.K))
	}
	return c, nil
}

// distinct returns the different means and the weight of each.
func (m Mixture) distinct() (means [][2]float64, weight []float64) {
	share := 1 / float64(len(m.Means))
next:
	for _, mean := range m.Means {
		for k, seen := range means {
			if seen == mean {
				weight[k] += share
				continue next
			}
		}
		means, weight = append(means, mean), append(weight, share)
	}
	return means, weight
}
