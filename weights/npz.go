package weights

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// A zip may unpack to hundreds of times its size. An archive is refused, before anything is unpacked, if it says
// that it unpacks to more than unzipFree bytes and more than unzipRatio times its size. Deflate reaches 1000 on
// constant data; real data beyond unzipFree stays far below 100.
const (
	unzipFree  = 256 << 20
	unzipRatio = 100
)

// refuseBomb holds what an archive of the given size says that it unpacks to against these limits.
func refuseBomb(archive *zip.Reader, size int64) error {
	var total uint64
	for _, entry := range archive.File {
		if total += entry.UncompressedSize64; total < entry.UncompressedSize64 {
			total = 1<<64 - 1
			break
		}
	}
	if total > unzipFree && total/unzipRatio > uint64(size) {
		return fmt.Errorf("unpacks from %d to %d bytes, more than %d times its size: refused as a zip bomb", size, total, unzipRatio)
	}
	return nil
}

// ReadNPZ reads all arrays of an npz file, stored or deflated, by their names without ".npy". What ReadNPY refuses,
// it refuses too, naming the file and the array; also an archive whose checksums do not fit, that has one name
// twice or other entries than arrays, or that unpacks to more than 256 MiB and 100 times its size: save such data
// uncompressed.
func ReadNPZ(path string) (map[string]Array, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	arrays, err := decodeNPZ(f, size)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return arrays, nil
}

// decodeNPZ reads an archive of the given size.
func decodeNPZ(r io.ReaderAt, size int64) (map[string]Array, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not an npz archive, or truncated: %w", err)
	}
	if err := refuseBomb(archive, size); err != nil {
		return nil, err
	}
	arrays := make(map[string]Array, len(archive.File))
	for _, entry := range archive.File {
		name, ok := strings.CutSuffix(entry.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("entry %q is no array (its name does not end in .npy)", entry.Name)
		}
		if _, twice := arrays[name]; twice {
			return nil, fmt.Errorf("array %q occurs twice", name)
		}
		if arrays[name], err = readEntry(entry, size); err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
	}
	return arrays, nil
}

// readEntry reads the array of one entry of an archive of the given size.
func readEntry(entry *zip.File, size int64) (Array, error) {
	if entry.Flags&1 != 0 {
		return Array{}, errors.New("the entry is encrypted")
	}
	if entry.Method != zip.Store && entry.Method != zip.Deflate {
		return Array{}, fmt.Errorf("zip method %d is not supported (supported: stored, deflated)", entry.Method)
	}
	r, err := entry.Open()
	if err != nil {
		return Array{}, err
	}
	defer r.Close()
	h, headerLen, err := readNPYHeader(r)
	if err != nil {
		return Array{}, err
	}
	length, err := byteLen(h.dtype, h.shape)
	if err != nil {
		return Array{}, fmt.Errorf("npy header: %w", err)
	}
	if got, want := entry.UncompressedSize64, uint64(headerLen)+uint64(length); got != want {
		return Array{}, fmt.Errorf("the entry has %d bytes, its npy header asks for %d", got, want)
	}
	available := int64(-1) // deflated: memory grows with what comes out
	if entry.Method == zip.Store {
		available = size
	}
	a, err := readNPYData(r, h, available)
	if err != nil {
		return Array{}, err
	}
	if n, err := io.Copy(io.Discard, r); err != nil { // reaches the end, where the checksum is compared
		return Array{}, err
	} else if n > 0 {
		return Array{}, fmt.Errorf("%d bytes follow the array", n)
	}
	return a, nil
}

// npzTime is the time NumPy gives to every entry; it makes equal arrays equal bytes.
var npzTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// WriteNPZ writes the arrays, names sorted, as an npz archive, stored or (compress) deflated. Equal arrays give equal
// bytes; deflated ones as long as Go's compressor does not change. Restrictions as WriteNPY.
func WriteNPZ(w io.Writer, arrays map[string]Array, compress bool) error {
	names := slices.Sorted(maps.Keys(arrays))
	for _, name := range names {
		if _, err := npyHeaderBytes(arrays[name]); err != nil {
			return fmt.Errorf("weights: array %q: %w", name, err)
		}
	}
	method := zip.Store
	if compress {
		method = zip.Deflate
	}
	archive := zip.NewWriter(w)
	for _, name := range names {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: method, Modified: npzTime})
		if err == nil {
			err = writeNPY(entry, arrays[name])
		}
		if err != nil {
			return fmt.Errorf("weights: array %q: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("weights: write of an npz archive: %w", err)
	}
	return nil
}
