package weights

import (
	"errors"
	"fmt"

	"github.com/gogan-ml/gogan/weights/internal/pickle"
)

// torchGlobals are the classes and functions that a file of tensors may name. They are those of dense tensors and plain
// data among the ones that torch.load(weights_only=True) takes (torch/_weights_only_unpickler.py), NumPy's arrays, and
// argparse.Namespace, in which training programs keep their settings.
var torchGlobals = func() pickle.Globals {
	g := pickle.Globals{
		"torch._utils._rebuild_tensor":               pickle.Constructor(rebuildTensor),
		"torch._utils._rebuild_tensor_v2":            pickle.Constructor(rebuildTensor),
		"torch._utils._rebuild_tensor_v3":            pickle.Constructor(rebuildTensorOfType),
		"torch._utils._rebuild_parameter":            pickle.Constructor(rebuildParameter),
		"torch._utils._rebuild_parameter_with_state": pickle.Constructor(rebuildParameter),
		"torch._tensor._rebuild_from_type_v2":        pickle.Constructor(rebuildFromType),
		"torch.Tensor":                               tensorClass{},
		"torch.nn.parameter.Parameter":               tensorClass{},
		"torch.Size":                                 pickle.Constructor(tupleOf),
		"torch.device":                               pickle.Constructor(deviceOf),

		"collections.OrderedDict": pickle.Constructor(dictOf),
		"collections.Counter":     pickle.Constructor(dictOf),
		"argparse.Namespace":      pickle.Constructor(newNamespace),
		"builtins.set":            pickle.Constructor(setOf),
		"__builtin__.set":         pickle.Constructor(setOf),
		"builtins.bytearray":      pickle.Constructor(bytesOf),
		"_codecs.encode":          pickle.Constructor(encode),
	}
	for name, dtype := range torchTypes {
		g["torch."+name] = dtype
	}
	for name, dtype := range torchStorageTypes {
		g["torch."+name] = storageType{dtype}
	}
	for _, name := range []string{"torch.UntypedStorage", "torch.storage.UntypedStorage", "torch.storage._UntypedStorage"} {
		g[name] = storageType{}
	}
	addNumPy(g)
	return g
}()

// torchTypes are PyTorch's names of the element types.
var torchTypes = map[string]DType{
	"float64": F64, "float32": F32, "float16": F16, "bfloat16": BF16,
	"int64": I64, "int32": I32, "int16": I16, "int8": I8,
	"uint64": U64, "uint32": U32, "uint16": U16, "uint8": U8, "bool": BOOL,
}

// torchStorageTypes are the classes of storages that have an element type; the unsigned types of more than one byte
// have none.
var torchStorageTypes = map[string]DType{
	"DoubleStorage": F64, "FloatStorage": F32, "HalfStorage": F16, "BFloat16Storage": BF16,
	"LongStorage": I64, "IntStorage": I32, "ShortStorage": I16, "CharStorage": I8, "ByteStorage": U8, "BoolStorage": BOOL,
}

// rebuildTensor takes (storage, offset, shape, strides, ...): what follows (requires_grad, hooks) is about training.
func rebuildTensor(args pickle.Tuple) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("%d arguments, a tensor needs 4", len(args))
	}
	view, ok := args[0].(torchView)
	if !ok {
		return nil, fmt.Errorf("the tensor has %s instead of a storage", pickle.Kind(args[0]))
	}
	if view.dtype == "" {
		return nil, errors.New("the tensor has an untyped storage and no type")
	}
	return newTensor(view, view.dtype, args[1], args[2], args[3])
}

// rebuildTensorOfType takes (storage, offset, shape, strides, requires_grad, hooks, type, ...); offset and strides
// count elements of the type.
func rebuildTensorOfType(args pickle.Tuple) (any, error) {
	if len(args) < 7 {
		return nil, fmt.Errorf("%d arguments, a tensor with a type needs 7", len(args))
	}
	view, ok := args[0].(torchView)
	dtype, ok2 := args[6].(DType)
	if !ok || !ok2 {
		return nil, fmt.Errorf("the tensor has %s instead of a storage, or %s instead of a type", pickle.Kind(args[0]), pickle.Kind(args[6]))
	}
	return newTensor(view, dtype, args[1], args[2], args[3])
}

// rebuildParameter takes (tensor, requires_grad, hooks, ...) and is the tensor.
func rebuildParameter(args pickle.Tuple) (any, error) {
	if len(args) < 1 {
		return nil, errors.New("a parameter without a tensor")
	}
	t, ok := args[0].(*torchTensor)
	if !ok {
		return nil, fmt.Errorf("a parameter of %s instead of a tensor", pickle.Kind(args[0]))
	}
	return t, nil
}

// tensorClass is torch.Tensor or a Parameter, as an argument.
type tensorClass struct{}

// rebuildFromType takes (function, class, arguments, attributes), by which a tensor with attributes of its own is
// written, and calls the function.
func rebuildFromType(args pickle.Tuple) (any, error) {
	if len(args) != 4 || args[1] != any(tensorClass{}) {
		return nil, errors.New("another class than torch.Tensor or Parameter")
	}
	rebuild, ok := args[0].(*pickle.Class)
	inner, ok2 := args[2].(pickle.Tuple)
	if !ok || !ok2 {
		return nil, fmt.Errorf("%s is called with %s", pickle.Kind(args[0]), pickle.Kind(args[2]))
	}
	v, err := rebuild.New(inner)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", rebuild.Name, err)
	}
	if _, ok := v.(*torchTensor); !ok {
		return nil, fmt.Errorf("%s makes %s instead of a tensor", rebuild.Name, pickle.Kind(v))
	}
	return v, nil
}

// items returns the only argument's elements; without arguments there are none.
func items(args pickle.Tuple) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	if len(args) == 1 {
		switch v := args[0].(type) {
		case pickle.Tuple:
			return v, nil
		case *pickle.List:
			return v.Items, nil
		}
	}
	return nil, errors.New("arguments other than one list or tuple")
}

func tupleOf(args pickle.Tuple) (any, error) {
	v, err := items(args)
	return pickle.Tuple(v), err
}

func setOf(args pickle.Tuple) (any, error) {
	v, err := items(args)
	return &pickle.Set{Items: v}, err
}

// dictOf takes nothing, a dictionary, or (as Python 2 wrote an OrderedDict) a list of pairs.
func dictOf(args pickle.Tuple) (any, error) {
	out := &pickle.Dict{}
	if len(args) == 1 {
		if d, ok := args[0].(*pickle.Dict); ok {
			for _, item := range d.Items {
				out.Set(item.Key, item.Value)
			}
			return out, nil
		}
	}
	pairs, err := items(args)
	if err != nil {
		return nil, err
	}
	for _, pair := range pairs {
		two, err := items(pickle.Tuple{pair})
		if err != nil || len(two) != 2 {
			return nil, errors.New("a list of other things than pairs")
		}
		out.Set(two[0], two[1])
	}
	return out, nil
}

// deviceOf takes the name of a device and perhaps its number, and is text.
func deviceOf(args pickle.Tuple) (any, error) {
	if len(args) == 1 {
		if name, ok := args[0].(string); ok {
			return name, nil
		}
	}
	if len(args) == 2 {
		name, ok := args[0].(string)
		number, ok2 := args[1].(int64)
		if ok && ok2 {
			return fmt.Sprintf("%s:%d", name, number), nil
		}
	}
	return nil, errors.New("arguments other than a name and a number")
}

// bytesOf takes nothing or bytes.
func bytesOf(args pickle.Tuple) (any, error) {
	if len(args) == 0 {
		return []byte{}, nil
	}
	if data, ok := args[0].([]byte); ok && len(args) == 1 {
		return data, nil
	}
	return nil, errors.New("arguments other than bytes")
}

// encode takes (text, "latin1"), by which protocol 2 writes bytes: each character is one.
func encode(args pickle.Tuple) (any, error) {
	if len(args) != 2 || args[1] != "latin1" {
		return nil, errors.New("another encoding than latin1")
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("%s instead of text", pickle.Kind(args[0]))
	}
	out := make([]byte, 0, len(text))
	for _, c := range text {
		if c > 0xff {
			return nil, fmt.Errorf("character %#x is no byte", c)
		}
		out = append(out, byte(c))
	}
	return out, nil
}

// namespace is an argparse.Namespace: its attributes are its entries.
type namespace struct{ pickle.Dict }

func newNamespace(args pickle.Tuple) (any, error) {
	if len(args) > 0 {
		return nil, errors.New("arguments, a Namespace has none")
	}
	return &namespace{}, nil
}

// Build sets the attributes.
func (n *namespace) Build(state any) error {
	d, ok := state.(*pickle.Dict)
	if !ok {
		return fmt.Errorf("%s instead of the attributes of a Namespace", pickle.Kind(state))
	}
	for _, item := range d.Items {
		n.Set(item.Key, item.Value)
	}
	return nil
}
