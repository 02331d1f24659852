package stats

import (
	"fmt"
	"math"
	"slices"

	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// gaussian is the normal distribution that a set of features is taken for: its mean, and its covariance as a product
// of a factor with its transpose.
type gaussian struct {
	mean   []float64     // [D]
	factor linalg.Matrix // [rank, D]: Σ = factorᵀ·factor
	upper  bool          // the factor is upper triangular
	trace  float64       // of Σ
}

// features is one kind of feature of a side: pool or spatial.
type features struct {
	name      string    // of the side, for errors
	mean, cov []float64 // nil if there are only rows
	ddof      int       // of cov
	n         int       // pictures; 0 if unknown
	rows      Rows      // N is 0 if they are not kept
}

func (s *Stats) pool(side string) features {
	return features{s.name(side), s.Mean, s.Cov, s.DDoF, s.count(), s.Pool}
}

func (s *Stats) spatial(side string) features {
	return features{s.name(side), s.SpatialMean, s.SpatialCov, s.DDoF, s.count(), s.Spatial}
}

// notPositive is the share of the largest variance that may be negative: sums of squares in float32 leave less.
const notPositive = 1e-3

// largestTrace bounds the variances that a file may claim, far above those of float32 features and far below an overflow.
const largestTrace = 1e150

// gaussian returns the distribution of the features. Where fewer rows than features are kept, the factor is the rows
// themselves, centred; else it comes from the covariance.
func (f features) gaussian(ddof int) (gaussian, error) {
	if f.rows.N > 0 && (f.rows.N < f.rows.D || f.mean == nil) {
		return gaussianOfRows(f.rows, ddof)
	}
	d := len(f.mean)
	if d == 0 {
		return gaussian{}, fmt.Errorf("has neither statistics nor rows of these features")
	}
	if len(f.cov) != d*d {
		return gaussian{}, fmt.Errorf("has a covariance of %d numbers for %d features, want %d", len(f.cov), d, d*d)
	}
	if !finite(f.mean) || !finite(f.cov) {
		return gaussian{}, fmt.Errorf("has a NaN or an infinity in its statistics")
	}
	if tr := trace(f.cov, d); !(tr <= largestTrace) {
		return gaussian{}, fmt.Errorf("has variances of %.2g in all: no network has such features", tr)
	}
	cov := f.cov
	if ddof != f.ddof {
		if f.n == 0 {
			return gaussian{}, fmt.Errorf("has a covariance divided by N-%d and an unknown N: ask for ddof %d", f.ddof, f.ddof)
		}
		if err := enough(f.n, ddof); err != nil {
			return gaussian{}, fmt.Errorf("has %w", err)
		}
		cov = slices.Clone(cov)
		for i := range cov {
			cov[i] *= float64(f.n-f.ddof) / float64(f.n-ddof)
		}
	}
	l, triangular, left := linalg.Factor(linalg.Of(d, d, cov))
	if left > notPositive {
		return gaussian{}, fmt.Errorf("has a matrix that is no covariance: it is not positive semi-definite (by %.2g of its largest variance)", left)
	}
	return gaussian{f.mean, l.T(), triangular, trace(cov, d)}, nil
}

// gaussianOfRows takes the centred rows as the factor.
func gaussianOfRows(rows Rows, ddof int) (gaussian, error) {
	if err := rows.check(); err != nil {
		return gaussian{}, fmt.Errorf("has bad features: %w", err)
	}
	if err := enough(rows.N, ddof); err != nil {
		return gaussian{}, fmt.Errorf("has %w", err)
	}
	mean := make([]float64, rows.D)
	for i := range rows.N {
		for j, v := range rows.Row(i) {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= float64(rows.N)
	}
	factor := rows.centred(mean, 1/math.Sqrt(float64(rows.N-ddof)))
	return gaussian{mean, factor, false, factor.Norm2()}, nil
}

// distance returns the Fréchet distance between two normal distributions (Dowson and Landau 1982, "The Fréchet distance
// between multivariate normal distributions"), squared, as FID is:
//
//	d² = |μ1-μ2|² + tr Σ1 + tr Σ2 - 2 tr (Σ1Σ2)^½
//
// With Σ1 = A1ᵀA1 and Σ2 = A2ᵀA2, the eigenvalues of Σ1Σ2 are the squares of the singular values of A1·A2ᵀ, so that the
// last trace is their sum. No square root of a matrix is taken, nothing complex appears, and singular covariances need no
// care. With rows for factors the matrix is N1×N2. Rounding cannot make the result negative: it is clamped at 0.
func (g gaussian) distance(o gaussian) float64 {
	d2 := 0.0
	for j := range g.mean {
		d := g.mean[j] - o.mean[j]
		d2 += d * d
	}
	return max(0, d2+g.trace+o.trace-2*linalg.NuclearNorm(g.cross(o)))
}

// crossBlock is how many features enter the product of two factors at once.
const crossBlock = 256

// cross returns the product of a factor with the transpose of the other, leaving out the zeros of triangular ones.
func (g gaussian) cross(o gaussian) linalg.Matrix {
	product := linalg.New(g.factor.Rows, o.factor.Rows)
	for first := 0; first < len(g.mean); first += crossBlock {
		end := min(first+crossBlock, len(g.mean))
		a, b := g.columns(first, end), o.columns(first, end)
		linalg.AddMul(product.Slice(0, a.Rows, 0, b.Rows), 1, a, b.T(), linalg.Full)
	}
	return product
}

// columns returns columns of the factor, down to the last row that is not zero in them.
func (g gaussian) columns(first, end int) linalg.Matrix {
	rows := g.factor.Rows
	if g.upper {
		rows = end
	}
	return g.factor.Slice(0, rows, first, end)
}

// Frechet returns the Fréchet distance between the pool features of two sets: "fid" (Heusel et al. 2017, "GANs Trained
// by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", https://arxiv.org/abs/1706.08500, eq. 6) for
// features of the 2015 Inception network, and "fd_" with the extractor's name for others. nil options are the defaults.
//
// Bootstrap replicates give the 95 % interval, from the sides whose rows are kept; a side that is only a statistics file
// stays fixed in them.
//
// It returns an error if the sets were made with different extractors, weights or preprocessing, or if a set has too few
// pictures for a covariance.
func Frechet(real, fake *Stats, opt *Options) (Result, error) {
	return frechet(real, fake, opt, (*Stats).pool, "fid", "fd")
}

// SpatialFrechet returns the same for features that still know where in the picture they are: "sfid" (Nash et al. 2021,
// "Generating Images with Sparse Representations", https://arxiv.org/abs/2103.03841; the features of guided-diffusion)
// or "sfd_" with the extractor's name.
func SpatialFrechet(real, fake *Stats, opt *Options) (Result, error) {
	return frechet(real, fake, opt, (*Stats).spatial, "sfid", "sfd")
}

func frechet(real, fake *Stats, opt *Options, of func(s *Stats, side string) features, short, long string) (Result, error) {
	o, err := opt.resolve()
	if err != nil {
		return Result{}, err
	}
	r, err := compare(real, fake, o)
	if err != nil {
		return Result{}, err
	}
	r.Name = named(r.Extractor, short, long)
	sides := [2]features{of(real, "real"), of(fake, "fake")}
	var g [2]gaussian
	for i, side := range sides {
		if g[i], err = side.gaussian(o.DDoF); err != nil {
			return Result{}, fmt.Errorf("stats: %s: %s %w", r.Name, side.name, err)
		}
	}
	if len(g[0].mean) != len(g[1].mean) {
		return Result{}, fmt.Errorf("stats: %s: %s has %d features, %s %d: they are not of one network", r.Name,
			sides[0].name, len(g[0].mean), sides[1].name, len(g[1].mean))
	}
	r.Value = g[0].distance(g[1])
	if r.CI, err = bootstrap(r.Value, sides, g, o); err != nil {
		return Result{}, err
	}
	return r, nil
}
