package main

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/gogan-ml/gogan/metrics"
)

// Statistics in a file stand for pictures, in parts as well as in one piece.
func TestStats(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "reals.npz"), "test", 0, 61)
	clothes(t, filepath.Join(dir, "fakes.npz"), "train", 0, 60)
	var report statsReport
	execute(t, dir, cloth("stats", "reals.npz", "--out", "stats/reals.npz", "--json")...).document(t, &report)
	if report.N != 61 || report.Source != "reals.npz" || report.Extractor != "fashion-cnn" || report.Features || report.File != "stats/reals.npz" {
		t.Errorf("%+v", report)
	}
	var parts []string
	for i, shard := range []string{"0/3", "1/3", "2/3"} { // as jobs count from 0
		parts = append(parts, fmt.Sprintf("part%d.npz", i))
		execute(t, dir, cloth("stats", "reals.npz", "--out", parts[i], "--shard", shard, "--features")...).ok(t)
	}
	execute(t, dir, append([]string{"stats", "merge", "--out", "merged.npz", "--json"}, parts...)...).document(t, &report)
	if report.N != 61 || !report.Features {
		t.Errorf("%+v", report)
	}
	whole, merged := readStats(t, filepath.Join(dir, "stats/reals.npz")), readStats(t, filepath.Join(dir, "merged.npz"))
	for i, v := range whole.Cov {
		if math.Abs(v-merged.Cov[i]) > 1e-12*max(1, math.Abs(v)) {
			t.Fatalf("covariance %d: %v in one run, %v merged", i, v, merged.Cov[i])
		}
	}
	for i, v := range whole.Mean {
		if math.Abs(v-merged.Mean[i]) > 1e-12*max(1, math.Abs(v)) {
			t.Fatalf("mean %d: %v in one run, %v merged", i, v, merged.Mean[i])
		}
	}
	want := execute(t, dir, cloth("score", "--real", "reals.npz", "--fake", "fakes.npz", "--json")...).value(t)
	for _, side := range []string{"stats/reals.npz", "merged.npz"} {
		got := execute(t, dir, cloth("score", "--real-stats", side, "--fake", "fakes.npz", "--json")...).value(t)
		near(t, "with "+side, got, want, 1e-6)
	}
	execute(t, dir, cloth("stats", "fakes.npz", "--out", "stats/fakes.npz", "--features")...).ok(t)
	both := cloth("score", "--real-stats", "merged.npz", "--fake-stats", "stats/fakes.npz", "--json")
	near(t, "of two files", execute(t, dir, both...).value(t), want, 1e-6)
	direct := execute(t, dir, cloth("score", "--real", "reals.npz", "--fake", "fakes.npz", "--metrics", "prdc", "--json")...).results(t)
	for i, s := range execute(t, dir, append(both, "--metrics", "prdc")...).results(t) {
		near(t, s.Name+" of two files", s.Value, direct[i].Value, 1e-12)
	}
	execute(t, dir, cloth("score", "--real-stats", "stats/reals.npz", "--fake", "fakes.npz", "--metrics", "prdc")...).fails(t, 1, "prdc", "--features")
	execute(t, dir, "stats", "merge", "part0.npz", "part2.npz", "--out", "x.npz").fails(t, 1, "missing", "1/3")
	execute(t, dir, "stats", "merge", "part0.npz", "part0.npz", "--out", "x.npz").fails(t, 1, "twice", "3/3")
	execute(t, dir, cloth("score", "--real-stats", "reals.npz", "--fake", "fakes.npz")...).fails(t, 1, "reals.npz", "holds pictures")

	// Of a run, every part draws its own seeds alone.
	for _, shard := range []string{"1/2", "2/2"} {
		execute(t, dir, cloth("stats", trainedRun(t), "--samples", "9", "--out", "run"+shard[:1]+".npz", "--shard", shard)...).ok(t)
	}
	execute(t, dir, "stats", "merge", "run1.npz", "run2.npz", "--out", "run.npz", "--json").document(t, &report)
	execute(t, dir, cloth("stats", trainedRun(t), "--samples", "9", "--out", "straight.npz")...).ok(t)
	a, b := readStats(t, filepath.Join(dir, "run.npz")), readStats(t, filepath.Join(dir, "straight.npz"))
	if report.N != 9 || a.Source != "shared" {
		t.Errorf("%+v of %q", report, a.Source)
	}
	for i, v := range a.Mean {
		near(t, "mean of the run", b.Mean[i], v, 1e-12*max(1, math.Abs(v)))
	}
}

// readStats reads a file of statistics.
func readStats(t *testing.T, path string) *metrics.Stats {
	t.Helper()
	s, err := metrics.ReadStats(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
