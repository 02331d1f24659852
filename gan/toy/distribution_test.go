package toy

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// Means and widths as the papers' code has them.
func TestMixtures(t *testing.T) {
	for _, test := range []struct {
		m            Mixture
		k            int // different means
		first, other [2]float64
		sigma        float64
	}{
		{Ring(), 8, [2]float64{1, 0}, [2]float64{math.Sqrt2 / 2, math.Sqrt2 / 2}, 0.01},
		{WideRing(), 8, [2]float64{2, 0}, [2]float64{math.Sqrt2, math.Sqrt2}, 0.02},
		{SevenRing(), 7, [2]float64{1, 0}, [2]float64{math.Cos(2 * math.Pi / 7), math.Sin(2 * math.Pi / 7)}, 0.01},
		{WGANGPRing(), 8, [2]float64{2 / 1.414, 0}, [2]float64{math.Sqrt2 / 1.414, math.Sqrt2 / 1.414}, 0.02 / 1.414},
		{Grid(), 25, [2]float64{-4, -4}, [2]float64{-4, -2}, 0.05},
		{WGANGPGrid(), 25, [2]float64{-4 / 2.828, -4 / 2.828}, [2]float64{-4 / 2.828, -2 / 2.828}, 0.05 / 2.828},
	} {
		means, weight := test.m.distinct()
		if len(means) != test.k {
			t.Errorf("%s has %d modes, want %d", test.m.ID, len(means), test.k)
		}
		sum := 0.0
		for _, w := range weight {
			sum += w
		}
		near(t, test.m.ID+": sum of weights", sum, 1, 1e-12)
		for i, want := range [][2]float64{test.first, test.other} {
			near(t, fmt.Sprintf("%s: x of mean %d", test.m.ID, i), test.m.Means[i][0], want[0], 1e-12)
			near(t, fmt.Sprintf("%s: y of mean %d", test.m.ID, i), test.m.Means[i][1], want[1], 1e-12)
		}
		near(t, test.m.ID+": σ", test.m.Sigma, test.sigma, 1e-15)
	}
	if _, weight := SevenRing().distinct(); weight[0] != 2*weight[1] {
		t.Errorf("the mode at both ends of the demo's circle has weight %g, the others %g", weight[0], weight[1])
	}
}

// The moments of many draws: of a mixture those of its means plus σ², within five standard errors; a point of the swiss
// roll lies within 6 σ of the spiral.
func TestDraw(t *testing.T) {
	const n = 20000
	for _, m := range []Mixture{Ring(), Grid(), WGANGPRing()} {
		x, y := Draw(m, n, 3).XY()
		wantVar, kurt := m.Sigma*m.Sigma, 0.0
		for _, mean := range m.Means {
			wantVar += mean[0] * mean[0] / float64(len(m.Means))
			kurt += math.Pow(mean[0], 4) / float64(len(m.Means))
		}
		for axis, v := range [][]float64{x, y} {
			mean, square := 0.0, 0.0
			for _, a := range v {
				mean, square = mean+a/n, square+a*a/n
			}
			near(t, fmt.Sprintf("%s: mean of axis %d", m.ID, axis), mean, 0, 5*math.Sqrt(wantVar/n))
			near(t, fmt.Sprintf("%s: mean square of axis %d", m.ID, axis), square, wantVar, 5*math.Sqrt((kurt-wantVar*wantVar)/n)+m.Sigma/50)
		}
	}
	x, y := Draw(SwissRoll{}, n, 3).XY()
	low, high := math.Inf(1), 0.0
	for i := range x {
		r, angle := 7.5*math.Hypot(x[i], y[i]), math.Atan2(y[i], x[i])
		// On the spiral the radius is the angle, up to whole turns.
		off := math.Abs(math.Remainder(r-angle, 2*math.Pi))
		if off > 6*0.25 {
			t.Fatalf("(%g, %g) is %g from the spiral", x[i], y[i], off)
		}
		low, high = min(low, r), max(high, r)
	}
	if low < 1.5*math.Pi-1.5 || low > 1.5*math.Pi || high < 4.5*math.Pi || high > 4.5*math.Pi+1.5 {
		t.Errorf("radii from %g to %g, want 1.5π to 4.5π", low, high)
	}
}

func TestDistributionByName(t *testing.T) {
	for _, d := range Distributions() {
		found, err := DistributionByName(d.Name())
		if err != nil || found.Name() != d.Name() {
			t.Errorf("%s: %v, %v", d.Name(), found, err)
		}
	}
	if _, err := DistributionByName("ring"); err == nil {
		t.Error("the name of no paper's ring was accepted")
	}
}

// A batch depends on its position alone; rows hold points of the distribution side by side.
func TestSource(t *testing.T) {
	s := Source{Of: Ring(), Seed: 1, Pack: 2}
	next := func(s Source, seen int64) []float32 {
		b, err := s.Next(seen, 3)
		if err != nil {
			t.Fatal(err)
		}
		if d := b.X.Shape().Dimensions; !slices.Equal(d, []int{3, 2 * max(1, s.Pack)}) {
			t.Fatalf("a batch is %v", d)
		}
		v, err := tensors.CopyFlatData[float32](b.X)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	a := next(s, 6)
	if !slices.Equal(a, next(s, 6)) || slices.Equal(a, next(s, 9)) || slices.Equal(a, next(Source{Of: Ring(), Seed: 2, Pack: 2}, 6)) {
		t.Error("a batch must be a function of seed and position")
	}
	for i := 0; i < len(a); i += 2 {
		near(t, "a radius", math.Hypot(float64(a[i]), float64(a[i+1])), 1, 0.06)
	}
	if len(next(Source{Of: Ring(), Seed: 1}, 0)) != 6 {
		t.Error("a pack of 0 is one point")
	}
}
