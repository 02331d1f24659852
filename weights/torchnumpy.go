package weights

import (
	"errors"
	"fmt"

	"github.com/gogan-ml/gogan/weights/internal/pickle"
)

// addNumPy adds what arrays and scalars of NumPy are made of. NumPy 2 renamed the modules.
func addNumPy(g pickle.Globals) {
	for _, core := range []string{"numpy.core", "numpy._core"} {
		g[core+".multiarray._reconstruct"] = pickle.Constructor(newNumPyArray)
		g[core+".multiarray.scalar"] = pickle.Constructor(numPyScalar)
		g[core+".numeric._frombuffer"] = pickle.Constructor(numPyFromBuffer)
	}
	g["numpy.ndarray"] = numPyClass{}
	g["numpy.dtype"] = pickle.Constructor(newNumPyType)
}

// numPyClass is numpy.ndarray, as an argument.
type numPyClass struct{}

// numPyType is a numpy.dtype: a type string without byte order, and the order that BUILD gives.
type numPyType struct {
	name      string
	dtype     DType
	bigEndian bool
}

// newNumPyType takes (type string, align, copy).
func newNumPyType(args pickle.Tuple) (any, error) {
	if len(args) < 1 {
		return nil, errors.New("no type string")
	}
	name, ok := args[0].(string)
	if !ok || name == "" {
		return nil, fmt.Errorf("%s instead of a type string", pickle.Kind(args[0]))
	}
	dtype, bigEndian, err := parseDescr(name)
	return &numPyType{name, dtype, bigEndian}, err
}

// Build takes (version, byte order, ...).
func (t *numPyType) Build(state any) error {
	fields, ok := state.(pickle.Tuple)
	if !ok || len(fields) < 2 {
		return errors.New("malformed state of a dtype")
	}
	order, ok := fields[1].(string)
	if !ok || len(order) != 1 {
		return errors.New("malformed byte order of a dtype")
	}
	var err error
	t.dtype, t.bigEndian, err = parseDescr(order + t.name)
	return err
}

// numPyArray is a numpy.ndarray; it is empty until BUILD.
type numPyArray struct{ array Array }

// newNumPyArray takes what numpy.ndarray is made with before its state is known, which tells nothing.
func newNumPyArray(args pickle.Tuple) (any, error) {
	if len(args) != 3 || args[0] != any(numPyClass{}) {
		return nil, errors.New("another class than numpy.ndarray")
	}
	return &numPyArray{Array{DType: U8, Shape: []int{0}}}, nil
}

// Build takes (version, shape, dtype, Fortran order, bytes).
func (a *numPyArray) Build(state any) error {
	fields, ok := state.(pickle.Tuple)
	if !ok || len(fields) != 5 {
		return errors.New("malformed state of an array")
	}
	fortran, ok := fields[3].(bool)
	if !ok {
		return errors.New("malformed order of an array")
	}
	var err error
	a.array, err = numPyData(fields[2], fields[1], fortran, fields[4])
	return err
}

// numPyScalar takes (dtype, bytes).
func numPyScalar(args pickle.Tuple) (any, error) {
	if len(args) != 2 {
		return nil, errors.New("arguments other than a type and bytes")
	}
	array, err := numPyData(args[0], pickle.Tuple{}, false, args[1])
	return &numPyArray{array}, err
}

// numPyFromBuffer takes (bytes, dtype, shape, "C" or "F").
func numPyFromBuffer(args pickle.Tuple) (any, error) {
	if len(args) != 4 || args[3] != "C" && args[3] != "F" {
		return nil, errors.New("arguments other than bytes, a type, a shape and an order")
	}
	array, err := numPyData(args[1], args[2], args[3] == "F", args[0])
	return &numPyArray{array}, err
}

// numPyData makes an array with memory of its own.
func numPyData(dtype, shape any, fortran bool, data any) (Array, error) {
	t, ok := dtype.(*numPyType)
	if !ok {
		return Array{}, fmt.Errorf("%s instead of a dtype", pickle.Kind(dtype))
	}
	sizes, err := wholes(shape)
	if err != nil {
		return Array{}, fmt.Errorf("shape: %w", err)
	}
	var raw []byte
	switch v := data.(type) {
	case []byte:
		raw = append(raw, v...)
	case string: // bytes of Python 2
		raw = append(raw, v...)
	default:
		return Array{}, fmt.Errorf("%s instead of the bytes of an array", pickle.Kind(data))
	}
	a := Array{DType: t.dtype, Shape: sizes, Data: raw}
	if err := a.check(); err != nil {
		return Array{}, err
	}
	if t.bigEndian {
		swapBytes(a.Data, t.dtype.Size())
	}
	if fortran {
		a.Data = fromFortran(a.Data, a.Shape, t.dtype.Size())
	}
	return a, nil
}
