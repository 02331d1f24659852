package weights

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The content of a file decides, not its name.
func TestReadByContent(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]struct {
		format Format
		arrays map[string]Array
	}{
		"all.safetensors":        {Safetensors, goldenTensors()},
		"deflated.npz":           {NPZ, goldenArrays()},
		"torch_types_zip.pth":    {TorchZip, torchTypesArrays()},
		"torch_types_legacy.pth": {TorchLegacy, signed(torchTypesArrays())},
	} {
		data, err := os.ReadFile(filepath.Join("testdata/ref", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, strings.ReplaceAll(name, ".", "_")+".bin")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		sameArrays(t, got, want.arrays)
		file, err := Inspect(path)
		if err != nil {
			t.Fatal(err)
		}
		sameArrays(t, file.Arrays, want.arrays)
		sum := sha256.Sum256(data)
		if file.Format != want.format || file.Bytes != int64(len(data)) || file.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %s, %d bytes, %s", name, file.Format, file.Bytes, file.SHA256)
		}
	}
	var none bytes.Buffer
	if err := WriteNPZ(&none, nil, false); err != nil {
		t.Fatal(err)
	}
	file, err := decode(bytes.NewReader(none.Bytes()), int64(none.Len()))
	if err != nil || file.Format != NPZ || len(file.Arrays) != 0 {
		t.Errorf("an archive without entries: %+v, %v", file, err)
	}
}

func TestInspect(t *testing.T) {
	file, err := Inspect("testdata/ref/all.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	// f64, f32, f16, bf16 of 6 each, a scalar, "one/ünï" of 5, special_f32 and special_f16 of 6 each
	if want := int64(4*6 + 1 + 5 + 2*6); file.Parameters() != want {
		t.Errorf("%d parameters, want %d", file.Parameters(), want)
	}
	if want := map[string]string{"format": "pt"}; !reflect.DeepEqual(file.Metadata, want) || file.Values != nil {
		t.Errorf("metadata %q, values %q", file.Metadata, file.Values)
	}
	file, err = Inspect("testdata/ref/torch_views_legacy.pth")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"none": "None", "yes": "True", "pi": "3.25", "minus": "-300", "big": "an int", "text": `"ünï"`, "bytes": "4 bytes",
		"size": "[2, 3]", "device": `"cuda:1"`, "type": "F16", "set": "a set", "long list": "20 values", "pair.1": "3",
		"args.betas": "[0, 0.99]", "milestones.10": "1", "model.adam.param_groups.0.fused": "None",
	} {
		if got := file.Values[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// Mistakes that are made often are told by name.
func TestReadOtherFiles(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ text, want string }{
		"empty": {"", "it is empty"},
		"text":  {"just some text", "neither safetensors, npz nor a file of torch.save"},
		"page":  {"\n<!DOCTYPE html>\n<html>", "a web page instead of the file"},
		"page2": {"<HTML><body>", "a web page instead of the file"},
		"lfs":   {"version https://git-lfs.github.com/spec/v1\noid sha256:", "git lfs pull"},
		"npy":   {npyMagic + "\x01\x00", "numpy.savez"},
		"hdf5":  {"\x89HDF\r\n\x1a\n", "HDF5"},
		"zip":   {zipMagic + "and no more", "not an archive, or truncated"},
		"other": {"\x80\x04N.", "not a file of torch.save"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(test.text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		wantError(t, name, err, path, test.want)
		_, err = Inspect(path)
		wantError(t, name, err, path, test.want)
	}
	missing := filepath.Join(dir, "missing")
	for name, read := range map[string]func(string) error{
		"Read":      func(path string) error { _, err := Read(path); return err },
		"Inspect":   func(path string) error { _, err := Inspect(path); return err },
		"ReadTorch": func(path string) error { _, err := ReadTorch(path); return err },
	} {
		err := read(missing)
		wantError(t, name, err, missing, "no such file")
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v is not os.ErrNotExist", name, err)
		}
		wantError(t, name, read(dir), dir, "not a regular file")
	}
}

// What Python 2 wrote: text as bytes, and an OrderedDict made of a list of pairs.
func TestReadTorchOfPython2(t *testing.T) {
	pickle := pickled(func(p *pickler) {
		p.global("collections", "OrderedDict")
		p.op(']')
		p.op('(')
		p.op(']')
		p.op('(')
		p.out = append(p.out, "U\x04bias"...) // SHORT_BINSTRING
		p.global("torch._utils", "_rebuild_tensor")
		p.op('(')
		p.op('(')
		p.out = append(p.out, "U\x07storage"...)
		p.global("torch", "FloatStorage")
		p.out = append(p.out, "U\x0294U\x06cuda:0K\x02Nt"...)
		p.op('Q')
		p.int(0)
		p.ints([]int{2})
		p.ints([]int{1})
		p.op('t')
		p.op('R')
		p.op('e')
		p.op('e')
		p.op(0x85)
		p.op('R')
	})
	want := map[string]Array{"bias": FromFloat32([]float32{0.5, -2}, 2)}
	file := torchStream(pickle, []string{"94"}, append(floats(2, 0), want["bias"].Data...))
	got, _, err := decodeTorch(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	sameArrays(t, got, want)
}

// Each array has memory of its own, though the file has one storage for all.
func TestReadTorchOwnMemory(t *testing.T) {
	arrays, err := ReadTorch("testdata/ref/torch_views_zip.pth")
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadTorch("testdata/ref/torch_views_zip.pth")
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range arrays {
		for i := range a.Data {
			a.Data[i] ^= 0xff
		}
		for other, b := range arrays {
			if other != name && !bytes.Equal(b.Data, again[other].Data) {
				t.Fatalf("a change of %s changed %s", name, other)
			}
		}
		copy(a.Data, again[name].Data)
	}
}

func TestWriteBadTorch(t *testing.T) {
	for _, test := range []struct {
		name   string
		arrays map[string]Array
		want   string
	}{
		{"name", map[string]Array{"\xff": FromFloat32([]float32{1})}, "not valid UTF-8"},
		{"data", map[string]Array{"a": {F32, []int{2}, make([]byte, 7)}}, `array "a": 7 bytes of data, but shape [2] of F32 has 8`},
		{"type", map[string]Array{"a": {"F8", []int{2}, nil}}, `unknown element type "F8"`},
		{"axes", map[string]Array{"a": {F32, make([]int, 65), nil}}, "65 axes, PyTorch allows 64"},
	} {
		for _, write := range []func(io.Writer, map[string]Array) error{WriteTorch, WriteTorchLegacy} {
			var b bytes.Buffer
			wantError(t, test.name, write(&b, test.arrays), test.want)
			if b.Len() > 0 {
				t.Errorf("%s: %d bytes were written", test.name, b.Len())
			}
		}
	}
	for _, d := range []DType{U16, U32, U64} {
		err := WriteTorchLegacy(io.Discard, map[string]Array{"a": formula(d, 2)})
		wantError(t, string(d), err, fmt.Sprintf(`array "a": PyTorch cannot load %s from a legacy file`, d))
	}
}

func TestWriteTorchErrors(t *testing.T) {
	arrays := signed(torchTypesArrays())
	for name, write := range map[string]func(io.Writer, map[string]Array) error{"zip": WriteTorch, "legacy": WriteTorchLegacy} {
		var whole bytes.Buffer
		if err := write(&whole, arrays); err != nil {
			t.Fatal(err)
		}
		for room := 0; room < whole.Len(); room += 50 {
			if err := write(&limitedWriter{room}, arrays); !errors.Is(err, errFull) {
				t.Errorf("%s: after %d bytes of %d: %v", name, room, whole.Len(), err)
			}
		}
	}
}
