package stats

import (
	"fmt"
	"math"
	"slices"

	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// PRDC returns precision, recall, density and coverage of the pool features of two sets, with the K nearest neighbours
// (Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models",
// https://arxiv.org/abs/2002.09797, eq. 3 to 6): "prdc_precision", "prdc_recall", "prdc_density", "prdc_coverage" for
// the 2015 Inception network, with the extractor's name behind for others. A ball around a picture reaches to its K-th
// nearest neighbour in its own set; a point on its surface (d = r) is outside. Equal sets give density and coverage
// near 1; density may be larger.
//
// Memory grows with N, not with its square. It returns an error if the rows of a side are not kept, or not more than K.
func PRDC(real, fake *Stats, opt *Options) ([]Result, error) {
	o, err := opt.resolve()
	if err != nil {
		return nil, err
	}
	r, err := compare(real, fake, o)
	if err != nil {
		return nil, err
	}
	if err := bothKept("prdc", real, fake); err != nil {
		return nil, err
	}
	if err := moreThan(o.K, real.Pool, fake.Pool); err != nil {
		return nil, fmt.Errorf("stats: prdc: %w", err)
	}
	x, y := newPoints(real.Pool), newPoints(fake.Pool)
	b := countBalls(x, y, x.radii(o.K), y.radii(o.K), func(d, r float64) bool { return d < r })
	var out []Result
	for _, score := range []struct {
		name  string
		value float64
	}{
		{"prdc_precision", b.precision()},
		{"prdc_recall", b.recall()},
		{"prdc_density", float64(b.pairs) / float64(o.K*fake.Pool.N)},
		{"prdc_coverage", b.coverage()},
	} {
		r.Name, r.Value = named(r.Extractor, score.name, score.name), score.value
		out = append(out, r)
	}
	return out, nil
}

// PrecisionRecall returns the improved precision and recall of fake with respect to real (Kynkäänniemi et al. 2019,
// "Improved Precision and Recall Metric for Assessing Generative Models", https://arxiv.org/abs/1904.06991, eq. 1 and
// 2): precision is the share of fakes in the ball of any real, recall the share of reals in the ball of any fake, where
// balls reach to the k-th nearest neighbour and a point on the surface is inside. The paper has k 3. It returns an error
// if a side has not more than k rows, the sides have different numbers of features, or a value is NaN or infinite.
func PrecisionRecall(real, fake Rows, k int) (precision, recall float64, err error) {
	if err := bothKept("precision and recall", &Stats{Pool: real}, &Stats{Pool: fake}); err != nil {
		return 0, 0, err
	}
	if err := moreThan(k, real, fake); err != nil {
		return 0, 0, fmt.Errorf("stats: precision and recall: %w", err)
	}
	x, y := newPoints(real), newPoints(fake)
	b := countBalls(x, y, x.radii(k), y.radii(k), func(d, r float64) bool { return d <= r })
	return b.precision(), b.recall(), nil
}

// moreThan returns an error if a set has no k-th neighbour.
func moreThan(k int, real, fake Rows) error {
	if k < 1 {
		return fmt.Errorf("k is %d: it must be at least 1", k)
	}
	if n := min(real.N, fake.N); n <= k {
		return fmt.Errorf("%d real and %d fake pictures: the %d nearest neighbours of a picture need more than %d on each side", real.N, fake.N, k, k)
	}
	return nil
}

// Distances between rows are computed in tiles of distanceRows×distanceCols rows of both sides, in float64: memory does
// not grow with the square of their number.
const (
	distanceRows = 256
	distanceCols = 1024
)

// points are rows with their squared lengths.
type points struct {
	Rows
	norm2 []float64 // [N]
}

func newPoints(r Rows) points {
	p := points{r, make([]float64, r.N)}
	for i := range p.norm2 {
		for _, v := range r.Row(i) {
			p.norm2[i] += float64(v) * float64(v)
		}
	}
	return p
}

// distances calls use for rows of p, distanceRows at a time, with their squared distances to all rows of o:
// |x|² - 2x·y + |y|², which rounding must not make negative.
func (p points) distances(o points, use func(first int, d2 linalg.Matrix)) {
	for first := 0; first < p.N; first += distanceRows {
		x := p.wide(first, distanceRows)
		d2 := linalg.New(x.Rows, o.N)
		for j := 0; j < o.N; j += distanceCols {
			y := o.wide(j, distanceCols)
			linalg.AddMul(d2.Slice(0, x.Rows, j, j+y.Rows), -2, x, y.T(), linalg.Full)
		}
		for i := range d2.Rows {
			row, n := d2.Row(i), p.norm2[first+i]
			for j := range row {
				row[j] = max(0, row[j]+n+o.norm2[j])
			}
		}
		use(first, d2)
	}
}

// radii returns for each point the squared distance to its k-th nearest neighbour, not counting itself.
func (p points) radii(k int) []float64 {
	radii := make([]float64, p.N)
	p.distances(p, func(first int, d2 linalg.Matrix) {
		for i := range d2.Rows {
			row := d2.Row(i)
			row[first+i] = math.Inf(1) // itself
			radii[first+i] = kth(row, k)
		}
	})
	return radii
}

// kth returns the k-th smallest value, k from 1.
func kth(values []float64, k int) float64 {
	smallest := slices.Clone(values[:k])
	slices.Sort(smallest)
	for _, v := range values[k:] {
		if v < smallest[k-1] {
			at, _ := slices.BinarySearch(smallest, v)
			copy(smallest[at+1:], smallest[at:k-1])
			smallest[at] = v
		}
	}
	return smallest[k-1]
}

// balls counts which points lie in the balls of the other side.
type balls struct {
	inReal  []bool // [fakes] in the ball of any real
	inFake  []bool // [reals] in the ball of any fake
	covered []bool // [reals] the nearest fake lies in its ball
	pairs   int    // of a fake and a real in whose ball it lies
}

func countBalls(real, fake points, realRadii, fakeRadii []float64, inside func(d2, r2 float64) bool) balls {
	b := balls{inReal: make([]bool, fake.N), inFake: make([]bool, real.N), covered: make([]bool, real.N)}
	real.distances(fake, func(first int, d2 linalg.Matrix) {
		for i := range d2.Rows {
			r := first + i
			for j, d := range d2.Row(i) {
				if inside(d, realRadii[r]) {
					b.inReal[j], b.covered[r] = true, true
					b.pairs++
				}
				if inside(d, fakeRadii[j]) {
					b.inFake[r] = true
				}
			}
		}
	})
	return b
}

func (b balls) precision() float64 { return share(b.inReal) }
func (b balls) recall() float64    { return share(b.inFake) }
func (b balls) coverage() float64  { return share(b.covered) }

// share returns the share of true values.
func share(values []bool) float64 {
	n := 0
	for _, v := range values {
		if v {
			n++
		}
	}
	return float64(n) / float64(len(values))
}
