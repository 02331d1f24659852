package stats

import (
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// momentsBlock is how many rows enter the scatter at once: enough for a fast product. It is fixed, so that the result
// does not depend on how the caller cuts the rows into batches.
const momentsBlock = 256

// Moments gathers count, mean and scatter of feature vectors in one pass, in float64. Mean and scatter of a block of
// rows are merged into those of the rows before by the formulas of Chan, Golub and LeVeque (1979, "Updating formulae
// and a pairwise algorithm for computing sample variances"), which keep the digits that a sum of squares loses.
//
// Rows wait until a block is full: N counts all that were added, Mean and Scatter are complete after Covariance, Merge
// or Flush. Rows that are added in the same order give the same bits, one at a time or all at once.
type Moments struct {
	N       int
	Mean    []float64 // [D]
	Scatter []float64 // [D, D] = Σ (x-μ)(x-μ)ᵀ, row-major, symmetric

	waiting []float64 // rows that fill no block yet
}

// NewMoments returns the moments of no vectors of d features.
func NewMoments(d int) *Moments {
	return &Moments{Mean: make([]float64, d), Scatter: make([]float64, d*d)}
}

// Add adds rows. It returns an error, and adds nothing, if they have another number of features, or a NaN or an
// infinity, whose row it names.
func (m *Moments) Add(r Rows) error {
	d := len(m.Mean)
	if r.D != d {
		return fmt.Errorf("stats: rows of %d features for moments of %d", r.D, d)
	}
	if err := r.check(); err != nil {
		return fmt.Errorf("stats: %w", err)
	}
	for i := range r.N {
		for _, v := range r.Row(i) {
			m.waiting = append(m.waiting, float64(v))
		}
		m.N++
		if len(m.waiting) == momentsBlock*d {
			m.take()
		}
	}
	return nil
}

// Flush makes Mean and Scatter complete.
func (m *Moments) Flush() {
	m.take()
	mirror(linalg.Of(len(m.Mean), len(m.Mean), m.Scatter))
}

// take merges the waiting rows into mean and scatter, of which only the lower triangle is kept up to date.
func (m *Moments) take() {
	d := len(m.Mean)
	block := len(m.waiting) / d
	if block == 0 {
		return
	}
	x := linalg.Of(block, d, m.waiting)
	mean := make([]float64, d)
	for i := range block {
		for j, v := range x.Row(i) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(block)
	}
	for i := range block {
		row := x.Row(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
	scatter := linalg.Of(d, d, m.Scatter)
	linalg.AddMul(scatter, 1, x.T(), x, linalg.Lower)
	shift(scatter, m.Mean, mean, m.N-block, block)
	m.waiting = m.waiting[:0]
}

// shift merges the mean of `more` rows into that of n rows, and adds to the lower triangle of the scatter what the two
// means differ by:
//
//	δ = more's mean - μ;  S += δδᵀ n·more/(n+more);  μ += δ·more/(n+more)
func shift(scatter linalg.Matrix, mean, more []float64, n, count int) {
	delta := linalg.New(1, len(mean))
	for j := range mean {
		delta.Data[j] = more[j] - mean[j]
	}
	share := float64(count) / float64(n+count)
	if n > 0 {
		linalg.AddMul(scatter, float64(n)*share, delta.T(), delta, linalg.Lower)
	}
	for j := range mean {
		mean[j] += delta.Data[j] * share
	}
}

// mirror copies the lower triangle to the upper one.
func mirror(m linalg.Matrix) {
	for i := range m.Rows {
		for j := range i {
			m.Set(j, i, m.At(i, j))
		}
	}
}

// Merge adds what o has gathered; o is flushed and else left alone. It returns an error if o has another number of
// features.
func (m *Moments) Merge(o *Moments) error {
	if len(o.Mean) != len(m.Mean) {
		return fmt.Errorf("stats: moments of %d features cannot be merged with those of %d", len(m.Mean), len(o.Mean))
	}
	m.Flush()
	o.Flush()
	if o.N == 0 {
		return nil
	}
	for i, v := range o.Scatter {
		m.Scatter[i] += v
	}
	scatter := linalg.Of(len(m.Mean), len(m.Mean), m.Scatter)
	shift(scatter, m.Mean, o.Mean, m.N, o.N)
	mirror(scatter)
	m.N += o.N
	return nil
}

// Covariance returns the scatter divided by N-ddof, [D, D] row-major: ddof 1 is NumPy's cov and what FID programs use,
// 0 that of StyleGAN2-ADA and StyleGAN3. It returns an error if N is not larger than ddof.
func (m *Moments) Covariance(ddof int) ([]float64, error) {
	if err := enough(m.N, ddof); err != nil {
		return nil, fmt.Errorf("stats: %w", err)
	}
	m.Flush()
	cov := make([]float64, len(m.Scatter))
	for i, v := range m.Scatter {
		cov[i] = v / float64(m.N-ddof)
	}
	return cov, nil
}

// enough returns an error if n pictures have no covariance.
func enough(n, ddof int) error {
	if ddof < 0 {
		return fmt.Errorf("ddof %d: it must be 0 or more", ddof)
	}
	if n <= ddof {
		return fmt.Errorf("n = %d: a covariance with ddof %d needs %d pictures or more, and a score that means something some thousands", n, ddof, ddof+1)
	}
	return nil
}

// momentsOf returns the moments of all rows.
func momentsOf(r Rows) (*Moments, error) {
	m := NewMoments(r.D)
	err := m.Add(r)
	m.Flush()
	return m, err
}

// trace returns the sum of the diagonal of a matrix [d, d].
func trace(cov []float64, d int) float64 {
	sum := 0.0
	for i := range d {
		sum += cov[i*d+i]
	}
	return sum
}

// finite reports whether no value is NaN or infinite.
func finite(values []float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
