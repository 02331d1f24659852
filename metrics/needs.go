package metrics

import (
	"fmt"

	"github.com/gogan-ml/gogan/extractors"
)

// need says what is kept of one output of the network.
type need struct {
	moments bool // mean and scatter
	rows    bool // every row
}

// needs says what is kept of each output.
type needs map[extractors.Output]need

func (n needs) add(output extractors.Output, more need) {
	n[output] = need{n[output].moments || more.moments, n[output].rows || more.rows}
}

// outputs returns the outputs that are needed, always in the same order.
func (n needs) outputs() []extractors.Output {
	var out []extractors.Output
	for _, output := range []extractors.Output{extractors.Pool, extractors.Logits, extractors.Spatial} {
		if _, found := n[output]; found {
			out = append(out, output)
		}
	}
	return out
}

// needs returns what the metrics need of both sides, with or without an interval.
func (s *settings) needs(interval bool) (reals, fakes needs) {
	reals, fakes = needs{}, needs{}
	both := func(output extractors.Output, more need) {
		reals.add(output, more)
		fakes.add(output, more)
	}
	for _, name := range s.Metrics {
		switch name {
		case metricFID, metricFD:
			both(extractors.Pool, need{moments: true, rows: interval})
		case metricSFID:
			both(extractors.Spatial, need{moments: true, rows: interval})
		case metricKID, metricKD, metricPRDC:
			both(extractors.Pool, need{rows: true})
		case metricIS, metricClassifierScore:
			fakes.add(extractors.Logits, need{rows: true})
		}
	}
	return reals, fakes
}

// The two sides of a comparison, as messages name them.
const (
	realSide = "reals"
	fakeSide = "fakes"
	oneSide  = "pictures" // of Measure, which may become either
)

// checkCount returns an error if n pictures of a side are too few for a metric.
func (s *settings) checkCount(side string, n int) error {
	if n == 0 {
		return fmt.Errorf("metrics: there are no %s", side)
	}
	for _, name := range s.Metrics {
		least, advice := 0, ""
		switch name {
		case metricFID, metricFD, metricSFID:
			least, advice = s.stats.DDoF+1, "a covariance of one picture says nothing"
			if least < 2 {
				least = 2
			}
		case metricKID, metricKD:
			least, advice = s.stats.KIDSubsetSize, "lower KIDSubsetSize (--kid-subset-size)"
		case metricPRDC:
			least, advice = s.stats.K+1, "lower K"
		case metricIS, metricClassifierScore:
			if side != realSide {
				least, advice = s.stats.ISSplits, "lower ISSplits (--is-splits)"
			}
		}
		if n < least {
			return fmt.Errorf("metrics: %s needs at least %d %s, there are %d: %s, or add pictures", name, least, side, n, advice)
		}
	}
	return nil
}

// needsReals reports whether any metric compares with reals.
func (s *settings) needsReals() bool {
	reals, _ := s.needs(false)
	return len(reals) > 0
}
