package install

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// record is what is known of an installed file. It is kept beside it in the format of sha256sum, with the size in a
// comment: that lets a start-up notice a truncated plugin without reading 200 MB.
type record struct {
	sha256 string
	size   int64
}

// recordFormat takes size, SHA-256 and file name.
const recordFormat = "# %d bytes\n%s  %s\n"

func recordPath(path string) string { return path + ".sha256" }

func readRecord(path string) (record, error) {
	var r record
	var name string
	data, err := os.ReadFile(recordPath(path))
	if err != nil {
		return r, err
	}
	n, _ := fmt.Sscanf(string(data), recordFormat, &r.size, &r.sha256, &name)
	if n != 3 || name != filepath.Base(path) {
		return r, fmt.Errorf("%s is not a record of %s: %w; `%s` installs it again",
			recordPath(path), filepath.Base(path), ErrDamaged, Command)
	}
	return r, nil
}

func (r record) write(path string) error {
	text := fmt.Sprintf(recordFormat, r.size, r.sha256, filepath.Base(path))
	return writeAtomically(recordPath(path), 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// checkSize compares the size of the file at path only.
func (r record) checkSize(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() != r.size {
		return fmt.Errorf("%s has %d bytes instead of %d: %w; `%s` installs it again",
			path, info.Size(), r.size, ErrDamaged, Command)
	}
	return nil
}

// check compares every byte of the file at path.
func (r record) check(path string) error {
	if err := r.checkSize(path); err != nil {
		return err
	}
	got, err := hashFile(path)
	if err != nil {
		return err
	}
	if !strings.EqualFold(got.sha256, r.sha256) {
		return fmt.Errorf("%s has SHA-256 %s instead of %s: %w; `%s` installs it again",
			path, got.sha256, r.sha256, ErrDamaged, Command)
	}
	return nil
}

func hashFile(path string) (record, error) {
	f, err := os.Open(path)
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return record{sha256: hex.EncodeToString(h.Sum(nil)), size: n}, err
}

// writeAtomically makes the file at path hold all that fill writes, or leaves what was there: the content goes to a
// temporary file in the same directory, which is synced and renamed.
func writeAtomically(path string, mode os.FileMode, fill func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = fill(f); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
