package metrics

import (
	"fmt"

	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// collector takes the features of one side, one chunk of pictures after another, and makes statistics of them.
type collector struct {
	outputs []extractors.Output
	kept    []*kept // by output
	n       int     // pictures so far
}

// kept is what is kept of one output. As long as there are fewer pictures than features, the rows are: they take less
// than a scatter matrix, cost nothing, and are all that a Fréchet distance needs.
type kept struct {
	need
	width   int
	rows    []float32
	moments *stats.Moments // nil with fewer pictures than features, and where they are not needed
}

// newCollector makes room for n pictures, fewer than 0 if their number is unknown.
func newCollector(network extractors.Extractor, wants needs, n int) *collector {
	c := &collector{outputs: wants.outputs()}
	for _, output := range c.outputs {
		k := &kept{need: wants[output], width: network.Width(output)}
		if n > 0 && (k.need.rows || n < k.width) {
			k.rows = make([]float32, 0, n*k.width)
		}
		c.kept = append(c.kept, k)
	}
	return c
}

// add takes the features of the next n pictures, a flat [n, width] for each output. The error names a picture whose
// features are not numbers.
func (c *collector) add(n int, features [][]float32) error {
	for i, k := range c.kept {
		rows := features[i]
		if len(rows) != n*k.width {
			return fmt.Errorf("the network gave %d values of %s for %d pictures, want %d", len(rows), c.outputs[i], n, n*k.width)
		}
		for j, v := range rows {
			if v-v != 0 { // 0 for every number, NaN for NaN and the infinities
				return fmt.Errorf("the %s features of picture %d (from 0) are not finite (%v): the weights or the picture are damaged",
					c.outputs[i], c.n+j/k.width, v)
			}
		}
		if err := k.add(n, rows, c.n+n); err != nil {
			return err
		}
	}
	c.n += n
	return nil
}

// add takes n rows, with which there are total.
func (k *kept) add(n int, rows []float32, total int) error {
	if k.need.rows || k.moments == nil {
		k.rows = append(k.rows, rows...)
	}
	switch {
	case !k.need.moments:
		return nil
	case k.moments != nil:
		return k.moments.Add(stats.Rows{N: n, D: k.width, Data: rows})
	case total < k.width:
		return nil
	}
	err := k.sum(total)
	if !k.need.rows {
		k.rows = nil
	}
	return err
}

// sum makes the moments of all rows so far.
func (k *kept) sum(total int) error {
	k.moments = stats.NewMoments(k.width)
	return k.moments.Add(stats.Rows{N: total, D: k.width, Data: k.rows})
}

// stats returns the statistics of all pictures so far. always asks for mean and covariance also where the rows suffice.
func (c *collector) stats(ddof int, always bool) (*stats.Stats, error) {
	out := &stats.Stats{N: c.n, DDoF: ddof}
	for i, output := range c.outputs {
		k := c.kept[i]
		if always && k.need.moments && k.moments == nil {
			if err := k.sum(c.n); err != nil {
				return nil, err
			}
		}
		var mean, cov []float64
		if k.moments != nil {
			var err error
			if cov, err = k.moments.Covariance(ddof); err != nil {
				return nil, err
			}
			mean = k.moments.Mean
		}
		var rows stats.Rows
		if k.rows != nil {
			rows = stats.Rows{N: c.n, D: k.width, Data: k.rows}
		}
		switch output {
		case extractors.Pool:
			out.Mean, out.Cov, out.Pool = mean, cov, rows
		case extractors.Spatial:
			out.SpatialMean, out.SpatialCov, out.Spatial = mean, cov, rows
		case extractors.Logits:
			out.Logits = rows
		}
	}
	return out, nil
}
