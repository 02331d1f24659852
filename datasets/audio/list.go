package audio

import (
	"fmt"
	"path/filepath"

	"github.com/gogan-ml/gogan/internal/files"
)

// extensions are the endings of the files that DecodeWAV reads.
var extensions = []string{".wav", ".wave"}

// IsWAVName reports whether a file name ends in .wav or .wave, in any case, and does not begin with a dot.
func IsWAVName(name string) bool {
	return files.HasExtension(name, extensions) && files.Visible(filepath.Base(name))
}

// ListWAV returns the WAV files below the folder root, at any depth, as paths relative to root with slashes, sorted
// bytewise by the whole relative path; hidden files and folders and "__MACOSX" are left out. A folder without any gives
// an empty list and no error; the error is that of reading the folder.
func ListWAV(root string) ([]string, error) {
	names, err := files.List(root, extensions)
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	return names, nil
}
