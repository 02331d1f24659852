package weights

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// torchAlign is the multiple of bytes at which torch.save lets each entry of an archive begin.
const torchAlign = 64

// WriteTorch writes the arrays as a dictionary of tensors in the zip form of torch.save, which
// torch.load(FILE, weights_only=True) and load_state_dict take. Names are sorted, entries stored and aligned to 64 bytes;
// there is no time or path inside, so that equal arrays give equal bytes.
//
// It returns an error, before the first byte is written, if an array's data does not fit its shape or a name is not
// valid UTF-8. U16, U32 and U64 need PyTorch 2.3 or newer.
func WriteTorch(w io.Writer, arrays map[string]Array) error {
	names, err := torchNames(arrays)
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	a := torchWriter{zip: zip.NewWriter(w)}
	a.entry("data.pkl", torchPickle(names, arrays, false))
	a.entry("byteorder", []byte("little"))
	for i, name := range names {
		a.entry("data/"+strconv.Itoa(i), arrays[name].Data)
	}
	a.entry("version", []byte("3\n")) // of the form of the archive
	if a.err == nil {
		a.err = a.zip.Close()
	}
	if a.err != nil {
		return fmt.Errorf("weights: write of a PyTorch archive: %w", a.err)
	}
	return nil
}

// torchNames checks what is to be written and returns the names sorted.
func torchNames(arrays map[string]Array) ([]string, error) {
	names := slices.Sorted(maps.Keys(arrays))
	for _, name := range names {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("array %q: the name is not valid UTF-8", name)
		}
		if err := arrays[name].check(); err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
		if n := len(arrays[name].Shape); n > maxTorchRank {
			return nil, fmt.Errorf("array %q: %d axes, PyTorch allows %d", name, n, maxTorchRank)
		}
	}
	return names, nil
}

// torchWriter writes entries until the first error.
type torchWriter struct {
	zip *zip.Writer
	at  int // bytes written
	err error
}

// entry writes an entry under the directory that torch.save takes by default. An extra field of the header moves the
// data to a multiple of torchAlign.
func (a *torchWriter) entry(name string, data []byte) {
	if a.err != nil {
		return
	}
	name = "archive/" + name
	const header, field = 30, 4 // bytes of a local header without name, and of an extra field without content
	begin := a.at + header + len(name) + field
	padding := (torchAlign - begin%torchAlign) % torchAlign
	extra := binary.LittleEndian.AppendUint16([]byte("FB"), uint16(padding))
	extra = append(extra, slices.Repeat([]byte{'Z'}, padding)...)
	size := uint64(len(data))
	f, err := a.zip.CreateRaw(&zip.FileHeader{Name: name, Extra: extra, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: size, UncompressedSize64: size})
	if err == nil {
		_, err = f.Write(data)
	}
	a.err = err
	a.at = begin + padding + len(data)
}

// WriteTorchLegacy is WriteTorch in the form that PyTorch before 1.6 reads, and every later one, too. U16, U32 and U64
// are an error: PyTorch cannot load them from this form.
func WriteTorchLegacy(w io.Writer, arrays map[string]Array) error {
	names, err := torchNames(arrays)
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	for _, name := range names {
		if _, typed := storageClass(arrays[name].DType); !typed {
			return fmt.Errorf("weights: array %q: PyTorch cannot load %s from a legacy file; use the zip form", name, arrays[name].DType)
		}
	}
	keys := make([]string, len(names))
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	byKey := slices.Sorted(slices.Values(keys))
	head := legacyHead()
	head = append(head, torchPickle(names, arrays, true)...)
	head = append(head, keysPickle(byKey)...)
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("weights: write of a PyTorch stream: %w", err)
	}
	for _, key := range byKey {
		i, _ := strconv.Atoi(key) // made above
		a := arrays[names[i]]
		count := binary.LittleEndian.AppendUint64(nil, uint64(len(a.Data)/a.DType.Size()))
		_, err := w.Write(count)
		if err == nil {
			_, err = w.Write(a.Data)
		}
		if err != nil {
			return fmt.Errorf("weights: write of a PyTorch stream: %w", err)
		}
	}
	return nil
}

// storageClass returns the class of storages of a type; the unsigned types of more than one byte have none.
func storageClass(d DType) (name string, typed bool) {
	for name, dtype := range torchStorageTypes {
		if dtype == d {
			return name, true
		}
	}
	return "", false
}

// torchType returns PyTorch's name of a type.
func torchType(d DType) string {
	for name, dtype := range torchTypes {
		if dtype == d {
			return name
		}
	}
	panic("weights: no type of PyTorch for " + string(d)) // check has refused all others
}
