package weights

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// DType is the type of an array's elements, by its name in safetensors files.
type DType string

// The element types. BF16 is the upper half of an IEEE binary32; BOOL is one byte, 0 or 1.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U64  DType = "U64"
	U32  DType = "U32"
	U16  DType = "U16"
	U8   DType = "U8"
	BOOL DType = "BOOL"
)

// Size returns the bytes of one element, 0 for an unknown type.
func (d DType) Size() int {
	switch d {
	case F64, I64, U64:
		return 8
	case F32, I32, U32:
		return 4
	case F16, BF16, I16, U16:
		return 2
	case I8, U8, BOOL:
		return 1
	}
	return 0
}

// Array is a dense array in host memory.
type Array struct {
	DType DType
	Shape []int  // sizes of the axes; empty for a scalar
	Data  []byte // the elements, little-endian, last axis fastest (C order)
}

// Len returns the number of elements that Shape stands for: 1 for a scalar. It returns -1 if an axis is negative or
// the product does not fit an int.
func (a Array) Len() int {
	n, err := elements(a.Shape)
	if err != nil {
		return -1
	}
	return n
}

// elements returns the product of the axes, or an error if one is negative or the product overflows an int.
// Axes of size 0 do not hide an overflow of the others.
func elements(shape []int) (int, error) {
	product, empty := uint64(1), false
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("shape %v has a negative axis", shape)
		}
		if n == 0 {
			empty = true
			continue
		}
		high, low := bits.Mul64(product, uint64(n))
		if high != 0 || low > math.MaxInt {
			return 0, fmt.Errorf("shape %v has more elements than fit in memory", shape)
		}
		product = low
	}
	if empty {
		return 0, nil
	}
	return int(product), nil
}

// byteLen returns the bytes of an array of the type and shape.
func byteLen(dtype DType, shape []int) (int, error) {
	size := dtype.Size()
	if size == 0 {
		return 0, fmt.Errorf("unknown element type %q (known: F64 F32 F16 BF16 I64 I32 I16 I8 U64 U32 U16 U8 BOOL)", string(dtype))
	}
	n, err := elements(shape)
	if err != nil {
		return 0, err
	}
	if n > math.MaxInt/size {
		return 0, fmt.Errorf("shape %v has more bytes than fit in memory", shape)
	}
	return n * size, nil
}

// check says whether type, shape and data belong together.
func (a Array) check() error {
	want, err := byteLen(a.DType, a.Shape)
	if err != nil {
		return err
	}
	if len(a.Data) != want {
		return fmt.Errorf("%d bytes of data, but shape %v of %s has %d", len(a.Data), a.Shape, a.DType, want)
	}
	return nil
}

// newArray allocates an array for count values given by the caller. It panics if the shape does not hold exactly
// that many: both come from code, not from a file.
func newArray(dtype DType, count int, shape []int) Array {
	n, err := elements(shape)
	if err != nil {
		panic("weights: " + err.Error())
	}
	if n != count {
		panic(fmt.Sprintf("weights: %d values for shape %v, which has %d elements", count, shape, n))
	}
	return Array{DType: dtype, Shape: append([]int{}, shape...), Data: make([]byte, count*dtype.Size())}
}

// FromFloat32 copies values into an F32 array of the given shape (no axes: a scalar).
// It panics if the shape does not hold exactly len(values) elements; so do the other From functions.
func FromFloat32(values []float32, shape ...int) Array {
	a := newArray(F32, len(values), shape)
	for i, v := range values {
		binary.LittleEndian.PutUint32(a.Data[4*i:], math.Float32bits(v))
	}
	return a
}

// FromFloat64 copies values into an F64 array of the given shape.
func FromFloat64(values []float64, shape ...int) Array {
	a := newArray(F64, len(values), shape)
	for i, v := range values {
		binary.LittleEndian.PutUint64(a.Data[8*i:], math.Float64bits(v))
	}
	return a
}

// FromInt64 copies values into an I64 array of the given shape.
func FromInt64(values []int64, shape ...int) Array {
	a := newArray(I64, len(values), shape)
	for i, v := range values {
		binary.LittleEndian.PutUint64(a.Data[8*i:], uint64(v))
	}
	return a
}

// FromInt32 copies values into an I32 array of the given shape.
func FromInt32(values []int32, shape ...int) Array {
	a := newArray(I32, len(values), shape)
	for i, v := range values {
		binary.LittleEndian.PutUint32(a.Data[4*i:], uint32(v))
	}
	return a
}

// FromUint8 copies values into a U8 array of the given shape.
func FromUint8(values []uint8, shape ...int) Array {
	a := newArray(U8, len(values), shape)
	copy(a.Data, values)
	return a
}
