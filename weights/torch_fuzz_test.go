package weights

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkTorch demands of whatever is read that it is no larger than it may be, and that it is the same after it was
// written in both forms and read back.
func checkTorch(t *testing.T, data []byte) {
	arrays, _, err := decodeTorch(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Fatalf("%q is not one line of text", err)
		}
		return
	}
	total := 0
	for name, a := range arrays {
		if err := a.check(); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		total += len(a.Data)
	}
	if limit := torchFree + (torchRatio+unzipRatio)*len(data); total > limit {
		t.Fatalf("%d bytes of arrays from %d", total, len(data))
	}
	if slices.ContainsFunc(slices.Collect(maps.Keys(arrays)), func(name string) bool { return !utf8.ValidString(name) }) {
		return // Python 2 writes such names; they cannot be written again
	}
	for _, write := range []func(io.Writer, map[string]Array) error{WriteTorch, WriteTorchLegacy} {
		var b bytes.Buffer
		if err := write(&b, arrays); err != nil {
			if !strings.Contains(err.Error(), "use the zip form") {
				t.Fatal(err)
			}
			continue
		}
		again, _, err := decodeTorch(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		sameArrays(t, again, arrays)
	}
}

func FuzzReadTorch(f *testing.F) {
	seed(f, "torch_*.pth")
	seed(f, "bad_*.pth")
	f.Fuzz(func(t *testing.T, data []byte) { checkTorch(t, data) })
}

// FuzzTorchPickle changes only the pickle of an archive: the checksums of whole archives keep a fuzzer away from it.
func FuzzTorchPickle(f *testing.F) {
	paths := []string{"torch_views_zip.pth", "torch_views_protocol4.pth", "torch_state_zip.pth", "bad_system.pth", "bad_object_array.pth"}
	for _, path := range paths {
		archive, err := zip.OpenReader("testdata/ref/" + path)
		if err != nil {
			f.Fatal(err)
		}
		defer archive.Close()
		pickle, err := archive.Open(strings.TrimSuffix(archive.File[0].Name, "/data.pkl") + "/data.pkl")
		if err != nil {
			f.Fatal(err)
		}
		data, err := io.ReadAll(pickle)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, b := range badPickles() {
		f.Add(b.file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		content := map[string][]byte{"x/data.pkl": data}
		for key, size := range map[string]int{"0": 96, "1": 8, "2": 48, "3": 24, "4": 4} {
			content["x/data/"+key] = make([]byte, size)
		}
		checkTorch(t, zipOf(t, content, nil))
	})
}
