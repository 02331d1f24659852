package metrics

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// all are the options of every metric of a small network.
func all(n *network) *Options {
	return &Options{Network: n, Metrics: []string{"fd", "kd", "classifier_score", "prdc"}, KIDSubsets: 4, KIDSubsetSize: 20}
}

func TestScoreNames(t *testing.T) {
	n := small()
	results, err := Score(t.Context(), pictures{n: 40, salt: 1}, pictures{n: 30, salt: 100}, all(n))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range results {
		names = append(names, r.Name)
		if r.Extractor != "tiny-net" || r.WeightsSHA256 != "0123456789abcdef" || !r.WeightsOfficial || r.Preprocess != "whole" ||
			r.Seed != 2020 || r.DDoF != 1 || time.Since(r.Time) > time.Minute || r.NFake != 30 {
			t.Errorf("%+v", r)
		}
		if wantReal := 40; strings.HasPrefix(r.Name, "classifier") && r.NReal != 0 || !strings.HasPrefix(r.Name, "classifier") && r.NReal != wantReal {
			t.Errorf("%s compares with %d reals", r.Name, r.NReal)
		}
	}
	want := []string{"fd_tiny_net", "kd_tiny_net", "classifier_score_tiny_net", "prdc_precision_tiny_net", "prdc_recall_tiny_net",
		"prdc_density_tiny_net", "prdc_coverage_tiny_net"}
	if !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if n.pictures.Load() != 70 {
		t.Errorf("%d pictures went through the network, want each of 70 once", n.pictures.Load())
	}
	if n.closed.Load() {
		t.Error("a network of the caller was closed")
	}
}

// Features that are linear in the pixels move by one vector when all pictures get brighter by c, and with equal
// covariances FID is the square of its length: Σ_j (c·mean_i cos(i(j+1)))².
func TestMeanShift(t *testing.T) {
	const c, samples = 15, 36
	want := 0.0
	for j := range 8 {
		mean := 0.0
		for i := range samples {
			mean += math.Cos(float64(i*(j+1))) / samples
		}
		want += c * mean * c * mean
	}
	for _, n := range []int{5, 50} { // from rows and from covariances
		r, err := FID(t.Context(), pictures{n: n}, pictures{n: n, shift: c}, &Options{Network: small()})
		if err != nil {
			t.Fatal(err)
		}
		// The features are float32 of size 10: 1e-6 each, 1e-5 with the sum of their squares.
		near(t, "FID of a shift", r.Value, want, 1e-5)
		if r, err = FID(t.Context(), pictures{n: n}, pictures{n: n}, &Options{Network: small()}); err != nil || r.Value > 1e-9 || r.Value < 0 {
			t.Errorf("FID of a set with itself is %v (%v)", r.Value, err)
		}
	}
}

// Neither the order of the pictures, nor the batch size, nor whether the length is known change a score.
func TestIndependence(t *testing.T) {
	reals, fakes := pictures{n: 45, salt: 1}, pictures{n: 37, salt: 200}
	score := func(reals, fakes Images, batch int) []Result {
		t.Helper()
		n := small()
		n.batch = batch
		results, err := Score(t.Context(), reals, fakes, all(n))
		if err != nil {
			t.Fatal(err)
		}
		for i := range results {
			results[i].Time = time.Time{}
		}
		return results
	}
	want := score(reals, fakes, 64)
	for _, batch := range []int{1, 4, 36, 37} {
		if got := score(reals, fakes, batch); !slices.Equal(got, want) {
			t.Errorf("batch %d: got\n%v, want\n%v", batch, got, want)
		}
	}
	if got := score(unsized(reals), unsized(fakes), 4); !slices.Equal(got, want) {
		t.Errorf("with an unknown length: got\n%v, want\n%v", got, want)
	}
	// What is drawn goes by the order, so kd and classifier_score only agree within their spread.
	got := score(reversed(reals), reversed(fakes), 4)
	for i, r := range want {
		tolerance := 1e-9
		if r.StdOf != "" {
			tolerance = 3 * r.Std
		}
		near(t, "reversed "+r.Name, got[i].Value, r.Value, tolerance)
	}
}

// Statistics on disk, in one file or in shards, give what measuring both sides at once gives.
func TestStatsFiles(t *testing.T) {
	reals, fakes := pictures{n: 45, salt: 1}, pictures{n: 37, salt: 200}
	opt := &Options{Network: small()}
	want, err := FID(t.Context(), reals, fakes, opt)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string, images Images) *Stats {
		t.Helper()
		s, err := Measure(t.Context(), images, opt)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := s.Write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		back, err := ReadStats(path)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
	a, b := file("reals.npz", reals), file("fakes.npz", fakes)
	got, err := Frechet(a, b)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "from files", got.Value, want.Value, 1e-9)
	if got.Name != want.Name || got.NReal != 45 || got.NFake != 37 || got.Preprocess != "whole" || a.Source != "pictures 1" {
		t.Errorf("%+v of %q", got, a.Source)
	}
	scorer, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer scorer.Close()
	compared, err := scorer.Compare(a, b)
	if err != nil || len(compared) != 1 {
		t.Fatal(compared, err)
	}
	near(t, "compared", compared[0].Value, want.Value, 1e-9)
	// Fewer pictures than features: the file has mean and covariance all the same.
	few := file("few.npz", pictures{n: 5})
	if len(few.Mean) != 8 || len(few.Cov) != 64 || few.N != 5 {
		t.Errorf("a file of 5 pictures has %d means and %d covariances", len(few.Mean), len(few.Cov))
	}
	if compared, err = Compare(a, b, opt); err != nil || compared[0].Value != got.Value {
		t.Errorf("without a network: %v (%v), want %v", compared, err, got)
	}
	b.WeightsSHA256 = "ff00ff00ff00ff00"
	_, err = scorer.Compare(a, b)
	checkError(t, err, "pictures 200", "ff00ff00", "01234567")
	b.WeightsSHA256, b.Preprocess = a.WeightsSHA256, "half"
	_, err = scorer.Compare(a, b)
	checkError(t, err, "preprocessing", "half", "whole")
	_, err = Compare(a, b, &Options{Network: small(), Metrics: []string{"kd"}})
	checkError(t, err, "kd", "pictures 1", "--features")
	if _, err := Frechet(a, b); err == nil || !strings.Contains(err.Error(), "half") {
		t.Errorf("statistics of two rules: %v", err)
	}
}

// Rows are kept only where a metric needs them, or where there are fewer of them than features.
func TestMemory(t *testing.T) {
	for _, test := range []struct {
		opt  Options
		n    int
		want [3]int // rows of pool, logits and spatial features
	}{
		{Options{Metrics: []string{"fd"}}, 20, [3]int{0, 0, 0}},
		{Options{Metrics: []string{"fd"}}, 5, [3]int{5, 0, 0}},
		{Options{Metrics: []string{"fd"}, Bootstrap: 10}, 20, [3]int{20, 0, 0}},
		{Options{Metrics: []string{"kd"}, KIDSubsetSize: 3}, 20, [3]int{20, 0, 0}},
		{Options{Metrics: []string{"classifier_score"}}, 20, [3]int{0, 20, 0}},
		{Options{Metrics: []string{"fd", "prdc"}}, 20, [3]int{20, 0, 0}},
	} {
		test.opt.Network = small()
		for _, images := range []Images{pictures{n: test.n}, unsized(pictures{n: test.n})} {
			s, err := Measure(t.Context(), images, &test.opt)
			if err != nil {
				t.Fatal(err)
			}
			if got := [3]int{s.Pool.N, s.Logits.N, s.Spatial.N}; got != test.want {
				t.Errorf("%v of %d pictures keep the rows %v, want %v", test.opt.Metrics, test.n, got, test.want)
			}
			if moments := len(s.Cov) == 64; moments != slices.Contains(test.opt.Metrics, "fd") {
				t.Errorf("%v: covariance of %d numbers", test.opt.Metrics, len(s.Cov))
			}
		}
	}
}

// Only inception-2015 has sFID; its features are of the spatial output.
func TestInceptionMetrics(t *testing.T) {
	n := small()
	n.name = "inception-2015"
	opt := &Options{Network: n, Metrics: []string{"sfid", "is", "fid", "kid"}, KIDSubsetSize: 10, ISSplits: 3, Bootstrap: 20}
	results, err := Score(t.Context(), pictures{n: 20}, pictures{n: 21, salt: 50}, opt)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range results {
		names = append(names, r.Name)
	}
	if want := []string{"sfid", "is", "fid", "kid"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	// This network gives the same numbers on both outputs.
	near(t, "sFID", results[0].Value, results[2].Value, 1e-9)
	if ci := results[2].CI; !(ci[0] <= results[2].Value && results[2].Value <= ci[1]) || ci[0] == ci[1] {
		t.Errorf("FID %v has the interval %v", results[2].Value, ci)
	}
}

// What other programs would report comes from one reading of each side, and their covariances differ by ddof.
func TestReports(t *testing.T) {
	n := small()
	n.name, n.rules = "inception-2015", []Preprocess{TF1, PytorchFID, Clean, Torchmetrics}
	reals, fakes := pictures{n: 30}, pictures{n: 25, salt: 50}
	reports, err := Reports(t.Context(), reals, fakes, &Options{Network: n, Metrics: []string{"fid", "kid"}, KIDSubsetSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	if got := n.pictures.Load(); got != 4*55 {
		t.Errorf("%d pictures went through the network, want 55 for each of 4 rules", got)
	}
	byName := map[string]Report{}
	for _, report := range reports {
		byName[report.Name] = report
		for i, r := range report.Results {
			if r.Name != []string{"fid", "kid"}[i] || r.Preprocess != string(report.Preprocess) || r.DDoF != report.DDoF {
				t.Errorf("%s reports %+v", report.Name, r)
			}
		}
	}
	if len(reports) != 6 || len(byName["pytorch-fid"].Results) != 1 || len(byName["torch-fidelity"].Results) != 2 {
		t.Fatalf("%+v", reports)
	}
	for _, name := range []string{"torch-fidelity", "StyleGAN2-ADA", "clean-fid"} {
		report := byName[name]
		opt := &Options{Network: n, Preprocess: report.Preprocess, DDoF: report.DDoF}
		if opt.DDoF == 0 {
			opt.DDoF = Zero
		}
		want, err := FID(t.Context(), reals, fakes, opt)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, report.Results[0].Value, want.Value, 1e-9)
	}
	if a, b := byName["torch-fidelity"].Results[0].Value, byName["StyleGAN2-ADA"].Results[0].Value; math.Abs(a-b) < 1e-3 {
		t.Errorf("ddof makes no difference: %v and %v", a, b)
	}
	if _, err := Reports(t.Context(), reals, fakes, &Options{Network: small()}); err == nil || !strings.Contains(err.Error(), "inception-2015") {
		t.Errorf("reports with another network: %v", err)
	}
}
