package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// appendLine adds a line to a file with one write. If the disk takes only a part of it, the part is taken back.
func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if n, err := f.Write(append(line, '\n')); err != nil {
		if n > 0 {
			// Should this fail too, the part is one cut line, which readers pass over.
			_ = f.Truncate(info.Size())
		}
		return err
	}
	return nil
}

// readLines returns the whole lines of a file without their ends; a last line without an end was cut by a kill and is
// left out. A file that is not there has no lines.
func readLines(path string) ([][]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(data, []byte("\n"))
	return lines[:len(lines)-1], nil
}

// trimPartialLine cuts a last line without an end off a file, so that the next line does not continue it.
func trimPartialLine(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if whole := bytes.LastIndexByte(data, '\n') + 1; whole < len(data) {
		return os.Truncate(path, int64(whole))
	}
	return nil
}

// readObjects reads one JSON object a line. Lines at the end that cannot be read are left by a crash of the machine
// and passed over; one before a readable line is an error that names it.
func readObjects[T any](path string) ([]T, error) {
	lines, err := readLines(path)
	if err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	var out []T
	var bad error
	for i, line := range lines {
		var object T
		if err := json.Unmarshal(line, &object); err != nil {
			if bad == nil {
				bad = fmt.Errorf("run: %s: line %d cannot be read: %w", path, i+1, err)
			}
			continue
		}
		if bad != nil {
			return nil, bad
		}
		out = append(out, object)
	}
	return out, nil
}

// cutLines removes the lines whose "img" is beyond img, and those that cannot be read: what they belong to is unknown.
func cutLines(path string, img int64) error {
	lines, err := readLines(path)
	if err != nil {
		return err
	}
	var kept []byte
	cut := false
	for _, line := range lines {
		var object struct {
			Img int64 `json:"img"`
		}
		if json.Unmarshal(line, &object) != nil || object.Img > img {
			cut = true
			continue
		}
		kept = append(append(kept, line...), '\n')
	}
	if !cut {
		return trimPartialLine(path)
	}
	return writeFile(path, writeBytes(kept))
}
