package weights

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkTorch reads and writes 100 MB of float32; "file" is what reading the bytes alone costs.
func BenchmarkTorch(b *testing.B) {
	arrays := benchArrays()
	dir := b.TempDir()
	forms := map[string]func(io.Writer, map[string]Array) error{"zip": WriteTorch, "legacy": WriteTorchLegacy}
	for _, form := range []string{"zip", "legacy"} {
		path := filepath.Join(dir, form+".pth")
		writeTo(b, path, func(w io.Writer) error { return forms[form](w, arrays) })
		b.Run(form+"/write", func(b *testing.B) {
			b.SetBytes(100_000_000)
			for b.Loop() {
				writeTo(b, path, func(w io.Writer) error { return forms[form](w, arrays) })
			}
		})
		b.Run(form+"/read", func(b *testing.B) {
			b.SetBytes(100_000_000)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadTorch(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("file", func(b *testing.B) {
		b.SetBytes(100_000_000)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := os.ReadFile(filepath.Join(dir, "zip.pth")); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkTorchStrided gathers a tensor whose channels come last, element by element.
func BenchmarkTorchStrided(b *testing.B) {
	const n, c, h, w = 64, 256, 16, 16
	data := make([]byte, 4*n*c*h*w)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		gather(make([]byte, 0, len(data)), data, 0, []int{n, c, h, w}, []int{4 * c * h * w, 4, 4 * c * w, 4 * c}, 4)
	}
}
