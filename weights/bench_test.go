package weights

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// benchArrays are 100 MB of float32 in ten arrays.
func benchArrays() map[string]Array {
	arrays := map[string]Array{}
	for i := range 10 {
		data := make([]byte, 10_000_000)
		for k := range data {
			data[k] = byte(k * (i + 1) >> 3)
		}
		arrays[string(rune('a'+i))] = Array{F32, []int{2_500_000}, data}
	}
	return arrays
}

func BenchmarkSafetensors(b *testing.B) {
	arrays := benchArrays()
	path := filepath.Join(b.TempDir(), "x.safetensors")
	b.Run("write", func(b *testing.B) {
		b.SetBytes(100_000_000)
		for b.Loop() {
			writeTo(b, path, func(w io.Writer) error { return WriteSafetensors(w, arrays, nil) })
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(100_000_000)
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := ReadSafetensors(path); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkNPZ(b *testing.B) {
	arrays := benchArrays()
	path := filepath.Join(b.TempDir(), "x.npz")
	b.Run("write", func(b *testing.B) {
		b.SetBytes(100_000_000)
		for b.Loop() {
			writeTo(b, path, func(w io.Writer) error { return WriteNPZ(w, arrays, false) })
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(100_000_000)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ReadNPZ(path); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkFloat32s(b *testing.B) {
	a := benchArrays()["a"]
	b.SetBytes(int64(len(a.Data)))
	for b.Loop() {
		if _, err := a.Float32s(); err != nil {
			b.Fatal(err)
		}
	}
}

func writeTo(b *testing.B, path string, write func(io.Writer) error) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		b.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
