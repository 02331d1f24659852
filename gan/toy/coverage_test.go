package toy

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// A perfect sampler's floors, over 40 seeds of 2,500 points: the share of a round normal distribution within 3σ is
// 1 - exp(-4.5) = 98.89 %, with a standard deviation of 0.21 points; the reverse KL of uniform counts is about (K-1)/2n.
func TestFloors(t *testing.T) {
	const n, runs = 2500, 40
	for _, m := range []Mixture{Ring(), Grid()} {
		k := float64(len(m.Means))
		var quality, kl, square float64
		for seed := range int64(runs) {
			c, err := m.Measure(Draw(m, n, seed))
			if err != nil {
				t.Fatal(err)
			}
			if c.N != n || c.Modes != c.K || c.K != len(m.Means) {
				t.Errorf("%s seed %d: %d of %d modes", m.ID, seed, c.Modes, c.K)
			}
			quality += c.HighQuality / runs
			square += c.HighQuality * c.HighQuality / runs
			kl += c.ReverseKL / runs
		}
		want := 1 - math.Exp(-4.5)
		sd := math.Sqrt(want * (1 - want) / n)
		near(t, m.ID+": high quality", quality, want, 5*sd/math.Sqrt(runs))
		near(t, m.ID+": its deviation", math.Sqrt(square-quality*quality), sd, 0.35*sd) // five errors of a deviation of 40
		// (K-1)/2n counted among the 98.89 %; a chi-squared variable over 2n with K-1 degrees of freedom.
		floor := (k - 1) / (2 * n * want)
		near(t, m.ID+": reverse KL", kl, floor, 5*math.Sqrt(2*(k-1))/(2*n)/math.Sqrt(runs)+0.02*floor)
	}
}

// By hand: three of four points count, two at one mode and one at another.
func TestMeasure(t *testing.T) {
	m := Mixture{ID: "three", Means: [][2]float64{{0, 0}, {1, 0}, {0, 1}}, Sigma: 0.1}
	c, err := m.Measure(Points{0, 0, 0.2, 0.2, 1, 0.2999, 0, 0.3001})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Counts, []int{2, 1, 0}) || c.Modes != 2 || c.K != 3 || c.N != 4 {
		t.Errorf("got %+v", c)
	}
	near(t, "high quality", c.HighQuality, 0.75, 1e-15)
	near(t, "reverse KL", c.ReverseKL, math.Log(3)-(2./3*math.Log(1.5)+1./3*math.Log(3)), 1e-12)

	none, err := m.Measure(Points{5, 5})
	if err != nil || none.Modes != 0 || none.HighQuality != 0 {
		t.Errorf("without a good sample: %+v, %v", none, err)
	}
	near(t, "reverse KL without a good sample", none.ReverseKL, math.Log(3), 1e-15)

	// One mode has twice the weight: counts in that proportion are perfect.
	seven := SevenRing()
	var points Points
	for i, mean := range seven.Means[:7] {
		for range 2 - min(1, i) {
			points = append(points, float32(mean[0]), float32(mean[1]))
		}
	}
	c, err = seven.Measure(points)
	if err != nil || c.Modes != 7 || c.K != 7 {
		t.Errorf("%+v, %v", c, err)
	}
	near(t, "reverse KL to the weights", c.ReverseKL, 0, 1e-12)
}

func TestMeasureRefuses(t *testing.T) {
	for _, p := range []Points{nil, {float32(math.NaN()), 0}, {0, float32(math.Inf(1))}} {
		if _, err := Ring().Measure(p); err == nil {
			t.Errorf("%s was measured", fmt.Sprint(p))
		}
	}
}
