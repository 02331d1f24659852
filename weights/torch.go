package weights

import (
	"errors"
	"fmt"
	"io"

	"github.com/gogan-ml/gogan/weights/internal/pickle"
)

// ReadTorch reads the tensors of a file that torch.save wrote, in its zip form or in that of PyTorch before 1.6, by
// their names: those of nested dictionaries, lists and tuples are joined with ".", so that {"g_ema": {"bias": t}}
// gives "g_ema.bias". A file that is one tensor gives the name "tensor". Parameters are tensors; so are NumPy arrays
// and scalars of numbers. Each array has memory of its own in C order, whatever strides and shared storages the file
// has. Everything else in the file (numbers, text, None, settings of an optimizer) is passed over.
//
// Nothing in the file is run. A class or function beyond those of plain data is an error that names it, and so are
// tensors that are sparse, quantized or of a type outside DType's list. What repeats
// elements (views with a stride of 0, one storage in many tensors) may add at most 16 MiB and 8 times the bytes of the
// file.
func ReadTorch(path string) (map[string]Array, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	arrays, _, err := decodeTorch(f, size)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return arrays, nil
}

// decodeTorch reads a file of the given size, in either form: its tensors, and what else it holds in a short form.
func decodeTorch(r io.ReaderAt, size int64) (arrays map[string]Array, values map[string]string, err error) {
	open := openTorchLegacy
	if startsWith(r, zipMagic) {
		open = openTorchZip
	}
	f, err := open(r, size)
	if err != nil {
		return nil, nil, err
	}
	found, err := f.find()
	if err != nil {
		return nil, nil, err
	}
	arrays, err = f.load(found.arrays)
	return arrays, found.values, err
}

// torchFile is a file of which all but the storages was read.
type torchFile struct {
	root      any                                 // what torch.save was given
	read      func(*torchStorage) ([]byte, error) // returns the bytes of a storage as a new slice
	bigEndian bool                                // the storages' elements are big-endian
	size      int64                               // bytes of the file
}

// decodePickle reads the pickle that refers to the storages of a file, and says what to do about a class in it.
func decodePickle(in *pickle.Reader, storages *torchStorages) (any, error) {
	root, err := pickle.Decode(in, pickle.Options{Globals: torchGlobals, Persistent: storages.persistent})
	if unknown := new(pickle.ClassError); errors.As(err, &unknown) {
		return nil, fmt.Errorf("%w: nothing of it was run; save the tensors alone: torch.save(model.state_dict(), FILE)", err)
	}
	return root, err
}

// load reads what was found: tensors from their storages, each storage once.
func (f *torchFile) load(found []namedArray) (map[string]Array, error) {
	out := make(map[string]Array, len(found))
	users := map[*torchStorage][]int{} // tensors that have elements, as indices of found
	for i, a := range found {
		switch {
		case a.tensor == nil:
			out[a.name] = a.array
		case a.length == 0:
			out[a.name] = Array{DType: a.tensor.dtype, Shape: a.tensor.shape}
		default:
			users[a.tensor.storage] = append(users[a.tensor.storage], i)
		}
	}
	for _, a := range found {
		if a.tensor == nil || a.length == 0 || users[a.tensor.storage] == nil {
			continue
		}
		storage := a.tensor.storage
		data, err := f.read(storage)
		if err != nil {
			return nil, fmt.Errorf("tensor %s: storage %s: %w", pickle.Quote(a.name), pickle.Quote(storage.key), err)
		}
		for k, i := range users[storage] {
			last := k == len(users[storage])-1
			out[found[i].name] = found[i].tensor.array(data, found[i].length, last, f.bigEndian)
		}
		delete(users, storage)
	}
	return out, nil
}

// array makes the tensor, of length bytes, from the bytes of its storage: a copy, or, if nobody else needs the storage,
// the storage itself where the tensor is all of it.
func (t *torchTensor) array(storage []byte, length int, last, bigEndian bool) Array {
	size := t.dtype.Size()
	stride := make([]int, len(t.shape))
	contiguous, step := true, size
	for axis := len(t.shape) - 1; axis >= 0; axis-- {
		stride[axis] = t.stride[axis] * size
		contiguous = contiguous && (t.shape[axis] == 1 || stride[axis] == step)
		step *= t.shape[axis]
	}
	data := storage
	if !last || !contiguous || length != len(storage) {
		data = gather(make([]byte, 0, length), storage, t.first, t.shape, stride, size)
	}
	if bigEndian {
		swapBytes(data, size)
	}
	return Array{DType: t.dtype, Shape: t.shape, Data: data}
}
