package weights

import (
	"bytes"
	"encoding/binary"
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The files in testdata/ref were written by numpy 2.4.6 and safetensors 0.8.0 (make_weights.py, whose formulas are
// repeated here). The files in testdata/snap were written by this package, with -update; make_weights.py --check
// reads them with the reference programs.
var update = flag.Bool("update", false, "rewrite testdata/snap")

// formula returns the array of make_weights.py for the type: element k is (k-2)*0.75 for floats, (k-2)*19 for signed,
// k*40 for unsigned integers, k%3 == 0 for BOOL.
func formula(dtype DType, shape ...int) Array {
	n, err := elements(shape)
	if err != nil {
		panic(err)
	}
	a := Array{DType: dtype, Shape: append([]int{}, shape...)}
	for k := range n {
		x := float64(k-2) * 0.75
		signed, unsigned := int64(k-2)*19, uint64(k)*40
		switch dtype {
		case F64:
			a.Data = binary.LittleEndian.AppendUint64(a.Data, math.Float64bits(x))
		case F32:
			a.Data = binary.LittleEndian.AppendUint32(a.Data, math.Float32bits(float32(x)))
		case F16: // few values are needed, so they are written down: -1.5, -0.75, 0, ...
			half := []uint16{0xbe00, 0xba00, 0, 0x3a00, 0x3e00, 0x4080, 0x4200, 0x4380, 0x4480, 0x4540, 0x4600, 0x46c0}
			a.Data = binary.LittleEndian.AppendUint16(a.Data, half[k])
		case BF16: // exact: the values have few bits
			a.Data = binary.LittleEndian.AppendUint16(a.Data, uint16(math.Float32bits(float32(x))>>16))
		case I64:
			a.Data = binary.LittleEndian.AppendUint64(a.Data, uint64(signed))
		case I32:
			a.Data = binary.LittleEndian.AppendUint32(a.Data, uint32(signed))
		case I16:
			a.Data = binary.LittleEndian.AppendUint16(a.Data, uint16(signed))
		case I8:
			a.Data = append(a.Data, byte(signed))
		case U64:
			a.Data = binary.LittleEndian.AppendUint64(a.Data, unsigned)
		case U32:
			a.Data = binary.LittleEndian.AppendUint32(a.Data, uint32(unsigned))
		case U16:
			a.Data = binary.LittleEndian.AppendUint16(a.Data, uint16(unsigned))
		case U8:
			a.Data = append(a.Data, byte(unsigned))
		case BOOL:
			b := byte(0)
			if k%3 == 0 {
				b = 1
			}
			a.Data = append(a.Data, b)
		}
	}
	return a
}

// goldenArrays returns the arrays of make_weights.py.
func goldenArrays() map[string]Array {
	out := map[string]Array{}
	for _, d := range []DType{F64, F32, F16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL} {
		out[strings.ToLower(string(d))] = formula(d, 2, 3)
	}
	out["scalar"] = FromFloat32([]float32{1.5})
	out["empty"] = FromInt64(nil, 0, 3)
	out["one/ünï"] = formula(F32, 5)
	out["limits_i64"] = FromInt64([]int64{math.MinInt64, math.MaxInt64}, 2)
	out["limits_u64"] = Array{U64, []int{2}, append(make([]byte, 8), bytes.Repeat([]byte{0xff}, 8)...)}
	var special32, special16 []byte // NaN, +Inf, -Inf, -0, the smallest number, a large number
	for _, bits := range []uint32{0x7fc00000, 0x7f800000, 0xff800000, 0x80000000, 1, math.Float32bits(3e38)} {
		special32 = binary.LittleEndian.AppendUint32(special32, bits)
	}
	for _, bits := range []uint16{0x7e00, 0x7c00, 0xfc00, 0x8000, 1, 0x7bff} {
		special16 = binary.LittleEndian.AppendUint16(special16, bits)
	}
	out["special_f32"] = Array{F32, []int{6}, special32}
	out["special_f16"] = Array{F16, []int{6}, special16}
	return out
}

func goldenTensors() map[string]Array {
	out := goldenArrays()
	out["bf16"] = formula(BF16, 2, 3)
	return out
}

// sameArrays compares names, types, shapes and bytes.
func sameArrays(t *testing.T, got, want map[string]Array) {
	t.Helper()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("got names %q, want %q", g, w)
	}
	for name, w := range want {
		sameArray(t, name, got[name], w)
	}
}

func sameArray(t *testing.T, name string, got, want Array) {
	t.Helper()
	if got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
		t.Errorf("%s: got %s %v % x,\nwant %s %v % x", name, got.DType, got.Shape, got.Data, want.DType, want.Shape, want.Data)
	}
}

func TestReadReferenceSafetensors(t *testing.T) {
	arrays, metadata, err := ReadSafetensors("testdata/ref/all.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	sameArrays(t, arrays, goldenTensors())
	if want := map[string]string{"format": "pt"}; !reflect.DeepEqual(metadata, want) {
		t.Errorf("got metadata %q, want %q", metadata, want)
	}
}

func TestReadReferenceNPZ(t *testing.T) {
	for _, name := range []string{"stored.npz", "deflated.npz"} {
		arrays, err := ReadNPZ("testdata/ref/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sameArrays(t, arrays, goldenArrays())
	}
}

// npyFile is a reference npy file and what is in it.
var npyFiles = []struct {
	name string
	want Array
}{
	{"f4.npy", formula(F32, 2, 3, 4)},
	{"i8_one_axis.npy", formula(I64, 7)},
	{"u1_scalar.npy", FromUint8([]uint8{200})},
	{"b1_empty.npy", Array{BOOL, []int{3, 0, 2}, nil}},
	{"f8_fortran.npy", formula(F64, 2, 3, 4)},
	{"i4_big.npy", formula(I32, 2, 3)},
	{"f2_big_fortran.npy", formula(F16, 3, 2, 2)},
	{"f4_version2.npy", formula(F32, 2, 3)},
	{"f4_version3.npy", formula(F32, 2, 3)},
}

func TestReadReferenceNPY(t *testing.T) {
	for _, file := range npyFiles {
		f, err := os.Open("testdata/ref/" + file.name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := ReadNPY(f)
		if err != nil {
			t.Error(err)
			continue
		}
		sameArray(t, file.name, got, file.want)
	}
}

// The first four files are in the layout that WriteNPY writes, so its bytes must be NumPy's.
func TestWriteNPYEqualsNumPy(t *testing.T) {
	for _, file := range npyFiles[:4] {
		want, err := os.ReadFile("testdata/ref/" + file.name)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := WriteNPY(&got, file.want); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: got\n%q,\nnumpy wrote\n%q", file.name, got.Bytes(), want)
		}
	}
}

// With one element type, names in UTF-8 and one metadata entry, the reference writer's bytes are determined.
func TestWriteSafetensorsEqualsReference(t *testing.T) {
	want, err := os.ReadFile("testdata/ref/f32.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	arrays := map[string]Array{"b/weight": formula(F32, 2, 2, 3), "a": formula(F32, 1), "ü\t\u2028<\"": formula(F32, 4)}
	var got bytes.Buffer
	if err := WriteSafetensors(&got, arrays, map[string]string{"made by": "safetensors <&>"}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%q,\nsafetensors wrote\n%q", got.Bytes(), want)
	}
}

// TestSnapshots holds the writers to the bytes of testdata/snap, which make_weights.py --check reads.
func TestSnapshots(t *testing.T) {
	write := map[string]func(*bytes.Buffer) error{
		"all.safetensors": func(w *bytes.Buffer) error {
			return WriteSafetensors(w, goldenTensors(), map[string]string{"format": "pt"})
		},
		"stored.npz":   func(w *bytes.Buffer) error { return WriteNPZ(w, goldenArrays(), false) },
		"deflated.npz": func(w *bytes.Buffer) error { return WriteNPZ(w, goldenArrays(), true) },
	}
	for name, write := range write {
		path := filepath.Join("testdata/snap", name)
		var first, second bytes.Buffer
		if err := write(&first); err != nil {
			t.Fatal(err)
		}
		if err := write(&second); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: equal arrays gave other bytes the second time", name)
		}
		if *update {
			if err := os.WriteFile(path, first.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if name == "deflated.npz" { // its bytes depend on Go's compressor
			arrays, err := decodeNPZ(bytes.NewReader(want), int64(len(want)))
			if err != nil {
				t.Fatal(err)
			}
			sameArrays(t, arrays, goldenArrays())
			continue
		}
		if !bytes.Equal(first.Bytes(), want) {
			t.Errorf("%s: the bytes changed; if that is meant, run with -update and make_weights.py --check", name)
		}
	}
}
