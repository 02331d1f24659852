package stats

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func BenchmarkFrechet2048(b *testing.B) {
	x, y := measured(b, featuresOf(1, 4000, 2048, 0)), measured(b, featuresOf(2, 4000, 2048, 0.125))
	for b.Loop() {
		if _, err := Frechet(x, y, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var file bytes.Buffer
	if err := measured(b, featuresOf(1, 4000, 2048, 0)).Write(&file); err != nil {
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
	r := featuresOf(1, 4096, 2048, 0)
	for b.Loop() {
		if _, err := momentsOf(r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(r.N)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkKernel(b *testing.B) {
	x, y := &Stats{Pool: featuresOf(1, 2000, 2048, 0)}, &Stats{Pool: featuresOf(2, 2000, 2048, 0)}
	o := DefaultOptions()
	o.KIDSubsets = 5
	for b.Loop() {
		if _, err := Kernel(x, y, &o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPRDC(b *testing.B) {
	x, y := &Stats{Pool: featuresOf(1, 2000, 2048, 0)}, &Stats{Pool: featuresOf(2, 2000, 2048, 0)}
	for b.Loop() {
		if _, err := PRDC(x, y, nil); err != nil {
			b.Fatal(err)
		}
	}
}
