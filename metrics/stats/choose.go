package stats

import "fmt"

// Choose returns the statistics of some of the pictures, by their indices from 0, as if only these had been measured:
// from the kept rows, without looking at a picture again. An index that is there twice counts twice. The moments are those
// of the chosen rows, divided by their number less DDoF; of what keeps no rows nothing is left.
//
// It returns an error if no rows are kept, if there is no picture of an index, or if too few are chosen for a covariance.
func (s *Stats) Choose(indices []int) (*Stats, error) {
	if s.Pool.N == 0 && s.Logits.N == 0 && s.Spatial.N == 0 {
		return nil, fmt.Errorf("stats: choose: no rows of %s are kept", s.name("the set"))
	}
	for _, i := range indices {
		if i < 0 || i >= s.count() {
			return nil, fmt.Errorf("stats: choose: there is no picture %d of %d (counted from 0)", i, s.count())
		}
	}
	if err := enough(len(indices), s.DDoF); err != nil {
		return nil, fmt.Errorf("stats: choose: %w", err)
	}
	out := *s
	out.N, out.Shards = len(indices), nil
	out.Pool, out.Logits, out.Spatial = s.Pool.pick(indices), s.Logits.pick(indices), s.Spatial.pick(indices)
	var err error
	if out.Mean, out.Cov, err = chosenMoments(out.Pool, s.Mean, s.DDoF); err != nil {
		return nil, fmt.Errorf("stats: choose: %w", err)
	}
	if out.SpatialMean, out.SpatialCov, err = chosenMoments(out.Spatial, s.SpatialMean, s.DDoF); err != nil {
		return nil, fmt.Errorf("stats: choose: spatial features: %w", err)
	}
	return &out, nil
}

// pick returns the rows of the given numbers; none if none are kept.
func (r Rows) pick(numbers []int) Rows {
	if r.N == 0 {
		return Rows{}
	}
	out := Rows{N: len(numbers), D: r.D, Data: make([]float32, 0, len(numbers)*r.D)}
	for _, i := range numbers {
		out.Data = append(out.Data, r.Row(i)...)
	}
	return out
}

// chosenMoments returns mean and covariance of rows, nil where there are no rows. Like the pass over pictures it leaves
// them out where there are fewer rows than features and before was no mean: then the rows are all that a distance needs.
func chosenMoments(r Rows, before []float64, ddof int) (mean, cov []float64, err error) {
	if r.N == 0 || r.N < r.D && before == nil {
		return nil, nil, nil
	}
	m, err := momentsOf(r)
	if err != nil {
		return nil, nil, err
	}
	cov, err = m.Covariance(ddof)
	return m.Mean, cov, err
}
