package metrics

import (
	"context"
	"errors"
	"fmt"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// Compare returns the metrics of opt, which may be nil, of measured pictures. It needs neither pictures nor a device. reals
// may be nil if no metric compares with them. The error names what the statistics lack, or in what they differ from each
// other or from opt.
func Compare(reals, fakes *Stats, opt *Options) ([]Result, error) {
	s, err := opt.resolve()
	if err != nil {
		return nil, err
	}
	return s.compare(reals, fakes)
}

func (s *settings) compare(reals, fakes *stats.Stats) ([]Result, error) {
	if fakes == nil {
		return nil, errors.New("metrics: there are no statistics of fakes")
	}
	if reals == nil && s.needsReals() {
		return nil, fmt.Errorf("metrics: %s compares with reals, and there are no statistics of any", s.Metrics[0])
	}
	for _, side := range []*stats.Stats{reals, fakes} {
		if side == nil {
			continue
		}
		if err := s.accepts(side); err != nil {
			return nil, err
		}
	}
	s.warn(reals, fakes)
	return s.results(context.Background(), reals, fakes)
}

// accepts returns an error if statistics say that they were made in another way than s asks for, or lack the rows that a
// metric needs of either side. What they do not say fits everything.
func (s *settings) accepts(st *stats.Stats) error {
	for _, f := range []struct{ what, theirs, asked string }{
		{"extractor", st.Extractor, s.Extractor}, {"preprocessing", st.Preprocess, string(s.Preprocess)},
	} {
		if f.theirs != "" && f.theirs != f.asked {
			return fmt.Errorf("metrics: the statistics of %s were made with the %s %s, not with %s: ask for that, or measure again",
				st.Source, f.what, f.theirs, f.asked)
		}
	}
	for _, name := range s.Metrics {
		if (name == metricKID || name == metricKD || name == metricPRDC) && st.Pool.N == 0 {
			return fmt.Errorf("metrics: %s needs the features of single pictures, and the statistics of %s have none: "+
				"give the pictures, or measure them with features (gogan stats --features)", name, st.Source)
		}
	}
	return nil
}

// results computes the metrics in their order.
func (s *settings) results(ctx context.Context, reals, fakes *stats.Stats) ([]Result, error) {
	var out []Result
	for _, name := range s.Metrics {
		some, err := s.metric(ctx, name, reals, fakes)
		if err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
		out = append(out, some...)
	}
	return out, nil
}

func (s *settings) metric(ctx context.Context, name string, reals, fakes *stats.Stats) ([]Result, error) {
	opt := s.stats
	opt.Resampled = func(done, total int) error {
		s.Progress("interval", int64(done), int64(total))
		return context.Cause(ctx)
	}
	one := func(r Result, err error) ([]Result, error) { return []Result{r}, err }
	switch name {
	case metricFID, metricFD:
		return one(stats.Frechet(reals, fakes, &opt))
	case metricSFID:
		return one(stats.SpatialFrechet(reals, fakes, &opt))
	case metricKID, metricKD:
		return one(stats.Kernel(reals, fakes, &opt))
	case metricIS, metricClassifierScore:
		return one(stats.InceptionScore(fakes, &opt))
	}
	return stats.PRDC(reals, fakes, &opt)
}
