package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// printJSON writes the one document of --json.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// writeFile makes a file, and the directory it lies in, with what write writes; after an error path is as it was.
func writeFile(path string, write func(io.Writer) error) error {
	dir, name := filepath.Split(path)
	if dir != "" {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return fmt.Errorf("cannot make the directory of %s: %w", path, err)
		}
	}
	tmp := filepath.Join(dir, ".tmp-"+name)
	f, err := os.Create(tmp)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer os.Remove(tmp) // fails, as it should, once the file has its name
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err // the file system's own errors name the file
	}
	return os.Rename(tmp, path)
}
