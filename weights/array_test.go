package weights

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestLen(t *testing.T) {
	for _, test := range []struct {
		shape []int
		want  int
	}{
		{nil, 1}, {[]int{}, 1}, {[]int{7}, 7}, {[]int{2, 3, 4}, 24}, {[]int{3, 0, 2}, 0},
		{[]int{-1, 2}, -1},
		{[]int{1 << 32, 1 << 31}, -1},          // 2^63
		{[]int{0, 1 << 40, 1 << 40}, -1},       // the zero does not hide the overflow
		{[]int{1 << 62, 1 << 62, 1 << 62}, -1}, // beyond 128 bits in one more step
	} {
		if got := (Array{Shape: test.shape}).Len(); got != test.want {
			t.Errorf("shape %v: got %d elements, want %d", test.shape, got, test.want)
		}
	}
}

func TestConvert(t *testing.T) {
	floats := []float64{-1.5, -0.75, 0, 0.75, 1.5, 2.25}
	for _, d := range []DType{F64, F32, F16, BF16} {
		a := formula(d, 2, 3)
		wide, err := a.Float64s()
		if err != nil || !slices.Equal(wide, floats) {
			t.Errorf("%s: got %v, %v, want %v", d, wide, err, floats)
		}
		narrow, err := a.Float32s()
		if err != nil || len(narrow) != 6 || narrow[0] != -1.5 || narrow[5] != 2.25 {
			t.Errorf("%s: got %v, %v, want %v", d, narrow, err, floats)
		}
		if v, err := a.Int64s(); err == nil {
			t.Errorf("%s: Int64s gave %v, want an error", d, v)
		}
		if v, err := a.Uint8s(); err == nil {
			t.Errorf("%s: Uint8s gave %v, want an error", d, v)
		}
	}
	signed, unsigned, boolean := []int64{-38, -19, 0, 19, 38, 57}, []int64{0, 40, 80, 120, 160, 200}, []int64{1, 0, 0, 1, 0, 0}
	for d, want := range map[DType][]int64{
		I64: signed, I32: signed, I16: signed, I8: signed, U64: unsigned, U32: unsigned, U16: unsigned, U8: unsigned, BOOL: boolean,
	} {
		a := formula(d, 2, 3)
		got, err := a.Int64s()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", d, got, err, want)
		}
		small, err := a.Uint8s()
		if want[0] < 0 {
			if err == nil || !strings.Contains(err.Error(), "element 0 is -38") {
				t.Errorf("%s: Uint8s of a negative value: %v, %v", d, small, err)
			}
		} else if err != nil || int64(small[5]) != want[5] || int64(small[3]) != want[3] {
			t.Errorf("%s: got %v, %v, want %v", d, small, err, want)
		}
		if v, err := a.Float32s(); err == nil {
			t.Errorf("%s: Float32s gave %v, want an error", d, v)
		}
		if v, err := a.Float64s(); err == nil {
			t.Errorf("%s: Float64s gave %v, want an error", d, v)
		}
	}
}

func TestConvertSpecialValues(t *testing.T) {
	for _, name := range []string{"special_f32", "special_f16"} {
		v, err := goldenArrays()[name].Float64s()
		if err != nil {
			t.Fatal(err)
		}
		smallest, large := 0x1p-149, float64(float32(3e38))
		if name == "special_f16" {
			smallest, large = 0x1p-24, 65504
		}
		if !math.IsNaN(v[0]) || !math.IsInf(v[1], 1) || !math.IsInf(v[2], -1) || v[3] != 0 || !math.Signbit(v[3]) || v[4] != smallest || v[5] != large {
			t.Errorf("%s: got %v", name, v)
		}
	}
	v, err := FromFloat64([]float64{1e300, 0.1}, 2).Float32s()
	if err != nil || !math.IsInf(float64(v[0]), 1) || v[1] != 0.1 {
		t.Errorf("F64 to float32: got %v, %v, want +Inf and 0.1", v, err)
	}
	if v, err := goldenArrays()["limits_u64"].Int64s(); err == nil || !strings.Contains(err.Error(), "element 1 is 18446744073709551615") {
		t.Errorf("U64 above int64: got %v, %v, want an error that names it", v, err)
	}
	if v, err := FromInt32([]int32{255, 256}, 2).Uint8s(); err == nil || !strings.Contains(err.Error(), "element 1 is 256") {
		t.Errorf("256 as uint8: got %v, %v, want an error that names it", v, err)
	}
}

func TestFromPanicsOnShape(t *testing.T) {
	for name, call := range map[string]func(){
		"too few":   func() { FromFloat32(make([]float32, 5), 2, 3) },
		"no shape":  func() { FromInt64(make([]int64, 2)) },
		"negative":  func() { FromFloat64(nil, -1) },
		"too large": func() { FromUint8(nil, 1<<40, 1<<40) },
	} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "weights: ") {
					t.Errorf("%s: panic %q, want one that names the package", name, message)
				}
			}()
			call()
		}()
	}
}

func TestWriteRefuses(t *testing.T) {
	good := FromFloat32([]float32{1, 2}, 2)
	short := Array{F32, []int{3}, make([]byte, 8)}
	for name, test := range map[string]struct {
		arrays map[string]Array
		want   string
	}{
		"short data":    {map[string]Array{"a": short}, `array "a": 8 bytes of data, but shape [3] of F32 has 12`},
		"unknown type":  {map[string]Array{"a": {"F8", []int{1}, []byte{0}}}, `unknown element type "F8"`},
		"reserved name": {map[string]Array{"__metadata__": good}, "reserved"},
		"bad UTF-8":     {map[string]Array{"a\xff": good}, "UTF-8"},
	} {
		var b bytes.Buffer
		err := WriteSafetensors(&b, test.arrays, nil)
		if err == nil || !strings.Contains(err.Error(), test.want) || b.Len() > 0 {
			t.Errorf("%s: got %v and %d bytes, want %q and none", name, err, b.Len(), test.want)
		}
	}
	var b bytes.Buffer
	if err := WriteNPZ(&b, map[string]Array{"a": good, "b": short}, false); err == nil || !strings.Contains(err.Error(), `array "b"`) || b.Len() > 0 {
		t.Errorf("npz of short data: got %v and %d bytes", err, b.Len())
	}
	if err := WriteNPY(&b, formula(BF16, 2)); err == nil || !strings.Contains(err.Error(), "convert to F32") || b.Len() > 0 {
		t.Errorf("npy of BF16: got %v and %d bytes", err, b.Len())
	}
	if err := WriteNPY(&b, Array{U8, slices.Repeat([]int{1}, 65), []byte{0}}); err == nil || b.Len() > 0 {
		t.Errorf("npy of 65 axes: got %v and %d bytes", err, b.Len())
	}
}
