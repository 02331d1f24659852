package stats

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// Merge returns the statistics of all pictures of the parts: shards of one set, which it takes in their order, or sets
// of their own. Moments are merged in float64 and equal those of one run to 1e-12; rows are put one after the other if
// every part keeps them. The divisor is that of the first part.
//
// It returns an error if the parts were made with different extractors, weights or preprocessing, if a part does not say
// how many pictures it has, and for shards if one is missing or there twice.
func Merge(parts ...*Stats) (*Stats, error) {
	if len(parts) == 0 {
		return nil, errors.New("stats: merge: no statistics are given")
	}
	parts = slices.Clone(parts)
	if err := orderShards(parts); err != nil {
		return nil, fmt.Errorf("stats: merge: %w", err)
	}
	first := parts[0]
	for _, p := range parts {
		if err := first.alike(p); err != nil {
			return nil, fmt.Errorf("stats: merge: %w", err)
		}
	}
	out := *first
	out.Shards = nil
	out.N = 0
	for _, p := range parts {
		out.N += p.N
		if p.Time.After(out.Time) {
			out.Time = p.Time
		}
		if p.Version != out.Version {
			out.Version = ""
		}
	}
	out.Source = sources(parts)
	var err error
	out.Mean, out.Cov, err = mergeMoments(parts, func(s *Stats) (mean, cov []float64) { return s.Mean, s.Cov })
	if err != nil {
		return nil, fmt.Errorf("stats: merge: %w", err)
	}
	out.SpatialMean, out.SpatialCov, err = mergeMoments(parts, func(s *Stats) (mean, cov []float64) { return s.SpatialMean, s.SpatialCov })
	if err != nil {
		return nil, fmt.Errorf("stats: merge: spatial features: %w", err)
	}
	out.Pool = mergeRows(parts, func(s *Stats) Rows { return s.Pool })
	out.Logits = mergeRows(parts, func(s *Stats) Rows { return s.Logits })
	out.Spatial = mergeRows(parts, func(s *Stats) Rows { return s.Spatial })
	return &out, nil
}

// orderShards sorts the parts by their shards. It returns an error unless all shards of one set are there once, or no
// part is a shard.
func orderShards(parts []*Stats) error {
	of, seen := 0, map[int]string{}
	for _, p := range parts {
		if (len(p.Shards) == 0) != (len(parts[0].Shards) == 0) {
			return fmt.Errorf("%s is a whole set and %s a shard: merge the shards first", whole(parts).name("one part"), shard(parts).name("another"))
		}
		for _, s := range p.Shards {
			if of == 0 {
				of = s.Of
			}
			if s.Of != of {
				return fmt.Errorf("shard %v of %s and others of %d: they are not of one set", s, p.name("a part"), of)
			}
			if before, twice := seen[s.Index]; twice {
				return fmt.Errorf("shard %v is there twice: %s and %s", s, before, p.name("a part"))
			}
			seen[s.Index] = p.name("a part")
		}
	}
	var missing []string
	for i := 1; i <= of; i++ {
		if _, ok := seen[i]; !ok {
			missing = append(missing, Shard{i, of}.String())
		}
	}
	if missing != nil {
		return fmt.Errorf("missing shards: %s", strings.Join(missing, ", "))
	}
	if of > 0 {
		slices.SortStableFunc(parts, func(a, b *Stats) int { return a.Shards[0].Index - b.Shards[0].Index })
	}
	return nil
}

// whole and shard return the first part that is one.
func whole(parts []*Stats) *Stats {
	return parts[slices.IndexFunc(parts, func(s *Stats) bool { return len(s.Shards) == 0 })]
}

func shard(parts []*Stats) *Stats {
	return parts[slices.IndexFunc(parts, func(s *Stats) bool { return len(s.Shards) > 0 })]
}

// alike returns an error if the parts were not made in one way, or cannot be merged.
func (s *Stats) alike(o *Stats) error {
	for _, f := range []struct{ what, a, b string }{
		{"extractors", s.Extractor, o.Extractor}, {"weights", s.WeightsSHA256, o.WeightsSHA256}, {"preprocessing", s.Preprocess, o.Preprocess},
	} {
		if f.a != f.b {
			return fmt.Errorf("%s and %s have different %s, %q and %q", s.name("one part"), o.name("another"), f.what, f.a, f.b)
		}
	}
	if o.N <= o.DDoF {
		return fmt.Errorf("%s has %d pictures (0: its file does not say how many) with ddof %d: it cannot be weighed", o.name("a part"), o.N, o.DDoF)
	}
	if len(s.Mean) != len(o.Mean) || len(s.SpatialMean) != len(o.SpatialMean) {
		return fmt.Errorf("%s has %d and %d features, %s %d and %d", s.name("one part"), len(s.Mean), len(s.SpatialMean), o.name("another"), len(o.Mean), len(o.SpatialMean))
	}
	return nil
}

// sources joins the different sources of the parts.
func sources(parts []*Stats) string {
	var names []string
	for _, p := range parts {
		if p.Source != "" && !slices.Contains(names, p.Source) {
			names = append(names, p.Source)
		}
	}
	return strings.Join(names, " + ")
}

// mergeMoments returns mean and covariance of all pictures, divided as the first part's is; nil if they are not measured.
func mergeMoments(parts []*Stats, of func(*Stats) (mean, cov []float64)) (mean, cov []float64, err error) {
	firstMean, _ := of(parts[0])
	d := len(firstMean)
	if d == 0 {
		return nil, nil, nil
	}
	all := NewMoments(d)
	for _, p := range parts {
		mean, cov := of(p)
		if len(cov) != d*d {
			return nil, nil, fmt.Errorf("%s has a covariance of %d numbers for %d features", p.name("a part"), len(cov), d)
		}
		scatter := linalg.New(d, d)
		for i, v := range cov {
			scatter.Data[i] = v * float64(p.N-p.DDoF)
		}
		if err := all.Merge(&Moments{N: p.N, Mean: mean, Scatter: scatter.Data}); err != nil {
			return nil, nil, err
		}
	}
	cov, err = all.Covariance(parts[0].DDoF)
	return all.Mean, cov, err
}

// mergeRows puts the rows of all parts one after the other; there are none if a part keeps none.
func mergeRows(parts []*Stats, of func(*Stats) Rows) Rows {
	out := Rows{D: of(parts[0]).D}
	for _, p := range parts {
		r := of(p)
		if r.N == 0 || r.D != out.D {
			return Rows{}
		}
		out.N += r.N
		out.Data = append(out.Data, r.Data...)
	}
	return out
}
