package stats

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/weights"
)

// FuzzRead: whatever is in a file, Read returns statistics that a distance can be computed of or refused, or one line.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"testdata/ref/*.npz", "testdata/snap/*.npz"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || paths == nil {
			f.Fatalf("no %s: %v", pattern, err)
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) { readAnything(t, content) })
}

// FuzzProvenance: the same for what a file says of itself, and for the numbers of a small covariance.
func FuzzProvenance(f *testing.F) {
	f.Add(`{"n":20,"ddof":1,"extractor":"inception-2015","shards":[{"index":1,"of":2}],"time":"2026-11-24T12:00:00Z"}`, 1.0, 0.5)
	f.Add(`{"n":-1}`, 1e300, -1e300)
	f.Fuzz(func(t *testing.T, text string, variance, covariance float64) {
		var file bytes.Buffer
		err := weights.WriteNPZ(&file, map[string]weights.Array{
			"mu": weights.FromFloat64([]float64{0, variance}, 2), "gogan": weights.FromUint8([]byte(text), len(text)),
			"sigma": weights.FromFloat64([]float64{variance, covariance, covariance, variance}, 2, 2),
		}, false)
		if err != nil {
			t.Fatal(err)
		}
		readAnything(t, file.Bytes())
	})
}

func readAnything(t *testing.T, content []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.npz")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Read(path)
	if err != nil {
		if !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q is not one line with the file", err)
		}
		return
	}
	if r, err := Frechet(s, s, nil); err == nil && !(r.Value >= 0) {
		t.Errorf("the distance of a set to itself is %v", r.Value)
	}
	_, _ = Merge(s) // must not panic; whether the parts suffice is tested elsewhere
}
