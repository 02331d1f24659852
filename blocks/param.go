package blocks

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Param returns the trainable float32 variable `name` of the scope, with shape dims; dims empty is a scalar.
//
// A new variable gets its value at once, on the host: init reads a PCG stream seeded by the run's seed
// (model.ParamInitialSeed, looked up from the scope to the root, 0 if absent) and by the variable's path. The value
// depends on neither the backend nor the order of creation, and no initialisation graph is compiled. An existing
// variable is returned as it is. Param panics if its shape is another one.
func Param(scope *model.Scope, name string, init Initializer, dims ...int) *model.Variable {
	return variable(scope, name, init, true, dims)
}

// Buffer is Param for a variable that no optimizer touches, such as a running average.
func Buffer(scope *model.Scope, name string, init Initializer, dims ...int) *model.Variable {
	return variable(scope, name, init, false, dims)
}

func variable(scope *model.Scope, name string, init Initializer, trainable bool, dims []int) *model.Variable {
	if v := scope.GetVariable(name); v != nil {
		if !slices.Equal(v.Shape().Dimensions, dims) || v.DType() != dtypes.Float32 {
			exceptions.Panicf("blocks: variable %q has shape %s, but the layer needs (Float32)%v", v.Path(), v.Shape(), dims)
		}
		return v
	}
	path := model.JoinPath(scope.Scope(), name)
	if init == nil {
		exceptions.Panicf("blocks: variable %q needs an initializer", path)
	}
	size := 1
	for _, d := range dims {
		if d <= 0 {
			exceptions.Panicf("blocks: variable %q cannot have shape %v", path, dims)
		}
		size *= d
	}
	values := init(newStream(model.GetParamOr(scope, model.ParamInitialSeed, int64(0)), path), dims)
	if len(values) != size {
		exceptions.Panicf("blocks: the initializer of %q made %d values for shape %v", path, len(values), dims)
	}
	v, err := scope.CreateVariable(name, tensors.FromFlatDataAndDimensions(values, dims...))
	if err != nil {
		exceptions.Panicf("blocks: variable %q: %+v", path, err)
	}
	return v.SetTrainable(trainable)
}

// newStream returns the random numbers of one variable: PCG seeded with the first 16 bytes of SHA-256(seed, path).
func newStream(seed int64, path string) *rand.Rand {
	data := binary.LittleEndian.AppendUint64(nil, uint64(seed))
	sum := sha256.Sum256(append(data, path...))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])))
}

// valueLike returns the value of v in the graph of x, in the dtype of x.
func valueLike(v *model.Variable, x *graph.Node) *graph.Node {
	return graph.ConvertDType(v.NodeValue(x.Graph()), x.DType())
}
