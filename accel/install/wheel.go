package install

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// wheel describes a Python wheel and the one file wanted from it.
type wheel struct {
	name, version string
	sha256        string // of the wheel
	member        string // file name (without directories) wanted from it
	memberSHA256  string // of that file
	maxSize       int64  // of that file, in bytes
}

// fetcher puts the wheel into dir and returns its path.
type fetcher func(ctx context.Context, w wheel, dir string) (string, error)

// install makes <root>/<name>-<version>/<member> exist and returns its path. A damaged file is replaced.
func (w wheel) install(ctx context.Context, root string, fetch fetcher, progress func(string)) (string, error) {
	dir := filepath.Join(root, w.name+"-"+w.version)
	target := filepath.Join(dir, w.member)
	if whole(target) {
		return target, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(dir, ".lock"), func() {
		progress("waiting for another installation of " + w.name)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if whole(target) { // another process was faster
		return target, nil
	}

	tmp, err := os.MkdirTemp(dir, ".download-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	progress(fmt.Sprintf("downloading %s %s", w.name, w.version))
	file, err := fetch(ctx, w, tmp)
	if err != nil {
		return "", fmt.Errorf("fetching %s %s: %w", w.name, w.version, err)
	}
	progress("checking and extracting " + w.member)
	if got, err := hashFile(file); err != nil {
		return "", err
	} else if got.sha256 != w.sha256 {
		return "", fmt.Errorf("%s has SHA-256 %s instead of %s: not installed", filepath.Base(file), got.sha256, w.sha256)
	}
	extracted, err := w.extract(ctx, file, target)
	if err != nil {
		return "", err
	}
	return target, extracted.write(target)
}

// whole tells whether the file at path is the recorded one. The record is written last, so that an installation that
// was cut between both is not whole.
func whole(path string) bool {
	r, err := readRecord(path)
	return err == nil && r.check(path) == nil
}

// extract writes the wanted member of the wheel at file to target and returns what it wrote.
func (w wheel) extract(ctx context.Context, file, target string) (record, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return record{}, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	defer archive.Close()
	for _, member := range archive.File {
		if path.Base(member.Name) != w.member {
			continue
		}
		if member.UncompressedSize64 > uint64(w.maxSize) {
			return record{}, fmt.Errorf("%s in %s has %d bytes, more than the %d expected at most",
				member.Name, filepath.Base(file), member.UncompressedSize64, w.maxSize)
		}
		var got record
		err := writeAtomically(target, 0o755, func(out io.Writer) error {
			in, err := member.Open()
			if err != nil {
				return err
			}
			defer in.Close()
			h := sha256.New()
			n, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(contextReader{ctx, in}, w.maxSize))
			got = record{sha256: hex.EncodeToString(h.Sum(nil)), size: n}
			if err == nil && got.sha256 != w.memberSHA256 {
				err = fmt.Errorf("%s has SHA-256 %s instead of %s: not installed", member.Name, got.sha256, w.memberSHA256)
			}
			return err
		})
		return got, err
	}
	return record{}, fmt.Errorf("%s holds no %s", filepath.Base(file), w.member)
}

// contextReader ends with the error of its context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// lock takes the lock file at path, waiting for another process or goroutine that holds it. waiting is called once if
// it has to wait. The file stays, since removing it would let two holders in.
func lock(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		err := tryLock(f)
		if err == nil {
			return func() { f.Close() }, nil // closing gives the lock back
		}
		if !errors.Is(err, errLocked) {
			f.Close()
			return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for another installation, which holds %s: %w", path, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
