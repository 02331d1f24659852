package stats

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
)

// classes returns logits of n pictures that are `logit` for the class of their number, and 0 for the c-1 others.
func classes(n, c int, logit float32) *Stats {
	r := Rows{n, c, make([]float32, n*c)}
	for i := range n {
		r.Row(i)[i%c] = logit
	}
	return &Stats{Logits: r, Extractor: inception}
}

// The score of pictures that are sure of their classes, equally many of each, is the number of classes; that of pictures
// that know nothing is 1. Logits of 1000 leave probabilities that underflow to 0.
func TestInceptionScoreIdentities(t *testing.T) {
	for _, c := range []struct {
		name        string
		s           *Stats
		splits      int
		want, least float64
	}{
		{"one-hot", classes(500, 10, 1000), 1, 10, 1e-12},
		{"uniform", classes(500, 10, 0), 10, 1, 1e-12},
		{"one class", classes(500, 1, 1000), 10, 1, 1e-12},
	} {
		o := DefaultOptions()
		o.ISSplits = c.splits
		r, err := InceptionScore(c.s, &o)
		if err != nil {
			t.Fatal(err)
		}
		within(t, c.name, r.Value, c.want, c.least)
		if r.Std > 1e-12 {
			t.Errorf("%s: equal parts have the deviation %g", c.name, r.Std)
		}
	}
	r, err := InceptionScore(&Stats{Logits: classes(20, 5, 3).Logits, Extractor: "fashion-cnn"}, nil)
	if err != nil || r.Name != "classifier_score_fashion_cnn" || r.IsDistance() {
		t.Errorf("the score of another network is %+v, %v", r, err)
	}
}

func TestKernelIdentities(t *testing.T) {
	o := DefaultOptions()
	o.KIDSubsetSize = 100
	x, y := kept(t, featuresOf(1, 200, 32, 0)), kept(t, featuresOf(2, 200, 32, 0))
	r, err := Kernel(x, y, &o)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.Value) > 3*r.Std { // the estimator is unbiased: also negative
		t.Errorf("KID of two samples of one distribution is %v", r)
	}
	far, err := Kernel(x, kept(t, featuresOf(2, 200, 32, 1)), &o)
	if err != nil || far.Value < 10*r.Std {
		t.Errorf("KID of shifted features is %v, %v", far, err)
	}
	again, err := Kernel(x, y, &o)
	if err != nil || again.Value != r.Value || again.Std != r.Std {
		t.Errorf("KID of the same is %v, then %v", r, again)
	}
	o.Seed++
	if other, err := Kernel(x, y, &o); err != nil || other.Value == r.Value {
		t.Errorf("KID with another seed is %v, %v", other, err)
	}
}

// collapsed returns n fakes that are all near one real.
func collapsed(real Rows, n int) Rows {
	fake := Rows{n, real.D, golden.Scaled(9, n*real.D, 1e-3)}
	for i := range n {
		for j, v := range real.Row(0) {
			fake.Row(i)[j] += v
		}
	}
	return fake
}

// A generator that makes one good picture has a high precision and a low recall; one that makes noise around good
// pictures the reverse.
func TestPrecisionRecallOfModeCollapse(t *testing.T) {
	real := featuresOf(1, 300, 8, 0)
	precision, recall, err := PrecisionRecall(real, collapsed(real, 200), 3)
	if err != nil || precision != 1 || recall > 0.05 {
		t.Errorf("mode collapse has precision %v, recall %v, %v", precision, recall, err)
	}
	if precision, recall, err = PrecisionRecall(real, real, 3); err != nil || precision != 1 || recall != 1 {
		t.Errorf("a set with itself has precision %v, recall %v, %v", precision, recall, err)
	}
	results, err := PRDC(kept(t, real), kept(t, collapsed(real, 200)), nil)
	if err != nil || results[0].Value != 1 || results[1].Value > 0.05 || results[3].Value > 0.1 {
		t.Errorf("mode collapse has %v, %v", results, err)
	}
	if results, err = PRDC(kept(t, real), kept(t, real), nil); err != nil || results[3].Value != 1 || math.Abs(results[2].Value-1) > 0.1 {
		t.Errorf("a set with itself has %v, %v", results, err)
	}
}

// More rows than a tile, and identical ones, whose balls are points: they hold nothing by <, and themselves by <=.
func TestPRDCTilesAndTies(t *testing.T) {
	same := Rows{distanceCols + 10, 2, make([]float32, 2*(distanceCols+10))}
	results, err := PRDC(&Stats{Pool: same}, &Stats{Pool: same}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Value != 0 || !strings.HasSuffix(r.Name, "_unknown") {
			t.Errorf("of one point many times: %v, want 0 for every score", r)
		}
	}
	if precision, recall, err := PrecisionRecall(same, same, 3); err != nil || precision != 1 || recall != 1 {
		t.Errorf("of one point many times: precision %v, recall %v, %v", precision, recall, err)
	}
}

func TestScoreErrors(t *testing.T) {
	full := func() *Stats { return kept(t, featuresOf(1, 20, 5, 0)) }
	nan := full()
	nan.Pool.Data[7] = float32(math.NaN())
	narrow := kept(t, featuresOf(1, 20, 4, 0))
	o := DefaultOptions()
	o.KIDSubsetSize = 10
	few := o
	few.K = 20
	one := func(r Result, err error) error { return err }
	many := func(r []Result, err error) error { return err }
	three := func(_, _ float64, err error) error { return err }
	for want, err := range map[string]error{
		"no logits of fake are kept":                     one(InceptionScore(full(), nil)),
		"fake (a) has 9 pictures for 10 splits":          one(InceptionScore(&Stats{Source: "a", Logits: featuresOf(1, 9, 3, 0)}, nil)),
		"fake has 20 pictures, a subset takes 1000":      one(Kernel(full(), full(), nil)),
		"(--kid-subset-size)":                            one(Kernel(full(), full(), nil)),
		"no features of single pictures of real":         one(Kernel(measured(t, full().Pool), full(), &o)),
		"real has 5 features, fake 4":                    one(Kernel(full(), narrow, &o)),
		"fake: feature 2 of row 1":                       one(Kernel(full(), nan, &o)),
		"no features of single pictures of fake":         many(PRDC(full(), measured(t, full().Pool), nil)),
		"the 20 nearest neighbours of a picture need":    many(PRDC(full(), full(), &few)),
		"real: feature 2 of row 1 (counted from 0) is N": three(PrecisionRecall(nan.Pool, full().Pool, 3)),
		"k is 0": three(PrecisionRecall(full().Pool, full().Pool, 0)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "stats: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// gaussianRows returns n rows of d independent normal numbers.
func gaussianRows(random *rand.Rand, n, d int, mean float64) Rows {
	r := Rows{n, d, make([]float32, n*d)}
	for i := range r.Data {
		r.Data[i] = float32(random.NormFloat64() + mean)
	}
	return r
}

// Of 95 % intervals, about 95 % hold what they are intervals of: the distance that samples of this size have on average,
// bias included. With 60 trials, fewer than 50 or none that miss would be far off.
func TestBootstrapCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	o := DefaultOptions()
	o.Bootstrap = 100
	const trials, n, d = 60, 150, 4
	var values []float64
	var intervals [][2]float64
	for range trials {
		r, err := Frechet(&Stats{Pool: gaussianRows(random, n, d, 0)}, &Stats{Pool: gaussianRows(random, n, d, 0.5)}, &o)
		if err != nil {
			t.Fatal(err)
		}
		values, intervals = append(values, r.Value), append(intervals, r.CI)
	}
	mean, std := meanStd(values)
	hits, width := 0, 0.0
	for _, ci := range intervals {
		if ci[0] <= mean && mean <= ci[1] {
			hits++
		}
		width += (ci[1] - ci[0]) / trials
	}
	if hits < 50 {
		t.Errorf("%d of %d intervals hold the mean", hits, trials)
	}
	if ratio := width / (2 * 1.96 * std); ratio < 0.75 || ratio > 1.33 {
		t.Errorf("the intervals are %.2f times as wide as the spread of the values", ratio)
	}
}

func TestBootstrapForms(t *testing.T) {
	x, y := featuresOf(1, 40, 50, 0), featuresOf(2, 90, 50, 0.125)
	o := DefaultOptions()
	o.Bootstrap, o.Seed = 50, 7
	frechet := func(real, fake *Stats) Result {
		t.Helper()
		r, err := Frechet(real, fake, &o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	both := frechet(kept(t, x), kept(t, y))
	if both.CI[0] >= both.Value || both.CI[1] <= both.Value {
		t.Errorf("the interval does not hold the value: %v", both)
	}
	if again := frechet(kept(t, x), kept(t, y)); again.CI != both.CI {
		t.Errorf("the same again is %v, then %v", both.CI, again.CI)
	}
	half := frechet(measured(t, x), kept(t, y))
	if half.CI[1]-half.CI[0] >= both.CI[1]-both.CI[0] || half.CI[0] >= half.CI[1] {
		t.Errorf("with one side fixed the interval is %v, with none %v", half.CI, both.CI)
	}
	if none := frechet(measured(t, x), measured(t, y)); none.CI != [2]float64{} {
		t.Errorf("with both sides fixed there is an interval: %v", none)
	}
	logits := &Stats{Logits: Rows{200, 10, golden.Scaled(3, 2000, 4)}}
	r, err := InceptionScore(logits, &o)
	if err != nil || r.CI[0] >= r.Value || r.CI[1] <= r.Value || r.CI[1]-r.CI[0] > r.Value {
		t.Errorf("the interval of the inception score is %v, %v", r, err)
	}
}

// Resampled statistics are those of the rows that were drawn, written out, in both forms.
func TestGaussianOfTimes(t *testing.T) {
	for _, n := range []int{30, 300} {
		r := featuresOf(1, n, 40, 0)
		times := draw(replicate(3, 4), n)
		drawn := Rows{0, 40, nil}
		for i, k := range times {
			for range k {
				drawn.Data, drawn.N = append(drawn.Data, r.Row(i)...), drawn.N+1
			}
		}
		if drawn.N != n {
			t.Fatalf("%d of %d rows were drawn", drawn.N, n)
		}
		other := kept(t, featuresOf(2, 100, 40, 0.125))
		o, err := other.pool("").gaussian(1)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "distance", gaussianOfTimes(r, times, 1).distance(o), value(t, measured(t, drawn), other), 1e-10)
	}
}
