package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/gogan-ml/gogan/weights/internal/pickle"
)

// The form of torch.save before PyTorch 1.6: a stream of five pickles (a magic number, the version of the form, facts of
// the machine, what was saved, the keys of the storages), then for each key the number of elements (8 bytes) and the
// elements. Both are little-endian on every machine (torch/csrc/serialization.cpp), whatever the third pickle says.

// torchMagic is the number that the first pickle holds, torchProtocol that of the second (torch/serialization.py).
var torchMagic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

const torchProtocol = 1001

// newPickleReader reads pickles from memory.
func newPickleReader(data []byte) *pickle.Reader {
	return pickle.NewReader(bytes.NewReader(data), int64(len(data)))
}

// openTorchLegacy reads all but the storages.
func openTorchLegacy(r io.ReaderAt, size int64) (*torchFile, error) {
	in := pickle.NewReader(io.NewSectionReader(r, 0, size), size)
	magic, err := pickle.Decode(in, pickle.Options{Globals: torchGlobals})
	if n, ok := magic.(*big.Int); err != nil || !ok || n.Cmp(torchMagic) != 0 {
		return nil, errors.New("not a file of torch.save: it begins with neither a zip archive nor the magic number")
	}
	version, err := pickle.Decode(in, pickle.Options{})
	if err != nil {
		return nil, err
	}
	if version != int64(torchProtocol) {
		return nil, fmt.Errorf("version %s of torch.save's stream is unknown (known: %d)", short(version), torchProtocol)
	}
	if _, err := pickle.Decode(in, pickle.Options{}); err != nil {
		return nil, err
	}
	storages := &torchStorages{map[string]*torchStorage{}}
	root, err := decodePickle(in, storages)
	if err != nil {
		return nil, err
	}
	keys, err := pickle.Decode(in, pickle.Options{})
	if err != nil {
		return nil, err
	}
	list, ok := keys.(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("%s instead of the list of storages", pickle.Kind(keys))
	}
	begins, err := findStorages(r, in.Offset(), size, list.Items, storages.byKey)
	if err != nil {
		return nil, err
	}
	read := func(s *torchStorage) ([]byte, error) {
		begin, found := begins[s.key]
		if !found {
			return nil, errors.New("the file has no such storage")
		}
		return readBytes(io.NewSectionReader(r, begin, s.length), int(s.length), s.length)
	}
	return &torchFile{root: root, read: read, size: size}, nil
}

// findStorages returns where the elements of each storage begin. The storages must fill the file from byte at.
func findStorages(r io.ReaderAt, at, size int64, keys []any, known map[string]*torchStorage) (map[string]int64, error) {
	begins := make(map[string]int64, len(keys))
	for _, k := range keys {
		key, ok := k.(string)
		if !ok {
			return nil, fmt.Errorf("%s instead of the key of a storage", pickle.Kind(k))
		}
		s := known[key]
		if s == nil {
			return nil, fmt.Errorf("storage %s is listed, but nothing says of which type it is", pickle.Quote(key))
		}
		if _, twice := begins[key]; twice {
			return nil, fmt.Errorf("storage %s is listed twice", pickle.Quote(key))
		}
		var count [8]byte
		if size-at < 8 {
			return nil, fmt.Errorf("truncated before storage %s", pickle.Quote(key))
		}
		if _, err := r.ReadAt(count[:], at); err != nil {
			return nil, err
		}
		at += 8
		if n := binary.LittleEndian.Uint64(count[:]); n != uint64(s.length)/uint64(s.size) {
			return nil, fmt.Errorf("storage %s has %d elements, the pickle claims %d", pickle.Quote(key), n, s.length/int64(s.size))
		}
		if s.length > size-at {
			return nil, fmt.Errorf("truncated: storage %s has %d bytes, %d are there", pickle.Quote(key), s.length, size-at)
		}
		begins[key] = at
		at += s.length
	}
	if at != size {
		return nil, fmt.Errorf("%d bytes follow the last storage", size-at)
	}
	return begins, nil
}
