package weights

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/weights/internal/pickle"
)

// The zip form of torch.save, since PyTorch 1.6. All entries lie under one directory, whose name is free:
// data.pkl is what was saved, data/KEY the bytes of a storage, byteorder (since 2.1) "little" or "big".

// zipMagic begins an archive that has entries.
const zipMagic = "PK\x03\x04"

// torchArchive are the entries of an archive.
type torchArchive struct {
	r       io.ReaderAt
	size    int64
	entries map[string]*zip.File
	top     string // the directory, with the slash
}

// openTorchZip reads all but the storages.
func openTorchZip(r io.ReaderAt, size int64) (*torchFile, error) {
	a, err := openTorchArchive(r, size)
	if err != nil {
		return nil, err
	}
	data, err := a.content(a.top + "data.pkl")
	if err != nil {
		return nil, err
	}
	order := []byte("little")
	if a.entries[a.top+"byteorder"] != nil {
		if order, err = a.content(a.top + "byteorder"); err != nil {
			return nil, err
		}
	}
	if string(order) != "little" && string(order) != "big" {
		return nil, fmt.Errorf("the byte order is %s, neither little nor big", pickle.Quote(string(order)))
	}
	storages := &torchStorages{map[string]*torchStorage{}}
	in := newPickleReader(data)
	root, err := decodePickle(in, storages)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	if in.Offset() != int64(len(data)) {
		return nil, fmt.Errorf("data.pkl: %d bytes follow the pickle", int64(len(data))-in.Offset())
	}
	read := func(s *torchStorage) ([]byte, error) {
		name := a.top + "data/" + s.key
		entry := a.entries[name]
		if entry == nil {
			return nil, errors.New("the archive has no such storage")
		}
		if entry.UncompressedSize64 != uint64(s.length) {
			return nil, fmt.Errorf("the pickle claims %d bytes, the archive has %d", s.length, entry.UncompressedSize64)
		}
		return a.content(name)
	}
	return &torchFile{root: root, read: read, bigEndian: string(order) == "big", size: size}, nil
}

// openTorchArchive checks the entries and finds their directory.
func openTorchArchive(r io.ReaderAt, size int64) (*torchArchive, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not a PyTorch archive, or truncated: %w", err)
	}
	if err := refuseBomb(archive, size); err != nil {
		return nil, err
	}
	if err := checkApart(archive, size); err != nil {
		return nil, err
	}
	a := &torchArchive{r: r, size: size, entries: make(map[string]*zip.File, len(archive.File))}
	var tops []string
	for _, entry := range archive.File {
		if a.entries[entry.Name] != nil {
			return nil, fmt.Errorf("entry %s occurs twice", pickle.Quote(entry.Name))
		}
		a.entries[entry.Name] = entry
		if top, ok := strings.CutSuffix(entry.Name, "/data.pkl"); ok && !strings.ContainsAny(top, `/\`) && top != "" && top != ".." {
			tops = append(tops, top+"/")
		}
	}
	if len(tops) != 1 {
		return nil, fmt.Errorf("not a PyTorch archive: %d entries have the name DIRECTORY/data.pkl, one is needed", len(tops))
	}
	a.top = tops[0]
	if a.entries[a.top+"constants.pkl"] != nil {
		return nil, errors.New("a TorchScript program, which is code; save its tensors: torch.save(module.state_dict(), FILE)")
	}
	return a, nil
}

// checkApart refuses an archive whose entries share bytes: that is how a small file can unpack to a large one without
// a high ratio in any entry.
func checkApart(archive *zip.Reader, size int64) error {
	type extent struct{ begin, end int64 }
	extents := make([]extent, 0, len(archive.File))
	for _, entry := range archive.File {
		begin, err := entry.DataOffset()
		if err != nil {
			return fmt.Errorf("entry %s: %w", pickle.Quote(entry.Name), err)
		}
		if n := entry.CompressedSize64; begin > size || n > uint64(size-begin) {
			return fmt.Errorf("truncated: entry %s has %d bytes, which lie beyond the end of the file", pickle.Quote(entry.Name), n)
		}
		if entry.CompressedSize64 > 0 {
			extents = append(extents, extent{begin, begin + int64(entry.CompressedSize64)})
		}
	}
	slices.SortFunc(extents, func(a, b extent) int { return cmp.Compare(a.begin, b.begin) })
	for i := 1; i < len(extents); i++ {
		if extents[i].begin < extents[i-1].end {
			return errors.New("entries of the archive overlap: refused as a zip bomb")
		}
	}
	return nil
}

// content returns the bytes of an entry as a new slice. A checksum of 0 is not compared: torch.save writes it after
// torch.serialization.set_crc32_options(False).
func (a *torchArchive) content(name string) ([]byte, error) {
	entry := a.entries[name]
	begin, err := entry.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", pickle.Quote(name), err)
	}
	n := int64(entry.UncompressedSize64)
	var r io.Reader = io.NewSectionReader(a.r, begin, int64(entry.CompressedSize64))
	available := n
	switch {
	case entry.Flags&1 != 0:
		return nil, fmt.Errorf("entry %s is encrypted", pickle.Quote(name))
	case entry.Method == zip.Store && entry.CompressedSize64 != entry.UncompressedSize64:
		return nil, fmt.Errorf("entry %s has two sizes", pickle.Quote(name))
	case entry.Method == zip.Deflate:
		r, available = flate.NewReader(r), -1 // memory grows with what comes out
	case entry.Method != zip.Store:
		return nil, fmt.Errorf("entry %s: zip method %d is not supported (supported: stored, deflated)", pickle.Quote(name), entry.Method)
	}
	sum := &summer{r: r}
	data, err := readBytes(sum, int(n), available)
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", pickle.Quote(name), err)
	}
	if entry.Method == zip.Deflate {
		if k, err := io.ReadFull(r, make([]byte, 1)); k > 0 || err != io.EOF {
			return nil, fmt.Errorf("entry %s unpacks to more than %d bytes, or does not end", pickle.Quote(name), n)
		}
	}
	if entry.CRC32 != 0 && sum.crc != entry.CRC32 {
		return nil, fmt.Errorf("entry %s: the checksum differs: the file is damaged", pickle.Quote(name))
	}
	return data, nil
}

// summer computes the checksum of what is read through it, in pieces that are still in the processor's cache.
type summer struct {
	r   io.Reader
	crc uint32
}

func (s *summer) Read(p []byte) (int, error) {
	const piece = 1 << 18
	n, err := s.r.Read(p[:min(len(p), piece)])
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p[:n])
	return n, err
}
