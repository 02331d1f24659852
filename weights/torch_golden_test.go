package weights

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files torch_* in testdata/ref were written by PyTorch 2.15 (make_torch.py). The same tensors lie beside them as
// safetensors, written by the safetensors package.

func TestReadReferenceTorch(t *testing.T) {
	for name, want := range map[string]string{
		"torch_types_zip.pth":              "torch_types_zip",
		"torch_types_legacy.pth":           "torch_types_legacy",
		"torch_state_zip.pth":              "torch_state_zip",
		"torch_state_legacy.pth":           "torch_state_legacy",
		"torch_state_unchecked.pth":        "torch_state_zip",
		"torch_state_deflated.pth":         "torch_state_zip",
		"torch_views_zip.pth":              "torch_views_zip",
		"torch_views_protocol3.pth":        "torch_views_zip",
		"torch_views_protocol4.pth":        "torch_views_zip",
		"torch_views_protocol5.pth":        "torch_views_zip",
		"torch_views_legacy.pth":           "torch_views_legacy",
		"torch_views_protocol4_legacy.pth": "torch_views_legacy",
		"torch_big.pth":                    "torch_big",
		"torch_parts_legacy.pth":           "torch_parts",
	} {
		got, err := ReadTorch(filepath.Join("testdata/ref", name))
		if err != nil {
			t.Error(err)
			continue
		}
		tensors, _, err := ReadSafetensors(filepath.Join("testdata/ref", want+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { sameArrays(t, got, tensors) })
	}
}

// torchTypesArrays are the arrays of torch_types_*, by the formulas of make_torch.py.
func torchTypesArrays() map[string]Array {
	out := map[string]Array{}
	for _, d := range []DType{F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL} {
		out[strings.ToLower(string(d))] = formula(d, 2, 3)
	}
	out["scalar"] = FromFloat32([]float32{1.5})
	out["empty"] = FromInt64(nil, 0, 3)
	out["axes"] = formula(F32, 1, 2, 1, 3, 2)
	out["long"] = formula(U8, 300)
	out["wide"] = Array{DType: F16, Shape: []int{0, 70000, 1 << 33}}
	out["one/ünï"] = formula(F32, 5)
	return out
}

// signed returns the arrays without the types that a legacy file cannot hold.
func signed(arrays map[string]Array) map[string]Array {
	out := maps.Clone(arrays)
	maps.DeleteFunc(out, func(_ string, a Array) bool { return a.DType == U16 || a.DType == U32 || a.DType == U64 })
	return out
}

// The values of a file are those of the formula, so that the comparison with safetensors above is not of two mistakes.
func TestReadTorchValues(t *testing.T) {
	for name, want := range map[string]map[string]Array{
		"torch_types_zip.pth":       torchTypesArrays(),
		"torch_types_legacy.pth":    signed(torchTypesArrays()),
		"torch_tensor.pth":          {"tensor": formula(F32, 2, 3)},
		"torch_unsigned_legacy.pth": {"a": formula(U16, 4)}, // PyTorch writes it and cannot load it
	} {
		got, err := ReadTorch("testdata/ref/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sameArrays(t, got, want)
	}
}

// For the same dictionary the pickle is torch.save's, byte for byte.
func TestWriteTorchEqualsTorch(t *testing.T) {
	var ours bytes.Buffer
	if err := WriteTorch(&ours, torchTypesArrays()); err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile("testdata/ref/torch_types_zip.pth")
	if err != nil {
		t.Fatal(err)
	}
	got, want := zipContents(t, ours.Bytes()), zipContents(t, theirs)
	for name := range want { // what tells how torch.save aligned the entries, and a hash of the content
		if strings.HasPrefix(name, "archive/.") {
			delete(want, name)
		}
	}
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("got entries %q, torch.save wrote %q", g, w)
	}
	for name, w := range want {
		if !bytes.Equal(got[name], w) {
			t.Errorf("%s: got\n%q, torch.save wrote\n%q", name, got[name], w)
		}
	}
}

// zipContents returns the entries of an archive, and demands that each is stored and begins at a multiple of 64 bytes.
func zipContents(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, entry := range archive.File {
		at, err := entry.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		if at%64 != 0 || entry.Method != zip.Store {
			t.Errorf("%s begins at byte %d with method %d", entry.Name, at, entry.Method)
		}
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[entry.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// The head of a legacy stream is torch.save's; then come keys, which for PyTorch are addresses.
func TestWriteTorchLegacyEqualsTorch(t *testing.T) {
	var ours bytes.Buffer
	if err := WriteTorchLegacy(&ours, signed(torchTypesArrays())); err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile("testdata/ref/torch_types_legacy.pth")
	if err != nil {
		t.Fatal(err)
	}
	key := bytes.Index(theirs, []byte("FloatStorage\nq"))
	if key < 0 || !bytes.HasPrefix(ours.Bytes(), theirs[:key]) {
		t.Errorf("got\n%q, torch.save wrote\n%q", ours.Bytes()[:key], theirs[:key])
	}
}

// Both writers give equal bytes for equal arrays; make_torch.py --check loads the files in testdata/snap with PyTorch.
func TestTorchSnapshots(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"torch_zip.pth":    func(w io.Writer) error { return WriteTorch(w, torchTypesArrays()) },
		"torch_legacy.pth": func(w io.Writer) error { return WriteTorchLegacy(w, signed(torchTypesArrays())) },
	} {
		var first, second bytes.Buffer
		if err := errors.Join(write(&first), write(&second)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: equal arrays gave other bytes the second time", name)
		}
		path := filepath.Join("testdata/snap", name)
		if *update {
			if err := os.WriteFile(path, first.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), want) {
			t.Errorf("%s: the bytes changed; if that is meant, run with -update and make_torch.py --check", name)
		}
	}
}

// More tensors than Python's pickler sets at once, and more kept values than a byte counts.
func TestWriteManyTensors(t *testing.T) {
	for _, n := range []int{0, 1, 2, 999, 1000, 1001, 2500} {
		arrays := map[string]Array{}
		for i := range n {
			arrays[strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i)] = FromInt32([]int32{int32(i)}, 1)
		}
		for name, write := range map[string]func(io.Writer, map[string]Array) error{"zip": WriteTorch, "legacy": WriteTorchLegacy} {
			var b bytes.Buffer
			if err := write(&b, arrays); err != nil {
				t.Fatal(err)
			}
			got, err := decode(bytes.NewReader(b.Bytes()), int64(b.Len()))
			if err != nil {
				t.Fatalf("%s of %d: %v", name, n, err)
			}
			sameArrays(t, got.Arrays, arrays)
		}
	}
}
