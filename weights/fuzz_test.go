package weights

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The parsers must neither panic nor accept what they could not write again: whatever is read is written, read back,
// and must be equal.

// seed adds the reference files of the pattern to the corpus.
func seed(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata/ref", pattern))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzReadSafetensors(f *testing.F) {
	seed(f, "*.safetensors")
	for _, bad := range badSafetensors {
		f.Add(bad.file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		arrays, metadata, err := decodeSafetensors(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		total := 0
		for _, a := range arrays {
			total += len(a.Data)
		}
		if total > len(data) {
			t.Fatalf("%d bytes of arrays from a file of %d", total, len(data))
		}
		var b bytes.Buffer
		if err := WriteSafetensors(&b, arrays, metadata); err != nil {
			t.Fatal(err)
		}
		again, metadataAgain, err := decodeSafetensors(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		sameArrays(t, again, arrays)
		if !maps.Equal(metadata, metadataAgain) {
			t.Fatalf("metadata %q became %q", metadata, metadataAgain)
		}
	})
}

func FuzzReadNPY(f *testing.F) {
	seed(f, "*.npy")
	for _, bad := range badNPY {
		f.Add(bad.file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ReadNPY(bytes.NewReader(data))
		if err != nil {
			return
		}
		if len(a.Data) > len(data) {
			t.Fatalf("an array of %d bytes from %d", len(a.Data), len(data))
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, a); err != nil {
			t.Fatal(err)
		}
		again, err := ReadNPY(&b)
		if err != nil {
			t.Fatal(err)
		}
		sameArray(t, "read again", again, a)
	})
}

func FuzzReadNPZ(f *testing.F) {
	seed(f, "*.npz")
	f.Fuzz(func(t *testing.T, data []byte) {
		arrays, err := decodeNPZ(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteNPZ(&b, arrays, len(data)%2 == 0); err != nil {
			t.Fatal(err)
		}
		again, err := decodeNPZ(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(slices.Collect(maps.Values(arrays)), func(a Array) bool { return a.check() != nil }) {
			t.Fatal("an array whose data does not fit its shape was read")
		}
		sameArrays(t, again, arrays)
	})
}
