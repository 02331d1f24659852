package lab

import (
	"errors"
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// A Plane is the two directions of feature space in which a set varies most: its first principal components.
type Plane struct {
	mean []float64
	axes [2][]float64
}

// NewPlane returns the plane of a set with measured moments.
func NewPlane(s *metrics.Stats) (*Plane, error) {
	d := len(s.Mean)
	if d < 2 || len(s.Cov) != d*d {
		return nil, errors.New("lab: a plane needs mean and covariance of two features or more")
	}
	p := &Plane{mean: s.Mean}
	for k := range p.axes {
		p.axes[k] = direction(s.Cov, p.axes[:k])
	}
	return p, nil
}

// direction returns the unit vector of the largest variance among those orthogonal to others, by power iteration: some
// hundred steps are far more than a drawing needs.
func direction(cov []float64, others [][]float64) []float64 {
	d := int(math.Sqrt(float64(len(cov))))
	v := make([]float64, d)
	for j := range v {
		v[j] = 1 + float64(j%7) // not orthogonal to what is looked for
	}
	for range 300 {
		for _, o := range others {
			along := dot(v, o)
			for j := range v {
				v[j] -= along * o[j]
			}
		}
		next := make([]float64, d)
		for i := range next {
			next[i] = dot(cov[i*d:(i+1)*d], v)
		}
		length := math.Sqrt(dot(next, next))
		if length == 0 {
			return v
		}
		for j := range next {
			v[j] = next[j] / length
		}
	}
	return v
}

func dot(x, y []float64) (sum float64) {
	for k, v := range x {
		sum += v * y[k]
	}
	return sum
}

// Cloud returns where the pictures of a set whose rows are kept lie on the plane.
func (p *Plane) Cloud(name string, s *metrics.Stats) (figures.Cloud, error) {
	if s.Pool.D != len(p.mean) {
		return figures.Cloud{}, fmt.Errorf("lab: [%d, %d] features do not lie on a plane in %d dimensions", s.Pool.N, s.Pool.D, len(p.mean))
	}
	out := figures.Cloud{Name: name}
	for i := range s.Pool.N {
		centred := make([]float64, len(p.mean))
		for j, v := range s.Pool.Row(i) {
			centred[j] = float64(v) - p.mean[j]
		}
		out.X, out.Y = append(out.X, dot(centred, p.axes[0])), append(out.Y, dot(centred, p.axes[1]))
	}
	return out, nil
}
