package weights

import (
	"errors"
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/weights/internal/pickle"
)

// maxTorchRank bounds the axes of a tensor, as PyTorch does.
const maxTorchRank = 64

// torchStorage is the memory behind tensors: bytes that lie outside of the pickle, under a key.
type torchStorage struct {
	key    string
	length int64 // bytes
	size   int   // bytes of an element, 1 if the storage is untyped
}

// torchView is a storage as a pickle refers to it: all of it, or (before PyTorch 0.4) a part.
type torchView struct {
	storage      *torchStorage
	dtype        DType // "" if untyped
	begin, bytes int64 // the part
}

// torchTensor is a strided view of a storage. The view lies in the storage.
type torchTensor struct {
	storage       *torchStorage
	dtype         DType
	first         int // byte of the storage where element 0 begins
	shape, stride []int
}

// storageType is a class of storages: its element type, "" for bytes of any type.
type storageType struct{ dtype DType }

// torchStorages are the storages that a pickle refers to, by key.
type torchStorages struct{ byKey map[string]*torchStorage }

// persistent reads the id of a storage: ("storage", class, key, device, number of elements), and in legacy files a part
// of it as (key, first element, number of elements) or None.
func (s *torchStorages) persistent(id any) (any, error) {
	fields, ok := id.(pickle.Tuple)
	if !ok || len(fields) < 5 || len(fields) > 6 || fields[0] != "storage" {
		return nil, fmt.Errorf("it refers to something other than a storage by %s; save the tensors alone: torch.save(model.state_dict(), FILE)",
			pickle.Kind(id))
	}
	class, ok := fields[1].(storageType)
	key, ok2 := fields[2].(string)
	count, ok3 := fields[4].(int64)
	if !ok || !ok2 || !ok3 || count < 0 {
		return nil, errors.New("malformed reference to a storage")
	}
	size := max(1, class.dtype.Size())
	if count > math.MaxInt64/int64(size) {
		return nil, fmt.Errorf("storage %s claims %d elements, more than fit in memory", pickle.Quote(key), count)
	}
	storage := &torchStorage{key, count * int64(size), size}
	if first, found := s.byKey[key]; found {
		if first.length != storage.length {
			return nil, fmt.Errorf("storage %s has %d bytes in one place and %d in another", pickle.Quote(key), first.length, storage.length)
		}
		storage = first
	}
	s.byKey[key] = storage
	view := torchView{storage, class.dtype, 0, storage.length}
	if len(fields) == 6 && fields[5] != nil {
		part, ok := fields[5].(pickle.Tuple)
		if !ok || len(part) != 3 {
			return nil, errors.New("malformed reference to a part of a storage")
		}
		begin, ok := part[1].(int64)
		n, ok2 := part[2].(int64)
		if !ok || !ok2 || begin < 0 || n < 0 || begin > count || n > count-begin {
			return nil, fmt.Errorf("a part of storage %s lies outside of it", pickle.Quote(key))
		}
		view.begin, view.bytes = begin*int64(size), n*int64(size)
	}
	return view, nil
}

// newTensor checks a view of a storage; offset and stride count elements.
func newTensor(view torchView, dtype DType, offset, shape, stride any) (*torchTensor, error) {
	sizes, err := wholes(shape)
	if err != nil {
		return nil, fmt.Errorf("shape: %w", err)
	}
	strides, err := wholes(stride)
	if err != nil {
		return nil, fmt.Errorf("strides: %w", err)
	}
	at, ok := offset.(int64)
	if !ok || at < 0 || len(sizes) != len(strides) {
		return nil, fmt.Errorf("malformed tensor: offset %v, %d axes, %d strides", offset, len(sizes), len(strides))
	}
	length, err := byteLen(dtype, sizes)
	if err != nil {
		return nil, err
	}
	size := int64(dtype.Size())
	t := &torchTensor{storage: view.storage, dtype: dtype, shape: sizes, stride: strides}
	if length == 0 {
		return t, nil
	}
	last, count := at, view.bytes/size // the highest element, of how many
	for axis, n := range sizes {
		if n == 1 {
			continue
		}
		if s := int64(strides[axis]); s > 0 && int64(n-1) > (count-last)/s {
			last = count
			break
		}
		last += int64(n-1) * int64(strides[axis])
	}
	if last >= count {
		return nil, fmt.Errorf("a tensor of shape %v with strides %v from element %d lies outside of its storage of %d elements",
			sizes, strides, at, count)
	}
	t.first = int(view.begin + at*size)
	return t, nil
}

// wholes returns the numbers of a tuple or list of whole numbers that are not negative.
func wholes(v any) ([]int, error) {
	items, ok := v.(pickle.Tuple)
	if list, isList := v.(*pickle.List); isList {
		items, ok = list.Items, true
	}
	if !ok {
		return nil, fmt.Errorf("%s instead of a tuple of numbers", pickle.Kind(v))
	}
	if len(items) > maxTorchRank {
		return nil, fmt.Errorf("%d axes, PyTorch allows %d", len(items), maxTorchRank)
	}
	out := make([]int, len(items))
	for i, item := range items {
		n, ok := item.(int64)
		if !ok || n < 0 {
			return nil, errors.New("an axis is no whole number")
		}
		out[i] = int(n)
	}
	return out, nil
}
