package metrics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Zero stands for the number 0 in the fields DDoF, Seed and Bootstrap of Options, whose own 0 stands for the default.
const Zero = -1

// Policy says what happens to pictures that cannot be read.
type Policy int

// The policies.
const (
	Fail Policy = iota // the first one is an error
	Skip               // they are left out, counted and told to Options.Warn; the result has the number that was compared
)

// Options says what to measure and how. nil, and the zero value of every field, stand for the default that the field's
// comment names; nowhere else is there another one.
type Options struct {
	// Metrics are the scores, in the order of the results: of inception-2015 fid, is, kid, sfid and prdc; of other
	// extractors fd, classifier_score, kd and prdc. prdc gives four: precision, recall, density and coverage.
	// Default: fid, of other extractors fd.
	Metrics []string
	// Extractor is the network that looks at the pictures: inception-2015 (default) or fashion-cnn.
	Extractor string
	// Network is an opened network to use in place of Extractor. Closing it stays with the caller.
	Network extractors.Extractor
	// Weights is the file of inception-2015's weights. Default: that in the user's cache, where it is downloaded to.
	Weights string
	// Preprocess is the rule that makes pictures the network's input. Default: the network's own, TF1 for inception-2015.
	Preprocess Preprocess

	// DDoF is subtracted from the number of pictures in the divisor of covariances. Default: 1, as in pytorch-fid and
	// torch-fidelity; StyleGAN2-ADA has 0, written [Zero].
	DDoF int
	// Seed of everything that is drawn: shuffles, subsets, bootstrap. Default: 2020, that of torch-fidelity. The seed 0 is
	// written [Zero].
	Seed int64
	// ISSplits is the number of parts of which the Inception Score is the mean. Default: 10.
	ISSplits int
	// KIDSubsets is the number of subsets of which KID is the mean. Default: 100.
	KIDSubsets int
	// KIDSubsetSize is the number of pictures of such a subset. Default: 1000.
	KIDSubsetSize int
	// K is the number of neighbours that prdc looks at. Default: 5.
	K int
	// Bootstrap is the number of resamplings for the 95 % interval of Fréchet distances and of the Inception Score, each of
	// which costs as much as the score itself. Default: 50; no interval is written [Zero].
	Bootstrap int

	// Unreadable says what happens to pictures that cannot be read. Default: Fail.
	Unreadable Policy
	// Device computes. Default: that of the process, accel.Default.
	Device *accel.Device
	// Progress is called now and then while pictures are read (what is "reals", "fakes" or "pictures", total negative if
	// it is unknown), while weights are downloaded (what is the name of the file, in bytes), and after each resampling (what
	// is "interval"). Default: nobody is told.
	Progress func(what string, done, total int64)
	// Warn gets a sentence about anything that makes a score mean less than it seems to. Default: nobody is told.
	Warn func(string)
}

// settings are Options with their defaults.
type settings struct {
	Options
	stats stats.Options
}

// resolve returns the options with their defaults, or an error that lists all that is wrong with them.
func (o *Options) resolve() (settings, error) {
	var s settings
	if o != nil {
		s.Options = *o
	}
	if s.Network != nil {
		s.Extractor = s.Network.Name()
	} else if s.Extractor == "" {
		s.Extractor = inception2015
	}
	if len(s.Metrics) == 0 {
		s.Metrics = MetricNames(s.Extractor)[:1]
	}
	rules := Preprocesses(s.Extractor)
	if s.Network != nil {
		rules = s.Network.Preprocesses()
	}
	if s.Preprocess == "" && len(rules) > 0 {
		s.Preprocess = rules[0]
	}
	if s.Progress == nil {
		s.Progress = func(string, int64, int64) {}
	}
	if s.Warn == nil {
		s.Warn = func(string) {}
	}
	s.stats = stats.DefaultOptions()
	s.stats.Bootstrap = 50
	for _, field := range s.numbers() {
		if field.value == Zero && field.zero {
			*field.to = 0
		} else if field.value != 0 {
			*field.to = field.value
		}
	}
	switch s.Seed {
	case 0:
	case Zero:
		s.stats.Seed = 0
	default:
		s.stats.Seed = s.Seed
	}
	return s, s.check(rules)
}

// number is a field that goes to the options of package stats.
type number struct {
	name  string
	value int
	to    *int
	zero  bool // Zero is allowed
	least int
}

func (s *settings) numbers() []number {
	return []number{
		{"DDoF", s.DDoF, &s.stats.DDoF, true, 0},
		{"ISSplits", s.ISSplits, &s.stats.ISSplits, false, 1},
		{"KIDSubsets", s.KIDSubsets, &s.stats.KIDSubsets, false, 1},
		{"KIDSubsetSize", s.KIDSubsetSize, &s.stats.KIDSubsetSize, false, 2},
		{"K", s.K, &s.stats.K, false, 1},
		{"Bootstrap", s.Bootstrap, &s.stats.Bootstrap, true, 0},
	}
}

// check lists what is wrong with the options.
func (s *settings) check(rules []Preprocess) error {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if s.Network == nil && !slices.Contains(ExtractorNames(), s.Extractor) {
		if s.Extractor == "vgg16" {
			add("this version does not have the extractor vgg16: there are %s", strings.Join(ExtractorNames(), ", "))
		} else {
			add("there is no extractor %q: there are %s", s.Extractor, strings.Join(ExtractorNames(), ", "))
		}
		return s.fault(faults) // nothing else can be judged
	}
	for i, name := range s.Metrics {
		if err := checkMetric(name, s.Extractor); err != nil {
			add("%v", err)
		} else if slices.Contains(s.Metrics[:i], name) {
			add("the metric %s is named twice", name)
		}
	}
	if !slices.Contains(rules, s.Preprocess) {
		add("%s has no preprocessing %q: there are %s", s.Extractor, s.Preprocess, joinRules(rules))
	}
	if s.Weights != "" && (s.Network != nil || s.Extractor != inception2015) {
		add("a file of weights is for %s, not for %s", inception2015, s.Extractor)
	}
	for _, field := range s.numbers() {
		if *field.to < field.least {
			add("%s is %d: want at least %d", field.name, *field.to, field.least)
		}
	}
	if s.stats.Bootstrap == 1 {
		add("Bootstrap is 1: an interval needs tens of resamplings")
	}
	if s.stats.Seed < 0 || s.stats.Seed > maxSeed {
		add("the seed %d is not in 0..%d", s.stats.Seed, int64(maxSeed))
	}
	if s.Unreadable != Fail && s.Unreadable != Skip {
		add("there is no policy %d", int(s.Unreadable))
	}
	return s.fault(faults)
}

// maxSeed is the largest seed of NumPy's RandomState.
const maxSeed = 1<<32 - 1

func (s *settings) fault(faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("metrics: %s", strings.Join(faults, "; "))
}

func joinRules(rules []Preprocess) string {
	names := make([]string, len(rules))
	for i, rule := range rules {
		names[i] = string(rule)
	}
	return strings.Join(names, ", ")
}

// Validate returns an error that lists all that is wrong with the options, before anything is opened.
func (o *Options) Validate() error {
	_, err := o.resolve()
	return err
}

// ComparesWithReals reports whether any of the metrics needs real pictures.
func (o *Options) ComparesWithReals() bool {
	s, _ := o.resolve() // what is wrong is told when they are used
	return s.needsReals()
}
