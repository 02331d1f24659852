package run

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tmpPrefix begins the names of files and directories that are being made. Those that a kill left are removed by the
// next writer.
const tmpPrefix = ".tmp-"

// writeFile makes path hold what write writes, or leaves it as it was: the bytes go to a temporary file beside it,
// which is synced and renamed.
func writeFile(path string, write func(w io.Writer) error) (err error) {
	dir, name := filepath.Split(path)
	tmp := filepath.Join(dir, tmpPrefix+name)
	defer func() {
		if err != nil {
			os.Remove(tmp)
		}
	}()
	if err := writeSynced(tmp, write); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Clean(dir))
}

// writeSynced writes a new file and waits until it is on the disk.
func writeSynced(path string, write func(w io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// syncDir waits until the names in a directory are on the disk.
func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// removeTmp removes what an interrupted writer left in dir.
func removeTmp(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), tmpPrefix) {
			if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// probe makes sure that dir can be written and that the disk is not full, by writing a page.
func probe(dir string) error {
	path := filepath.Join(dir, tmpPrefix+"probe")
	err := writeSynced(path, func(w io.Writer) error {
		_, err := w.Write(make([]byte, 4096))
		return err
	})
	if removeErr := os.Remove(path); err == nil {
		err = removeErr
	}
	return err
}
