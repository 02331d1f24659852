package weights

import (
	"bytes"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/weights/internal/pickle"
)

// What a file may grow by, in bytes: views can repeat elements and containers can be in many places, so that the size of
// a file does not bound what is in it. The bytes of each storage once do not count: they are read before any tensor of
// the storage is made, and must be there.
const (
	torchFree  = 16 << 20
	torchRatio = 8 // times the bytes of the file, on top
)

// maxTorchDepth bounds the nesting of dictionaries and lists; one that holds itself has no end.
const maxTorchDepth = 100

// namedArray is an array of a file: a tensor whose elements are still in their storage, or an array.
type namedArray struct {
	name   string
	tensor *torchTensor
	array  Array
	length int // bytes
}

// findings are what a file holds, in the order of its dictionaries.
type findings struct {
	arrays []namedArray
	values map[string]string // everything else in a short form, by name
	names  map[string]bool   // of arrays
	copied map[*numPyArray]bool
	unused map[*torchStorage]int // bytes that no tensor stands for yet
	left   int64                 // what the file may still grow by
	limit  int64
}

// find walks what torch.save was given.
func (f *torchFile) find() (*findings, error) {
	limit := torchFree + torchRatio*f.size
	found := &findings{values: map[string]string{}, names: map[string]bool{}, copied: map[*numPyArray]bool{},
		unused: map[*torchStorage]int{}, left: limit, limit: limit}
	if err := found.walk("", f.root, 0); err != nil {
		return nil, err
	}
	return found, nil
}

// take uses up n bytes of what the file may grow by.
func (f *findings) take(n int) error {
	if int64(n) > f.left {
		return fmt.Errorf("the file grows by more than %d bytes, 16 MiB and %d times its size; save tensors that repeat elements as they are before .expand()",
			f.limit, torchRatio)
	}
	f.left -= int64(n)
	return nil
}

// walk adds v, of the given name, and what is in it.
func (f *findings) walk(name string, v any, depth int) error {
	if depth > maxTorchDepth {
		return fmt.Errorf("%s is nested more than %d deep, or in itself", pickle.Quote(name), maxTorchDepth)
	}
	if err := f.take(len(name) + 64); err != nil { // 64: what a value or tensor costs beside its name and elements
		return err
	}
	switch v := v.(type) {
	case *torchTensor:
		return f.add(namedArray{name: name, tensor: v, array: Array{DType: v.dtype, Shape: v.shape}})
	case *numPyArray:
		a := v.array
		if f.copied[v] { // in two places: each has memory of its own
			a.Data = bytes.Clone(a.Data)
		}
		f.copied[v] = true
		return f.add(namedArray{name: name, array: a})
	case *namespace:
		return f.walkDict(name, &v.Dict, depth)
	case *pickle.Dict:
		return f.walkDict(name, v, depth)
	case pickle.Tuple:
		return f.walkList(name, v, depth)
	case *pickle.List:
		return f.walkList(name, v.Items, depth)
	}
	f.values[name] = short(v)
	return nil
}

func (f *findings) walkDict(name string, d *pickle.Dict, depth int) error {
	for _, item := range d.Items {
		key, ok := item.Key.(string)
		if !ok {
			key = short(item.Key)
		}
		if err := f.walk(join(name, key), item.Value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// walkList treats a list of nothing but plain values as one value.
func (f *findings) walkList(name string, items []any, depth int) error {
	if err := f.take(16 * len(items)); err != nil { // the time to look at them
		return err
	}
	plain := true
	for _, item := range items {
		plain = plain && isPlain(item)
	}
	if plain {
		f.values[name] = shortList(items)
		return nil
	}
	for i, item := range items {
		if err := f.walk(join(name, strconv.Itoa(i)), item, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func join(name, key string) string {
	if name == "" {
		return key
	}
	return name + "." + key
}

// add adds an array.
func (f *findings) add(a namedArray) error {
	if a.name == "" {
		a.name = "tensor"
	}
	if f.names[a.name] {
		return fmt.Errorf("two tensors have the name %s", pickle.Quote(a.name))
	}
	f.names[a.name] = true
	var err error
	if a.length, err = byteLen(a.array.DType, a.array.Shape); err != nil {
		return fmt.Errorf("tensor %s: %w", pickle.Quote(a.name), err)
	}
	more := a.length
	if a.tensor != nil {
		unused, known := f.unused[a.tensor.storage]
		if !known {
			unused = int(a.tensor.storage.length)
		}
		own := min(unused, more)
		f.unused[a.tensor.storage] = unused - own
		more -= own
	}
	if err := f.take(more); err != nil {
		return fmt.Errorf("tensor %s: %w", pickle.Quote(a.name), err)
	}
	f.arrays = append(f.arrays, a)
	return nil
}

// isPlain says whether v has no values inside.
func isPlain(v any) bool {
	switch v.(type) {
	case nil, bool, int64, *big.Int, float64, string, []byte:
		return true
	}
	return false
}

// short returns a value that is no tensor as a person would want it in a list: in a few characters.
func short(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return pickle.Quote(v)
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	case pickle.Tuple:
		return shortList(v)
	case DType:
		return string(v)
	}
	return pickle.Kind(v)
}

// shortList writes a few plain values and counts many.
func shortList(items []any) string {
	const few = 8
	var texts []string
	for _, item := range items {
		if len(items) > few || !isPlain(item) {
			return fmt.Sprintf("%d values", len(items))
		}
		texts = append(texts, short(item))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
