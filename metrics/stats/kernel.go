package stats

import (
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/internal/mt19937"
	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// Kernel returns the Kernel Inception Distance between the pool features of two sets (Bińkowski et al. 2018,
// "Demystifying MMD GANs", https://arxiv.org/abs/1801.01401): "kid", or "kd_" with the name of another extractor. It is
// the squared maximum mean discrepancy, by its unbiased estimator, with the kernel
//
//	k(x, y) = (x·y/D + 1)³
//
// Value is the mean over KIDSubsets subsets of KIDSubsetSize pictures of each side, Std their standard deviation, divided
// by their number. The subsets are torch-fidelity's: RandomState(Seed) chooses that of the fakes, then that of the reals.
// Equal sets give a value around 0, which may be slightly negative.
//
// It returns an error if the rows of a side are not kept, or fewer than a subset takes.
func Kernel(real, fake *Stats, opt *Options) (Result, error) {
	o, err := opt.resolve()
	if err != nil {
		return Result{}, err
	}
	r, err := compare(real, fake, o)
	if err != nil {
		return Result{}, err
	}
	r.Name = named(r.Extractor, "kid", "kd")
	if err := bothKept(r.Name, real, fake); err != nil {
		return Result{}, err
	}
	for _, side := range []struct {
		name string
		rows Rows
	}{{fake.name("fake"), fake.Pool}, {real.name("real"), real.Pool}} {
		if side.rows.N < o.KIDSubsetSize {
			return Result{}, fmt.Errorf("stats: %s: %s has %d pictures, a subset takes %d: give more pictures, or choose a smaller subset (--kid-subset-size)",
				r.Name, side.name, side.rows.N, o.KIDSubsetSize)
		}
	}
	random := mt19937.New(uint32(o.Seed))
	values := make([]float64, o.KIDSubsets)
	scale := 1 / math.Sqrt(float64(fake.Pool.D))
	for i := range values {
		x := fake.Pool.choose(random.Choice(fake.Pool.N, o.KIDSubsetSize), scale)
		y := real.Pool.choose(random.Choice(real.Pool.N, o.KIDSubsetSize), scale)
		values[i] = mmd2(x, y)
	}
	r.Value, r.Std = meanStd(values)
	r.StdOf = "subsets"
	return r, nil
}

// mmd2 returns the unbiased estimate of the squared maximum mean discrepancy of two sets of m rows each, scaled by
// 1/√D:
//
//	Σ_{i≠j} (k(x_i, x_j) + k(y_i, y_j)) / (m(m-1)) - 2 Σ_{i,j} k(x_i, y_j) / m²
func mmd2(x, y linalg.Matrix) float64 {
	m := float64(x.Rows)
	within := 2 * (kernelSum(x, x, linalg.Lower) + kernelSum(y, y, linalg.Lower))
	return within/(m*(m-1)) - 2*kernelSum(x, y, linalg.Full)/(m*m)
}

// kernelSum returns the sum of the kernel over all pairs of rows, or (Lower) over those strictly below the diagonal.
func kernelSum(x, y linalg.Matrix, part linalg.Part) float64 {
	products := linalg.New(x.Rows, y.Rows)
	linalg.AddMul(products, 1, x, y.T(), part)
	sum := 0.0
	for i := range x.Rows {
		row := products.Row(i)
		if part == linalg.Lower {
			row = row[:i]
		}
		line := 0.0
		for _, v := range row {
			v++
			line += v * v * v
		}
		sum += line
	}
	return sum
}

// bothKept returns an error if a side keeps no rows of pool features, or other features than the other side.
func bothKept(score string, real, fake *Stats) error {
	for _, side := range []struct {
		name string
		rows Rows
	}{{real.name("real"), real.Pool}, {fake.name("fake"), fake.Pool}} {
		if side.rows.N == 0 {
			return fmt.Errorf("stats: %s: no features of single pictures of %s are kept: mean and covariance do not suffice, give the pictures", score, side.name)
		}
		if err := side.rows.check(); err != nil {
			return fmt.Errorf("stats: %s: %s: %w", score, side.name, err)
		}
	}
	if real.Pool.D != fake.Pool.D {
		return fmt.Errorf("stats: %s: %s has %d features, %s %d: they are not of one network", score, real.name("real"), real.Pool.D,
			fake.name("fake"), fake.Pool.D)
	}
	return nil
}
