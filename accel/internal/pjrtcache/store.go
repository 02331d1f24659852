//go:build cgo && linux

package pjrtcache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// defaultLimit bounds the bytes of all files in a store: some thousand training steps of 0.5 to 1 MB.
const defaultLimit = 2 << 30

const (
	suffix = ".pjrt"
	// magic begins each file; its last byte is the version of the format. Then follow 8 bytes with the length of the
	// content (little-endian), the SHA-256 of key and content, and the content.
	magic      = "gogan-c\x01"
	headerSize = len(magic) + 8 + sha256.Size
)

// store is a directory with one file for each compiled program, named by its key. Since the content is executed, the
// directory and each file must belong to the user of this process and be closed to everybody else for writing; a
// checksum finds accidental damage. Files are written under another name and renamed, so that several processes can
// share a store.
type store struct {
	dir   string
	limit int64 // bytes of all files; the ones not used for longest go first
}

var errDamaged = errors.New("the file is damaged")

// openStore creates the directory, with mode 0700, if it is not there. It returns an error if somebody else could put
// files into it.
func openStore(dir string, limit int64) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if err := trusted(info, os.Geteuid()); err != nil {
		return nil, fmt.Errorf("compiled programs are not kept in %s: %w", dir, err)
	}
	return &store{dir: dir, limit: limit}, nil
}

// trusted returns an error if another user than uid may have written, or may write, the file or directory.
func trusted(info fs.FileInfo, uid int) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != uid {
		return errors.New("it belongs to another user")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return errors.New("it is writable for others (chmod go-w helps)")
	}
	return nil
}

func (s *store) path(key string) string { return filepath.Join(s.dir, key+suffix) }

// get returns the content kept under key, nil if there is none, or an error if the file cannot be used.
func (s *store) get(key string) ([]byte, error) {
	f, err := os.OpenFile(s.path(key), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := trusted(info, os.Geteuid()); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	if !info.Mode().IsRegular() || info.Size() < int64(headerSize) || info.Size() > s.limit {
		return nil, fmt.Errorf("%s: %w", f.Name(), errDamaged)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, err
	}
	content := data[headerSize:]
	if !bytes.Equal(data[:headerSize], header(key, content)) {
		return nil, fmt.Errorf("%s: %w", f.Name(), errDamaged)
	}
	now := time.Now()
	_ = os.Chtimes(f.Name(), now, now) // used now; only the order of removal depends on it
	return content, nil
}

func header(key string, content []byte) []byte {
	sum := sha256.New()
	sum.Write([]byte(key))
	sum.Write(content)
	h := make([]byte, 0, headerSize)
	h = append(h, magic...)
	h = binary.LittleEndian.AppendUint64(h, uint64(len(content)))
	return sum.Sum(h)
}

// put keeps content under key, replacing what was there, and removes the oldest files beyond the limit.
func (s *store) put(key string, content []byte) error {
	if int64(headerSize+len(content)) > s.limit {
		return fmt.Errorf("a compiled program of %d bytes is more than all that is kept", len(content))
	}
	if err := s.write(s.path(key), header(key, content), content); err != nil {
		return err
	}
	return s.trim()
}

// write makes the file at path, mode 0600, hold the parts, or leaves it as it was. It does not sync: after a crash the
// checksum tells.
func (s *store) write(path string, parts ...[]byte) (err error) {
	f, err := os.CreateTemp(s.dir, temporary+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	for _, part := range parts {
		if _, err = f.Write(part); err != nil {
			return err
		}
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// temporary begins the names of files that are being written.
const temporary = ".new-"

// trim removes the files not used for longest until all are within the limit, and what killed processes left. Another
// process may do the same at the same time, so a file that is gone already is no error.
func (s *store) trim() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	type file struct {
		path string
		size int64
		used time.Time
	}
	var files []file
	var total int64
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			continue
		}
		path := filepath.Join(s.dir, entry.Name())
		switch {
		case strings.HasSuffix(entry.Name(), suffix):
			files = append(files, file{path, info.Size(), info.ModTime()})
			total += info.Size()
		case strings.HasPrefix(entry.Name(), temporary) && time.Since(info.ModTime()) > time.Hour:
			os.Remove(path)
		}
	}
	slices.SortFunc(files, func(a, b file) int { return a.used.Compare(b.used) })
	for _, f := range files {
		if total <= s.limit {
			break
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= f.size
	}
	return nil
}
