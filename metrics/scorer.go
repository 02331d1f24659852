package metrics

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// A Scorer is an opened network with the options of its scores, for those who measure more than once. It is safe for
// concurrent use.
type Scorer struct {
	set     settings
	network extractors.Extractor
}

// Open opens the network of opt, which may be nil. The error names what is wrong with the options, or what keeps the
// network from being opened.
func Open(ctx context.Context, opt *Options) (*Scorer, error) {
	set, err := opt.resolve()
	if err != nil {
		return nil, err
	}
	network, err := set.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("metrics: %s: %w", set.Extractor, err)
	}
	s := &Scorer{set: set, network: network}
	_, wants := set.needs(false)
	for _, output := range wants.outputs() {
		if network.Width(output) == 0 {
			network.Close()
			return nil, fmt.Errorf("metrics: these weights of %s have no %s, which %s need", set.Extractor, output, strings.Join(set.Metrics, ", "))
		}
	}
	return s, nil
}

// Close frees the network, unless it came from Options.Network.
func (s *Scorer) Close() error { return s.network.Close() }

// Metrics returns the names of the metrics, in the order of their results.
func (s *Scorer) Metrics() []string { return append([]string(nil), s.set.Metrics...) }

// Kind returns what the results say of how they are made: extractor, weights, preprocessing, seed and ddof. Name, value
// and numbers of pictures are left out.
func (s *Scorer) Kind() Result {
	return Result{Extractor: s.network.Name(), WeightsSHA256: s.network.WeightsSHA256(), WeightsOfficial: s.network.WeightsOfficial(),
		Preprocess: string(s.set.Preprocess), Seed: s.set.stats.Seed, DDoF: s.set.stats.DDoF}
}

// Score reads both sides once and returns the metrics. reals may be nil if no metric compares with them.
func (s *Scorer) Score(ctx context.Context, reals, fakes Images) ([]Result, error) {
	sides, err := s.measure(ctx, reals, fakes, []Preprocess{s.set.Preprocess})
	if err != nil {
		return nil, err
	}
	return s.set.results(ctx, sides[0].reals, sides[0].fakes)
}

// measured are the statistics of both sides by one rule; reals is nil if nothing compares with them.
type measured struct{ reals, fakes *stats.Stats }

// measure returns the statistics of both sides by each rule, from one reading of each side. What is known to fail fails
// before the work.
func (s *Scorer) measure(ctx context.Context, reals, fakes Images, rules []Preprocess) ([]measured, error) {
	realNeeds, fakeNeeds := s.set.needs(s.set.stats.Bootstrap > 0)
	passes := []*pass{{Scorer: s, side: fakeSide, rules: rules, wants: fakeNeeds, images: fakes}}
	if len(realNeeds) > 0 {
		passes = append(passes, &pass{Scorer: s, side: realSide, rules: rules, wants: realNeeds, images: reals})
	}
	for _, p := range passes {
		if err := p.check(); err != nil {
			return nil, err
		}
	}
	out := make([]measured, len(rules))
	for _, p := range slices.Backward(passes) {
		byRule, err := p.run(ctx)
		if err != nil {
			return nil, err
		}
		for i, one := range byRule {
			if p.side == realSide {
				out[i].reals = one
			} else {
				out[i].fakes = one
			}
		}
	}
	if len(passes) > 1 {
		if text := unlike(&passes[1].look, &passes[0].look); text != "" {
			s.set.Warn(text)
		}
	}
	s.set.warn(out[0].reals, out[0].fakes)
	return out, nil
}

// Measure reads pictures once and returns the statistics that the metrics need of either side. The rows that an interval
// needs take 8 kB a picture with inception-2015: they are kept only if Options.Bootstrap asks for one.
func (s *Scorer) Measure(ctx context.Context, images Images) (*Stats, error) {
	_, wants := s.set.needs(s.set.Bootstrap > 0) // fakes leave all that reals do
	p := pass{Scorer: s, side: oneSide, rules: []Preprocess{s.set.Preprocess}, wants: wants, images: images}
	if err := p.check(); err != nil {
		return nil, err
	}
	out, err := p.run(ctx)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Compare returns the metrics of measured pictures, without reading any. reals may be nil if no metric compares with
// them. The error is that of [Scorer.Accepts], or of statistics that are too few.
func (s *Scorer) Compare(reals, fakes *Stats) ([]Result, error) {
	for _, side := range []*Stats{reals, fakes} {
		if side == nil {
			continue
		}
		if err := s.Accepts(side); err != nil {
			return nil, err
		}
	}
	return s.set.compare(reals, fakes)
}

// Accepts returns an error if statistics cannot be compared with what s measures: if they say that they were made with
// another extractor, other weights or another preprocessing, or if they lack the rows that a metric needs.
func (s *Scorer) Accepts(st *Stats) error {
	if sum := s.network.WeightsSHA256(); st.WeightsSHA256 != "" && st.WeightsSHA256 != sum {
		return fmt.Errorf("metrics: the statistics of %s were made with the weights %.8s, not with %.8s: measure again, or choose those weights",
			st.Source, st.WeightsSHA256, sum)
	}
	return s.set.accepts(st)
}
