package stats

import (
	"fmt"
	"strings"
	"time"
)

// inception is the extractor of FID, IS and KID: only its features give scores these names.
const inception = "inception-2015"

// Stats is what a set of pictures leaves: the moments of its features, the rows where they are kept, and how they were
// made. It is all that a score needs, so that a set is looked at once.
type Stats struct {
	Source string // what the pictures are, for people: a folder, a file, a run
	N      int    // pictures; 0 if unknown (files of other programs)

	Mean, Cov []float64 // of the pool features, [D] and [D, D]; Cov is the scatter divided by N-DDoF
	DDoF      int

	SpatialMean, SpatialCov []float64 // of the spatial features, for sFID; nil if not measured

	Pool, Logits, Spatial Rows // the rows themselves; N is 0 if they are not kept

	Extractor       string // "inception-2015", "fashion-cnn"; "" if unknown
	WeightsSHA256   string // of the extractor's weights, in hex; "" if unknown
	WeightsOfficial bool   // the weights are the published ones
	Preprocess      string // resizing rule; "" if unknown

	Shards  []Shard   // the parts of a set that this is; nil if it is the whole
	Time    time.Time // when it was measured; zero if unknown
	Version string    // of the program that measured; "" if unknown
}

// Shard is part Index of the Of parts that a set was cut into: 1/8 to 8/8.
type Shard struct {
	Index int `json:"index"`
	Of    int `json:"of"`
}

// String returns "Index/Of".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Options are the settings of all scores. No field is filled in silently: start from DefaultOptions.
type Options struct {
	DDoF          int   // divisor of covariances is N-DDoF
	ISSplits      int   // parts that the Inception Score is the mean of
	KIDSubsets    int   // subsets that KID is the mean of
	KIDSubsetSize int   // pictures of each side in a subset
	K             int   // neighbours of precision, recall, density and coverage
	Seed          int64 // of everything drawn: 0 to 2³²-1, as NumPy's
	Bootstrap     int   // replicates of a confidence interval; 0: none
	// Resampled, unless nil, is called after each replicate, from one goroutine at a time: they may take minutes. An error
	// ends the computation and comes back from it.
	Resampled func(done, total int) error
}

// DefaultOptions returns the settings of torch-fidelity (seed 2020, 10 splits, 100 subsets of 1000) and of the papers
// (ddof 1, k 5), without an interval.
func DefaultOptions() Options {
	return Options{DDoF: 1, ISSplits: 10, KIDSubsets: 100, KIDSubsetSize: 1000, K: 5, Seed: 2020}
}

// resolve returns the options, or the defaults for nil, or an error that lists what is wrong with them.
func (o *Options) resolve() (Options, error) {
	if o == nil {
		return DefaultOptions(), nil
	}
	var faults []string
	for _, f := range []struct {
		name       string
		got, least int64
	}{
		{"DDoF", int64(o.DDoF), 0}, {"ISSplits", int64(o.ISSplits), 1}, {"KIDSubsets", int64(o.KIDSubsets), 1},
		{"KIDSubsetSize", int64(o.KIDSubsetSize), 2}, {"K", int64(o.K), 1}, {"Seed", o.Seed, 0}, {"Bootstrap", int64(o.Bootstrap), 0},
	} {
		if f.got < f.least {
			faults = append(faults, fmt.Sprintf("%s is %d, must be at least %d", f.name, f.got, f.least))
		}
	}
	if o.Seed > 1<<32-1 {
		faults = append(faults, fmt.Sprintf("Seed is %d, must be below 2^32", o.Seed))
	}
	if o.Bootstrap == 1 {
		faults = append(faults, "Bootstrap is 1, an interval needs hundreds of replicates (0: none)")
	}
	if faults != nil {
		return Options{}, fmt.Errorf("stats: options: %s (DefaultOptions has the usual values)", strings.Join(faults, "; "))
	}
	return *o, nil
}

// name says for people what the statistics are of.
func (s *Stats) name(side string) string {
	if s.Source == "" {
		return side
	}
	return fmt.Sprintf("%s (%s)", side, s.Source)
}

// count returns the number of pictures, from rows if it is not given; 0 if unknown.
func (s *Stats) count() int {
	return max(s.N, s.Pool.N, s.Logits.N, s.Spatial.N)
}

// compare returns the score that two sides are described by, without name and value. It returns an error if they were
// not made alike; what is unknown on one side fits everything.
func compare(real, fake *Stats, opt Options) (Result, error) {
	for _, f := range []struct{ what, real, fake, advice string }{
		{"extractors", real.Extractor, fake.Extractor, "measure both with one network"},
		{"weights", real.WeightsSHA256, fake.WeightsSHA256, "measure both with the same weights file"},
		{"preprocessing", real.Preprocess, fake.Preprocess, "measure both with one rule"},
	} {
		if f.real != "" && f.fake != "" && f.real != f.fake {
			return Result{}, fmt.Errorf("stats: %s and %s have different %s, %s and %s: their scores mean nothing, %s",
				real.name("real"), fake.name("fake"), f.what, f.real, f.fake, f.advice)
		}
	}
	r := fake.describe(opt)
	r.NReal = real.count()
	if r.Extractor == "" {
		r.Extractor = real.Extractor
	}
	if r.WeightsSHA256 == "" {
		r.WeightsSHA256, r.WeightsOfficial = real.WeightsSHA256, real.WeightsOfficial
	}
	if r.Preprocess == "" {
		r.Preprocess = real.Preprocess
	}
	return r, nil
}

// describe returns a score of one side, without name and value.
func (s *Stats) describe(opt Options) Result {
	return Result{
		NFake: s.count(), Extractor: s.Extractor, WeightsSHA256: s.WeightsSHA256, WeightsOfficial: s.WeightsOfficial,
		Preprocess: s.Preprocess, Seed: opt.Seed, DDoF: opt.DDoF, Time: time.Now().UTC().Truncate(time.Second),
	}
}

// named returns the score's name: the short one for the features of the 2015 Inception network, else the long one
// with the extractor's.
func named(extractor, short, long string) string {
	if extractor == inception {
		return short
	}
	if extractor == "" {
		extractor = "unknown"
	}
	return long + "_" + strings.ReplaceAll(extractor, "-", "_")
}
