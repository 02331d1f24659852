package gan

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Variables is the state of a run between two steps: every variable by its path.
type Variables struct{ store *model.Store }

// Under yields the variables of one player or other scope in the order of their creation.
func (v Variables) Under(name string) iter.Seq2[string, *tensors.Tensor] {
	return func(yield func(string, *tensors.Tensor) bool) {
		for variable := range v.store.Scope("/" + name).IterVariables() {
			value, err := variable.Value()
			if err != nil || !yield(variable.Path(), value) {
				return
			}
		}
	}
}

// Set gives the variable at path a copy of value, which must have its shape.
func (v Variables) Set(path string, value *tensors.Tensor) error {
	variable := v.store.GetVariable(path)
	if variable == nil {
		return fmt.Errorf("no variable %s", path)
	}
	if !variable.Shape().Equal(value.Shape()) {
		return fmt.Errorf("variable %s is %s, the value %s", path, variable.Shape(), value.Shape())
	}
	copied, err := value.LocalClone()
	if err != nil {
		return err
	}
	return variable.SetValue(copied)
}

// Count returns the number of trained values under a player.
func (v Variables) Count(player string) int64 {
	var n int64
	for variable := range v.store.Scope("/" + player).IterVariables() {
		if variable.Trainable {
			n += int64(variable.Shape().Size())
		}
	}
	return n
}

// bytes is the memory of all variables.
func (v Variables) bytes() int64 { return v.store.ByteSize() }

var safetensorsDTypes = map[dtypes.DType]weights.DType{
	dtypes.Float32: "F32", dtypes.Float64: "F64", dtypes.Float16: "F16", dtypes.BFloat16: "BF16",
	dtypes.Int64: "I64", dtypes.Int32: "I32", dtypes.Int16: "I16", dtypes.Int8: "I8",
	dtypes.Uint64: "U64", dtypes.Uint32: "U32", dtypes.Uint16: "U16", dtypes.Uint8: "U8", dtypes.Bool: "BOOL",
}

// arrays copies all variables to the host, named by their paths without the leading slash.
func (v Variables) arrays() (map[string]weights.Array, error) {
	out := map[string]weights.Array{}
	for variable := range v.store.IterVariables() {
		value, err := variable.Value()
		if err != nil {
			return nil, err
		}
		dtype, known := safetensorsDTypes[value.DType()]
		if !known {
			return nil, fmt.Errorf("gan: variable %s is %s, which safetensors cannot hold", variable.Path(), value.DType())
		}
		a := weights.Array{DType: dtype, Shape: slices.Clone(value.Shape().Dimensions)}
		if err := value.ConstBytes(func(data []byte) { a.Data = slices.Clone(data) }); err != nil {
			return nil, fmt.Errorf("gan: cannot read variable %s: %w", variable.Path(), err)
		}
		out[strings.TrimPrefix(variable.Path(), "/")] = a
	}
	return out, nil
}

// setArrays gives every variable its value from arrays. The two lists must be the same; the error names the first
// difference in the order of names.
func (v Variables) setArrays(backend compute.Backend, arrays map[string]weights.Array) error {
	want := map[string]shapes.Shape{}
	for variable := range v.store.IterVariables() {
		want[strings.TrimPrefix(variable.Path(), "/")] = variable.Shape()
	}
	if err := sameVariables(want, arrays); err != nil {
		return err
	}
	for name, a := range arrays {
		value, err := tensors.FromRaw(backend, 0, want[name], a.Data)
		if err != nil {
			return fmt.Errorf("gan: variable %s: %w", name, err)
		}
		if err := v.store.GetVariable("/" + name).SetValue(value); err != nil {
			return fmt.Errorf("gan: variable %s: %w", name, err)
		}
	}
	return nil
}

// sameVariables compares the variables of the networks in hand with those of a checkpoint.
func sameVariables(want map[string]shapes.Shape, have map[string]weights.Array) error {
	names := map[string]bool{}
	for name := range want {
		names[name] = true
	}
	for name := range have {
		names[name] = true
	}
	for _, name := range sortedKeys(names) {
		shape, inNetwork := want[name]
		a, inFile := have[name]
		switch {
		case !inFile:
			return fmt.Errorf("gan: the checkpoint has no variable %s, which these networks have as %s; "+
				"continue with the networks that the run was started with, or use another directory", name, shape)
		case !inNetwork:
			return fmt.Errorf("gan: the checkpoint has a variable %s %v, which these networks have not; "+
				"continue with the networks that the run was started with, or use another directory", name, a.Shape)
		case !slices.Equal(shape.Dimensions, a.Shape) || safetensorsDTypes[shape.DType] != a.DType:
			return fmt.Errorf("gan: variable %s is %s %v in the checkpoint and %s in these networks",
				name, a.DType, a.Shape, shape)
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// notFiniteArray returns the name of a float32 array with a value that is no number, or "".
func notFiniteArray(arrays map[string]weights.Array) string {
	for _, name := range sortedKeys(arrays) {
		a := arrays[name]
		if a.DType != "F32" {
			continue
		}
		for i := 0; i+4 <= len(a.Data); i += 4 {
			// All exponent bits set: infinite or not a number.
			if binary.LittleEndian.Uint32(a.Data[i:])&0x7f800000 == 0x7f800000 {
				return name
			}
		}
	}
	return ""
}
