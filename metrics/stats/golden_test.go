package stats

import (
	"math"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
)

// featuresOf returns the features of testdata/ref/make_stats.py: unequal variances and four common factors.
func featuresOf(salt uint32, n, d int, shift float32) Rows {
	r := Rows{n, d, golden.Values(salt, n*d)}
	common := golden.Values(salt+1000, n*4)
	for i := range n {
		row := r.Row(i)
		for j := range row {
			row[j] = row[j]/float32(int(1)<<(j%5)) + common[4*i+j%4]*0.5
			row[j] += shift
		}
	}
	return r
}

// measured returns the statistics of rows, without them.
func measured(tb testing.TB, r Rows) *Stats {
	tb.Helper()
	m, err := momentsOf(r)
	if err != nil {
		tb.Fatal(err)
	}
	cov, err := m.Covariance(1)
	if err != nil {
		tb.Fatal(err)
	}
	return &Stats{N: r.N, Mean: m.Mean, Cov: cov, DDoF: 1, Extractor: inception, Preprocess: "tf1"}
}

// kept returns the statistics of rows, with them.
func kept(tb testing.TB, r Rows) *Stats {
	tb.Helper()
	s := measured(tb, r)
	s.Pool = r
	return s
}

// reference returns the values of testdata/ref/scores.npz.
func reference(t *testing.T) func(name string) []float64 {
	t.Helper()
	arrays, err := weights.ReadNPZ("testdata/ref/scores.npz")
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) []float64 {
		t.Helper()
		v, err := arrays[name].Float64s()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
}

// within fails if got differs from want by more than relative·|want|.
func within(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*math.Abs(want)) {
		t.Errorf("%s is %.15g, want %.15g within %g of it", what, got, want, relative)
	}
}

func TestFrechetGolden(t *testing.T) {
	ref := reference(t)
	for _, c := range []struct {
		name    string
		n, m, d int
		sqrtm   bool
	}{{"tall", 500, 400, 64, true}, {"square", 65, 70, 64, true}, {"mixed", 200, 30, 48, true}, {"wide", 40, 30, 128, true}, {"inception", 24, 20, 2048, false}} {
		x, y := featuresOf(1, c.n, c.d, 0), featuresOf(2, c.m, c.d, 0.125)
		for form, sides := range map[string][2]*Stats{
			"rows": {kept(t, x), kept(t, y)}, "statistics": {measured(t, x), measured(t, y)}, "both": {kept(t, x), measured(t, y)},
		} {
			t.Run(c.name+"/"+form, func(t *testing.T) {
				r, err := Frechet(sides[0], sides[1], nil)
				if err != nil {
					t.Fatal(err)
				}
				if r.Name != "fid" || r.NReal != c.n || r.NFake != c.m || r.DDoF != 1 || r.Extractor != inception || r.Preprocess != "tf1" {
					t.Errorf("the score is described as %+v", r)
				}
				// The rounding of float64 in sums of 2048 variances; a singular covariance is less exact than its rows.
				within(t, "fid", r.Value, ref("fid." + c.name + ".exact")[0], 1e-10)
				if c.sqrtm { // torch-fidelity's means are float32
					within(t, "fid", r.Value, ref("fid." + c.name + ".pytorch-fid")[0], 1e-6)
					within(t, "fid", r.Value, ref("fid." + c.name + ".torch-fidelity")[0], 1e-6)
				}
				o := DefaultOptions()
				o.DDoF = 0
				if r, err = Frechet(sides[0], sides[1], &o); err != nil {
					t.Fatal(err)
				}
				within(t, "fid with ddof 0", r.Value, ref("fid." + c.name + ".ddof0")[0], 1e-10)
			})
		}
	}
}

func TestInceptionScoreGolden(t *testing.T) {
	ref := reference(t)
	for _, c := range []struct {
		name  string
		n, c  int
		scale float32
	}{{"few", 103, 20, 8}, {"inception", 50, 1008, 16}} {
		r, err := InceptionScore(&Stats{Logits: Rows{c.n, c.c, golden.Scaled(3, c.n*c.c, c.scale)}, Extractor: inception}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := ref("is." + c.name)
		within(t, c.name, r.Value, want[0], 1e-12)
		within(t, c.name+" std", r.Std, want[1], 1e-11) // a difference of scores
		if r.Name != "is" || r.StdOf != "splits" || r.NFake != c.n {
			t.Errorf("the score is described as %+v", r)
		}
	}
}

func TestKernelGolden(t *testing.T) {
	ref := reference(t)
	for _, c := range []struct {
		name             string
		n, m, d          int
		size, subsetsNum int
	}{{"small", 150, 120, 64, 50, 20}, {"inception", 60, 50, 2048, 40, 5}} {
		o := DefaultOptions()
		o.KIDSubsets, o.KIDSubsetSize = c.subsetsNum, c.size
		r, err := Kernel(&Stats{Pool: featuresOf(1, c.n, c.d, 0), Extractor: inception}, &Stats{Pool: featuresOf(2, c.m, c.d, 0.125)}, &o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Name != "kid" || r.StdOf != "subsets" {
			t.Errorf("the score is described as %+v", r)
		}
		for suffix, tolerance := range map[string]float64{".f64": 1e-11, "": 1e-5} { // torch-fidelity itself computes in float32
			want := ref("kid." + c.name + suffix)
			within(t, c.name+suffix, r.Value, want[0], tolerance)
			within(t, c.name+suffix+" std", r.Std, want[1], tolerance)
		}
	}
}

func TestNeighboursGolden(t *testing.T) {
	ref := reference(t)
	real, fake := featuresOf(1, 200, 16, 0), featuresOf(2, 150, 16, 0.125)
	results, err := PRDC(kept(t, real), kept(t, fake), nil)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"prdc_precision", "prdc_recall", "prdc_density", "prdc_coverage"}
	if len(results) != len(names) {
		t.Fatalf("%d scores, want %d", len(results), len(names))
	}
	for i, r := range results {
		if r.Name != names[i] {
			t.Errorf("score %d is %s, want %s", i, r.Name, names[i])
		}
		within(t, r.Name, r.Value, ref("prdc")[i], 1e-15) // shares of whole numbers
	}
	precision, recall, err := PrecisionRecall(real, fake, 3)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "precision", precision, ref("pr")[0], 1e-15)
	within(t, "recall", recall, ref("pr")[1], 1e-15)
}
