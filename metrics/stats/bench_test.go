package stats

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
)

// correlated returns n rows of d features by formula: decaying variances, mixed by neighbours, not negative for the most
// part, as those of a network are.
func correlated(salt uint32, n, d int) Rows {
	r := Rows{n, d, golden.Values(salt, n*d)}
	for i := range n {
		row := r.Row(i)
		for j := range row {
			row[j] = row[j]/(1+0.01*float32(j)) + 0.3*row[(j+1)%d] + 0.2
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

func BenchmarkFrechet2048(b *testing.B) {
	x, y := measured(b, correlated(1, 4000, 2048)), measured(b, correlated(2, 4000, 2048))
	for b.Loop() {
		if _, err := Frechet(x, y, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var file bytes.Buffer
	if err := measured(b, correlated(1, 4000, 2048)).Write(&file); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "stats.npz")
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := Read(path); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMoments(b *testing.B) {
	r := correlated(1, 4096, 2048)
	for b.Loop() {
		if _, err := momentsOf(r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(r.N)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkKernel(b *testing.B) {
	x, y := &Stats{Pool: correlated(1, 2000, 2048)}, &Stats{Pool: correlated(2, 2000, 2048)}
	o := DefaultOptions()
	o.KIDSubsets = 5
	for b.Loop() {
		if _, err := Kernel(x, y, &o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPRDC(b *testing.B) {
	x, y := &Stats{Pool: correlated(1, 2000, 2048)}, &Stats{Pool: correlated(2, 2000, 2048)}
	for b.Loop() {
		if _, err := PRDC(x, y, nil); err != nil {
			b.Fatal(err)
		}
	}
}
