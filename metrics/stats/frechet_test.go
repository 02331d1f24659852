package stats

import (
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
)

// normal returns statistics with a given mean and diagonal of the covariance.
func normal(mean, variance []float64) *Stats {
	d := len(mean)
	s := &Stats{N: 10000, Mean: mean, Cov: make([]float64, d*d), DDoF: 1}
	for i, v := range variance {
		s.Cov[i*d+i] = v
	}
	return s
}

// constant returns d times v.
func constant(d int, v float64) []float64 {
	out := make([]float64, d)
	for i := range out {
		out[i] = v
	}
	return out
}

func value(t *testing.T, real, fake *Stats) float64 {
	t.Helper()
	r, err := Frechet(real, fake, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Value
}

// Equal covariances leave the distance of the means: the test of pytorch-fid.
func TestFrechetOfMeans(t *testing.T) {
	const d = 2048
	zeros, ones := normal(constant(d, 0), constant(d, 1)), normal(constant(d, 1), constant(d, 1))
	if got := value(t, zeros, ones); math.Abs(got-d) > 1e-9 {
		t.Errorf("distance is %v, want %d", got, d)
	}
}

// Fakes that are all the same, of a model that collapsed, have no covariance: |μ1-μ2|² + tr Σ1 is left.
func TestFrechetOfOnePicture(t *testing.T) {
	const d = 100
	real, fake := normal(constant(d, 0), constant(d, 3)), normal(constant(d, 2), constant(d, 0))
	for _, got := range []float64{value(t, real, fake), value(t, fake, real)} {
		if want := 4.0*d + 3*d; math.Abs(got-want) > 1e-9*want {
			t.Errorf("distance is %v, want %v", got, want)
		}
	}
	if got := value(t, fake, fake); got != 0 {
		t.Errorf("the distance of one picture to itself is %v, want 0", got)
	}
}

// Diagonal covariances have the closed form Σ (μ1-μ2)² + (σ1-σ2)². A variance of zero is a feature that never fires.
func TestFrechetOfDiagonals(t *testing.T) {
	const d = 100
	m1, m2, v1, v2 := golden.Values(1, d), golden.Values(2, d), golden.Values(3, d), golden.Values(4, d)
	var a, b, va, vb []float64
	want := 0.0
	for i := range d {
		va, vb = append(va, math.Pow(10, 4*float64(v1[i]))), append(vb, math.Pow(10, 4*float64(v2[i])))
		if i%10 == 3 {
			va[i] = 0
		}
		if i%15 == 3 {
			vb[i] = 0
		}
		a, b = append(a, float64(m1[i])), append(b, float64(m2[i]))
		dm, ds := a[i]-b[i], math.Sqrt(va[i])-math.Sqrt(vb[i])
		want += dm*dm + ds*ds
	}
	within(t, "distance", value(t, normal(a, va), normal(b, vb)), want, 1e-13)
}

// Equal sets have the distance 0 up to the rounding of their traces, with more and with fewer pictures than features,
// from rows and from statistics; and every score is the same both ways.
func TestFrechetOfEqualSets(t *testing.T) {
	for _, n := range []int{10, 49, 50, 51, 300} {
		r := featuresOf(1, n, 50, 0)
		for form, s := range map[string]*Stats{"rows": kept(t, r), "statistics": measured(t, r)} {
			tr := trace(s.Cov, 50)
			if got := value(t, s, s); !(got >= 0 && got <= 1e-12*tr) {
				t.Errorf("%d %s: distance of a set to itself is %g, its trace %g", n, form, got, tr)
			}
		}
		if got := value(t, kept(t, r), measured(t, r)); !(got >= 0 && got <= 1e-7*trace(measured(t, r).Cov, 50)) {
			t.Errorf("%d: distance between the rows of a set and its statistics is %g", n, got)
		}
	}
}

func TestFrechetIsSymmetric(t *testing.T) {
	for _, n := range []int{20, 100} {
		x, y := kept(t, featuresOf(1, n, 50, 0)), kept(t, featuresOf(2, 80, 50, 0.125))
		within(t, "distance of swapped sides", value(t, y, x), value(t, x, y), 1e-12)
	}
}

// Features s times as large are s² times as far apart, also beyond the range of squares in float32.
func TestFrechetScales(t *testing.T) {
	for _, n := range []int{20, 100} {
		x, y := featuresOf(1, n, 50, 0), featuresOf(2, n, 50, 0.125)
		want := value(t, kept(t, x), kept(t, y))
		for _, scale := range []float32{1 << 40, 1.0 / (1 << 40)} {
			for _, r := range []Rows{x, y} {
				for i := range r.Data {
					r.Data[i] *= scale
				}
			}
			within(t, "scaled distance", value(t, kept(t, x), kept(t, y)), want*float64(scale)*float64(scale), 1e-12)
			for _, r := range []Rows{x, y} {
				for i := range r.Data {
					r.Data[i] /= scale
				}
			}
		}
	}
}

// A covariance that went through float32 has negative eigenvalues where it should have zeros: it is used all the same.
func TestFrechetOfRoundedCovariance(t *testing.T) {
	exact := [2]*Stats{measured(t, featuresOf(1, 40, 60, 0)), measured(t, featuresOf(2, 45, 60, 0.125))}
	want := value(t, exact[0], exact[1])
	var rounded [2]*Stats
	for i, s := range exact {
		c := *s
		c.Cov = append([]float64{}, s.Cov...)
		for k := range c.Cov {
			c.Cov[k] = float64(float32(c.Cov[k]))
		}
		rounded[i] = &c
	}
	// Each of 20 zero eigenvalues moves by up to 1e-7, and the square roots of products of some by its root.
	within(t, "distance of rounded statistics", value(t, rounded[0], rounded[1]), want, 2e-3)
}

func TestFrechetNames(t *testing.T) {
	for extractor, want := range map[string][2]string{
		"inception-2015": {"fid", "sfid"}, "fashion-cnn": {"fd_fashion_cnn", "sfd_fashion_cnn"}, "": {"fd_unknown", "sfd_unknown"},
	} {
		s := measured(t, featuresOf(1, 20, 5, 0))
		s.Extractor, s.SpatialMean, s.SpatialCov = extractor, s.Mean, s.Cov
		for i, score := range []func(a, b *Stats, o *Options) (Result, error){Frechet, SpatialFrechet} {
			if r, err := score(s, s, nil); err != nil || r.Name != want[i] || !r.IsDistance() {
				t.Errorf("the score of %q is %q, %v, want %s", extractor, r.Name, err, want[i])
			}
		}
	}
}

// What one side does not say is taken from the other: files of other programs say nothing.
func TestFrechetWithUnknownSide(t *testing.T) {
	known := measured(t, featuresOf(1, 20, 5, 0))
	known.WeightsSHA256, known.WeightsOfficial = "6726", true
	unknown := &Stats{Mean: known.Mean, Cov: known.Cov, DDoF: 1}
	for _, sides := range [][2]*Stats{{known, unknown}, {unknown, known}} {
		r, err := Frechet(sides[0], sides[1], nil)
		if err != nil || r.Name != "fid" || r.WeightsSHA256 != "6726" || !r.WeightsOfficial || r.Preprocess != "tf1" ||
			r.NReal != sides[0].N || r.NFake != sides[1].N {
			t.Errorf("the score is %+v, %v", r, err)
		}
	}
}

func TestFrechetErrors(t *testing.T) {
	good := func() *Stats { return kept(t, featuresOf(1, 20, 5, 0)) }
	with := func(change func(s *Stats)) *Stats {
		s := good()
		change(s)
		return s
	}
	dropRows := func(s *Stats) { s.Pool = Rows{} }
	for want, fake := range map[string]*Stats{
		"different extractors, inception-2015 and vgg16":                    with(func(s *Stats) { s.Extractor = "vgg16" }),
		"different weights, a and b":                                        with(func(s *Stats) { s.WeightsSHA256 = "b" }),
		"different preprocessing, tf1 and clean":                            with(func(s *Stats) { s.Preprocess = "clean" }),
		"fake has n = 1: a covariance with ddof 1 needs 2 pictures or more": {Pool: featuresOf(1, 1, 5, 0)},
		"real has 5 features, fake (f.npz) 4":                               with(func(s *Stats) { *s = *measured(t, featuresOf(1, 20, 4, 0)); s.Source = "f.npz" }),
		"neither statistics nor rows":                                       {},
		"covariance of 24 numbers for 5 features":                           with(func(s *Stats) { dropRows(s); s.Cov = s.Cov[:24] }),
		"NaN or an infinity":                                                with(func(s *Stats) { dropRows(s); s.Cov[3] = math.NaN() }),
		"feature 2 of row 1 (counted from 0) is NaN":                        {Pool: Rows{3, 4, []float32{0, 0, 0, 0, 0, 0, float32(math.NaN()), 0, 0, 0, 0, 0}}},
		"variances of 1e+200 in all":                                        with(func(s *Stats) { dropRows(s); s.Cov[0] = 1e200 }),
		"not positive semi-definite":                                        with(func(s *Stats) { dropRows(s); s.Cov[0] = -s.Cov[0] }),
		"not positive semi-definite (by 3 of its largest":                   with(func(s *Stats) { *s = *normal(constant(5, 0), constant(5, 1)); s.Cov[1], s.Cov[5] = 2, 2 }),
	} {
		real := good()
		real.WeightsSHA256 = "a"
		_, err := Frechet(real, fake, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "stats: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line with %q", err, want)
		}
	}
	unknown := good()
	dropRows(unknown)
	unknown.N = 0
	o := DefaultOptions()
	o.DDoF = 0
	if _, err := Frechet(good(), unknown, &o); err == nil || !strings.Contains(err.Error(), "ask for ddof 1") {
		t.Errorf("another divisor for an unknown N: %v", err)
	}
}

func TestOptions(t *testing.T) {
	s := measured(t, featuresOf(1, 20, 5, 0))
	_, err := Frechet(s, s, &Options{Bootstrap: 1, Seed: 1 << 32, DDoF: -1})
	for _, want := range []string{"DDoF is -1", "ISSplits is 0", "KIDSubsets is 0", "KIDSubsetSize is 0", "K is 0", "Seed is 4294967296", "Bootstrap is 1", "DefaultOptions"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
