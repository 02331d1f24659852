package weights

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/x448/float16"
)

// Float32s returns the elements of an F32, F16, BF16 or F64 array in C order as a new slice. F64 is rounded to the
// nearest float32, to an infinity beyond its range; the other types are exact. Integers and BOOL are an error: what
// they mean as numbers is the caller's to say.
func (a Array) Float32s() ([]float32, error) {
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	out := make([]float32, a.Len())
	switch a.DType {
	case F32:
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(a.Data[4*i:]))
		}
	case F64:
		for i := range out {
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(a.Data[8*i:])))
		}
	case F16:
		for i := range out {
			out[i] = float16.Frombits(binary.LittleEndian.Uint16(a.Data[2*i:])).Float32()
		}
	case BF16:
		for i := range out {
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(a.Data[2*i:])) << 16)
		}
	default:
		return nil, fmt.Errorf("weights: an array of %s is no floating-point array (Float32s takes F32, F16, BF16, F64)", a.DType)
	}
	return out, nil
}

// Float64s returns the elements of a floating-point array in C order as a new slice, exactly.
// Integers and BOOL are an error.
func (a Array) Float64s() ([]float64, error) {
	if a.DType != F64 {
		narrow, err := a.Float32s() // exact for every type but F64
		if err != nil {
			return nil, err
		}
		out := make([]float64, len(narrow))
		for i, v := range narrow {
			out[i] = float64(v)
		}
		return out, nil
	}
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	out := make([]float64, a.Len())
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(a.Data[8*i:]))
	}
	return out, nil
}

// Int64s returns the elements of an integer or BOOL array in C order as a new slice. A U64 above the range of int64
// and floating-point arrays are errors.
func (a Array) Int64s() ([]int64, error) {
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	get := a.integer()
	if get == nil {
		return nil, fmt.Errorf("weights: an array of %s is no integer array", a.DType)
	}
	out := make([]int64, a.Len())
	for i := range out {
		out[i] = get(i)
		if a.DType == U64 && out[i] < 0 {
			return nil, fmt.Errorf("weights: element %d is %d, beyond the range of int64", i, uint64(out[i]))
		}
	}
	return out, nil
}

// Uint8s returns the elements of an integer or BOOL array in C order as a new slice. An element outside 0..255 and
// floating-point arrays are errors.
func (a Array) Uint8s() ([]uint8, error) {
	if a.DType == U8 {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("weights: %w", err)
		}
		return append([]uint8{}, a.Data...), nil
	}
	wide, err := a.Int64s()
	if err != nil {
		return nil, err
	}
	out := make([]uint8, len(wide))
	for i, v := range wide {
		if v < 0 || v > math.MaxUint8 {
			return nil, fmt.Errorf("weights: element %d is %d, outside 0..255", i, v)
		}
		out[i] = uint8(v)
	}
	return out, nil
}

// integer returns a function that reads element i, nil for a floating-point array. U64 comes back modulo 2^64.
func (a Array) integer() func(i int) int64 {
	data := a.Data
	switch a.DType {
	case I64, U64:
		return func(i int) int64 { return int64(binary.LittleEndian.Uint64(data[8*i:])) }
	case I32:
		return func(i int) int64 { return int64(int32(binary.LittleEndian.Uint32(data[4*i:]))) }
	case U32:
		return func(i int) int64 { return int64(binary.LittleEndian.Uint32(data[4*i:])) }
	case I16:
		return func(i int) int64 { return int64(int16(binary.LittleEndian.Uint16(data[2*i:]))) }
	case U16:
		return func(i int) int64 { return int64(binary.LittleEndian.Uint16(data[2*i:])) }
	case I8:
		return func(i int) int64 { return int64(int8(data[i])) }
	case U8:
		return func(i int) int64 { return int64(data[i]) }
	case BOOL:
		return func(i int) int64 {
			if data[i] != 0 {
				return 1
			}
			return 0
		}
	}
	return nil
}
