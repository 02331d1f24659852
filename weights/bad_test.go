package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// safetensorsFile puts the length before a header and the data behind it.
func safetensorsFile(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// npyFile writes a version 1.0 header for the dictionary, and data bytes of zeros.
func npyFile(dict string, data int) []byte {
	b := append([]byte(npyMagic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	return append(append(b, dict...), make([]byte, data)...)
}

// badSafetensors are files that must be refused, and what the error must say.
var badSafetensors = []struct {
	name string
	file []byte
	want string
}{
	{"empty", nil, "truncated: 0 bytes"},
	{"short prefix", make([]byte, 7), "truncated: 7 bytes"},
	{"no header", make([]byte, 8), "does not begin with {"},
	{"header beyond the file", binary.LittleEndian.AppendUint64(nil, 50), "a header of 50 bytes in a file of 8"},
	{"header beyond the limit", binary.LittleEndian.AppendUint64(nil, 100_000_001), "exceeds the limit"},
	{"header beyond int64", binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "exceeds the limit"},
	{"another format", []byte("PK\x03\x04\x00\x00\x00\x00 and so on"), "not a safetensors file"},
	{"no JSON", safetensorsFile(`{"a":`, 0), "header: "},
	{"text behind the JSON", safetensorsFile(`{}{}`, 0), "header: "},
	{"space before the JSON", safetensorsFile(` {}`, 0), "does not begin with {"},
	{"same name twice", safetensorsFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "duplicate"},
	{"no object", safetensorsFile(`{"a":1}`, 0), `tensor "a"`},
	{"null", safetensorsFile(`{"a":null}`, 0), `tensor "a": shape or data_offsets missing`},
	{"unknown type", safetensorsFile(`{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}`, 1), `tensor "a": unknown element type "F8_E4M3"`},
	{"no offsets", safetensorsFile(`{"a":{"dtype":"U8","shape":[1]}}`, 1), "data_offsets missing"},
	{"three offsets", safetensorsFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}`, 1), `tensor "a"`},
	{"negative axis", safetensorsFile(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, 1), "negative axis"},
	{"fraction", safetensorsFile(`{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}`, 1), `tensor "a"`},
	{"product overflow", safetensorsFile(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "more elements than fit"},
	{"byte overflow", safetensorsFile(`{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}`, 0), "more bytes than fit"},
	{"offsets swapped", safetensorsFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1), "bytes 1 to 0"},
	{"negative offset", safetensorsFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[-1,1]}}`, 1), "bytes -1 to 1"},
	{"wrong length", safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}`, 3), "shape [1] of F32 has 4 bytes"},
	{"huge but there are no bytes", safetensorsFile(`{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}`, 4), "truncated: the tensors have 1099511627776 bytes, the file holds 4"},
	{"gap", safetensorsFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), "begins at byte 1"},
	{"overlap", safetensorsFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), `tensor "b": begins at byte 1 of the data, but the tensors before it end at 2`},
	{"same place", safetensorsFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), `tensor "b"`},
	{"bytes behind", safetensorsFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 3), "2 bytes follow"},
	{"metadata no text", safetensorsFile(`{"__metadata__":{"a":1}}`, 0), "metadata"},
}

func TestReadBadSafetensors(t *testing.T) {
	for _, test := range badSafetensors {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, test.file, 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := ReadSafetensors(path)
		wantError(t, test.name, err, path, test.want)
	}
}

// wantError demands one line that begins with the package and holds all the words.
func wantError(t *testing.T, name string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want one with %q", name, words)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %q does not say %q", name, err, word)
		}
	}
	if !strings.HasPrefix(err.Error(), "weights: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %q is not one line that begins with the package", name, err)
	}
}

// Every shorter file is an error that names it, for each format.
func TestTruncated(t *testing.T) {
	dir := t.TempDir()
	for name, read := range map[string]func(string) error{
		"all.safetensors": func(path string) error { _, _, err := ReadSafetensors(path); return err },
		"stored.npz":      func(path string) error { _, err := ReadNPZ(path); return err },
		"deflated.npz":    func(path string) error { _, err := ReadNPZ(path); return err },
		"f4_version2.npy": readNPYFile,
	} {
		whole, err := os.ReadFile(filepath.Join("testdata/ref", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		for n := 0; n < len(whole); n += 1 + len(whole)/200 {
			if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
				t.Fatal(err)
			}
			wantError(t, fmt.Sprintf("%s cut to %d bytes", name, n), read(path), path)
		}
	}
}

func readNPYFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = ReadNPY(f)
	return err
}

func TestReadNoFile(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	_, _, err := ReadSafetensors(missing)
	wantError(t, "missing", err, missing, "no such file")
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not os.ErrNotExist", err)
	}
	_, err = ReadNPZ(dir)
	wantError(t, "directory", err, dir, "not a regular file")
}

func TestReadRefusedNPY(t *testing.T) {
	for name, want := range map[string]string{
		"bad_object.npy": "Python pickles", "bad_structured.npy": "structured dtype", "bad_complex.npy": `complex dtype "<c8"`,
		"bad_string.npy": `string dtype "<U2"`, "bad_time.npy": `time dtype "<M8[D]"`,
	} {
		path := filepath.Join("testdata/ref", name)
		wantError(t, name, readNPYFile(path), path, want)
	}
}

// badNPY are arrays that must be refused, and what the error must say.
var badNPY = []struct {
	name string
	file []byte
	want string
}{
	{"empty", nil, "not an npy array"},
	{"another format", []byte("GIF89a......"), "not an npy array"},
	{"version 4", append([]byte(npyMagic), 4, 0, 0, 0), "npy version 4.0"},
	{"version 1.1", append([]byte(npyMagic), 1, 1, 0, 0), "npy version 1.1"},
	{"header beyond the file", append([]byte(npyMagic), 1, 0, 0xff, 0xff), "truncated in the npy header"},
	{"header beyond the limit", append([]byte(npyMagic), 2, 0, 0xff, 0xff, 0xff, 0xff), "4294967295 bytes exceeds the limit"},
	{"no dictionary", npyFile("[1]", 0), "not a dictionary"},
	{"code", npyFile("__import__('os').system('true')", 0), "no Python literal"},
	{"no end", npyFile("{'descr': '<f4", 0), "does not end"},
	{"text behind", npyFile("{} {}", 0), "text after the dictionary"},
	{"nested", npyFile(strings.Repeat("(", 10000), 0), "nested too deeply"},
	{"key twice", npyFile("{'a': 1, 'a': 2}", 0), "occurs twice"},
	{"no comma", npyFile("{'a': 1 'b': 2}", 0), "no comma"},
	{"no shape", npyFile("{'descr': '<f4', 'fortran_order': False}", 0), `"shape" missing`},
	{"more keys", npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': 1}", 4), "other keys"},
	{"order no bool", npyFile("{'descr': '<f4', 'fortran_order': 1, 'shape': ()}", 4), "fortran_order"},
	{"shape no tuple", npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': 1}", 4), "shape is no tuple"},
	{"axis no number", npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (True,)}", 4), "no whole number"},
	{"negative axis", npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", 4), "no whole number"},
	{"65 axes", npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': ("+strings.Repeat("1,", 65)+")}", 4), "64 axes"},
	{"two byte orders", npyFile("{'descr': '<>f4', 'fortran_order': False, 'shape': ()}", 4), "malformed dtype"},
	{"long double", npyFile("{'descr': '<f16', 'fortran_order': False, 'shape': ()}", 16), `dtype "<f16" cannot be read`},
	{"raw", npyFile("{'descr': '|V2', 'fortran_order': False, 'shape': ()}", 2), `raw dtype "|V2"`},
	{"axis overflow", npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", 4), "no number that fits"},
	{"product overflow", npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 4), "more elements than fit"},
	{"overflow beside a zero", npyFile("{'descr': '|u1', 'fortran_order': True, 'shape': (0, 4294967296, 4294967296)}", 0), "more elements than fit"},
	{"huge but there are no bytes", npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776,)}", 4), "truncated: the array has 1099511627776 bytes, 4 are there"},
}

func TestReadBadNPY(t *testing.T) {
	for _, test := range badNPY {
		_, err := ReadNPY(bytes.NewReader(test.file))
		wantError(t, test.name, err, test.want)
		_, err = ReadNPY(io.MultiReader(bytes.NewReader(test.file))) // a reader that does not tell how much it has
		wantError(t, test.name+" as a stream", err, test.want)
	}
}

// Old and odd, but legal.
func TestReadNPYVariants(t *testing.T) {
	for _, dict := range []string{
		`{'descr': '<i4', 'fortran_order': False, 'shape': (2L, 3L)}`,
		"{\"shape\": [2, 3,], \"fortran_order\":False,\n\"descr\":\"=i4\"}  \n",
		`{'descr': 'i4', 'fortran_order': False, 'shape': (2,3),}`,
	} {
		file := append(npyFile(dict, 0), formula(I32, 2, 3).Data...)
		r := bytes.NewReader(append(file, "next"...))
		got, err := ReadNPY(r)
		if err != nil {
			t.Errorf("%s: %v", dict, err)
			continue
		}
		sameArray(t, dict, got, formula(I32, 2, 3))
		if r.Len() != len("next") {
			t.Errorf("%s: %d bytes are left, want 4", dict, r.Len())
		}
	}
}

// zipOf makes an archive whose entries hold the given bytes, with a header that edit may change.
func zipOf(t *testing.T, entries map[string][]byte, edit func(*zip.FileHeader)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range entries {
		h := &zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE(content),
			UncompressedSize64: uint64(len(content)), CompressedSize64: uint64(len(content))}
		if edit != nil {
			edit(h)
		}
		f, err := w.CreateRaw(h)
		if err == nil {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadBadNPZ(t *testing.T) {
	array := npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (4,)}", 4)
	bad := npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (5,)}", 4)
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"no archive", []byte("no archive"), "not an npz archive"},
		{"other entry", zipOf(t, map[string][]byte{"readme.txt": []byte("x")}, nil), `entry "readme.txt" is no array`},
		{"no npy", zipOf(t, map[string][]byte{"a.npy": []byte("0123456789")}, nil), `array "a": not an npy array`},
		{"wrong length", zipOf(t, map[string][]byte{"a.npy": bad}, nil), `array "a": the entry has 69 bytes, its npy header asks for 70`},
		{"bytes behind", zipOf(t, map[string][]byte{"a.npy": append(array, 0)}, nil), `array "a": the entry has 70 bytes, its npy header asks for 69`},
		{"wrong checksum", zipOf(t, map[string][]byte{"a.npy": array}, func(h *zip.FileHeader) { h.CRC32 = 1 }), `array "a": zip: checksum error`},
		{"encrypted", zipOf(t, map[string][]byte{"a.npy": array}, func(h *zip.FileHeader) { h.Flags |= 1 }), "encrypted"},
		{"method", zipOf(t, map[string][]byte{"a.npy": array}, func(h *zip.FileHeader) { h.Method = 12 }), "zip method 12"},
		{"says more than it has", zipOf(t, map[string][]byte{"a.npy": array}, func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 }), "refused as a zip bomb"},
		{"size overflow", zipOf(t, map[string][]byte{"a.npy": array, "b.npy": array}, func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 63 }), "refused as a zip bomb"},
		{"huge but stored", zipOf(t, map[string][]byte{"a.npy": npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (200000000,)}", 4)},
			func(h *zip.FileHeader) { h.UncompressedSize64 = 200000000 + 73 }), `array "a": truncated`},
	} {
		path := filepath.Join(t.TempDir(), "x.npz")
		if err := os.WriteFile(path, test.file, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadNPZ(path)
		wantError(t, test.name, err, path, test.want)
	}
	var twice bytes.Buffer
	w := zip.NewWriter(&twice)
	for range 2 {
		f, err := w.Create("a.npy")
		if err == nil {
			_, err = f.Write(array)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := decodeNPZ(bytes.NewReader(twice.Bytes()), int64(twice.Len())); err == nil || !strings.Contains(err.Error(), `array "a" occurs twice`) {
		t.Errorf("same name twice: %v", err)
	}
}

// A file that promises far more than it holds must not cost the memory it promises. 1 MiB is the first step of a
// reader that grows with what it gets.
func TestMemoryIsBoundedByTheFile(t *testing.T) {
	const promised = 250_000_000 // below the zip bomb's limit, so that the growing reader is what is tested
	npy := npyFile(fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d,)}", promised), 4)
	npz := zipOf(t, map[string][]byte{"a.npy": deflated(t, npy)}, func(h *zip.FileHeader) {
		h.Method, h.UncompressedSize64 = zip.Deflate, uint64(len(npy)-4+promised)
	})
	tensors := safetensorsFile(fmt.Sprintf(`{"a":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}`, promised, promised), 4)
	for name, read := range map[string]func() error{
		"npy":        func() error { _, err := ReadNPY(bytes.NewReader(npy)); return err },
		"npy stream": func() error { _, err := ReadNPY(io.MultiReader(bytes.NewReader(npy))); return err },
		"npz":        func() error { _, err := decodeNPZ(bytes.NewReader(npz), int64(len(npz))); return err },
		"safetensors": func() error {
			_, _, err := decodeSafetensors(bytes.NewReader(tensors), int64(len(tensors)))
			return err
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := read()
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "truncated") {
			t.Errorf("%s: %v, want truncated", name, err)
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
			t.Errorf("%s: %d bytes were allocated for a file of less than 200", name, allocated)
		}
	}
}

// deflated returns content as a deflate stream.
func deflated(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("a")
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.File[0].OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A stream that does not tell its length is read whole, whatever the size.
func TestReadNPYStream(t *testing.T) {
	want := FromUint8(make([]byte, 5<<20+3), 5<<20+3)
	for i := range want.Data {
		want.Data[i] = byte(i >> 8)
	}
	var b bytes.Buffer
	if err := WriteNPY(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadNPY(io.MultiReader(&b))
	if err != nil || !bytes.Equal(got.Data, want.Data) || cap(got.Data) != len(want.Data) {
		t.Errorf("got %d bytes, capacity %d, %v", len(got.Data), cap(got.Data), err)
	}
}

// A write that fails is an error of every writer, at every place.
func TestWriteErrors(t *testing.T) {
	arrays := goldenArrays()
	for name, write := range map[string]func(io.Writer) error{
		"safetensors": func(w io.Writer) error { return WriteSafetensors(w, arrays, nil) },
		"npz":         func(w io.Writer) error { return WriteNPZ(w, arrays, false) },
		"npy":         func(w io.Writer) error { return WriteNPY(w, arrays["f32"]) },
	} {
		var whole bytes.Buffer
		if err := write(&whole); err != nil {
			t.Fatal(err)
		}
		for room := 0; room < whole.Len(); room += 50 {
			if err := write(&limitedWriter{room}); !errors.Is(err, errFull) {
				t.Errorf("%s: after %d bytes of %d: %v", name, room, whole.Len(), err)
			}
		}
	}
}

var errFull = errors.New("no space left on device")

// limitedWriter fails when its room is used up.
type limitedWriter struct{ room int }

func (w *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n := w.room
		w.room = 0
		return n, errFull
	}
	w.room -= len(p)
	return len(p), nil
}
