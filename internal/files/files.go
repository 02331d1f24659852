// Package files lists the files of folders of data.
package files

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Visible reports whether a path with slashes leads through no hidden folder (one whose name begins with a dot) and no
// "__MACOSX", to a file that is not hidden.
func Visible(name string) bool {
	for _, part := range strings.Split(path.Dir(name), "/") {
		if part != "." && hiddenFolder(part) {
			return false
		}
	}
	return !strings.HasPrefix(path.Base(name), ".")
}

func hiddenFolder(base string) bool { return strings.HasPrefix(base, ".") || base == "__MACOSX" }

// HasExtension reports whether the name of a file ends in one of the extensions (".png", in lower case), in any case.
func HasExtension(name string, extensions []string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(filepath.ToSlash(name))))
}

// List returns the visible files below the folder root with one of the extensions, at any depth, as paths relative to
// root with slashes, sorted bytewise by the whole relative path. Links to files count, links to folders are not entered
// (root itself may be one). A folder without such files gives an empty list and no error; the error is that of reading
// the folder.
func List(root string, extensions []string) ([]string, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", root)
	}
	var names []string
	walk := func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name != "." && hiddenFolder(entry.Name()) {
				return fs.SkipDir
			}
		case HasExtension(name, extensions) && Visible(name):
			if entry.Type()&fs.ModeSymlink != 0 {
				info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
				if err != nil || !info.Mode().IsRegular() {
					return nil // a link to nothing or to a folder
				}
			} else if !entry.Type().IsRegular() {
				return nil
			}
			names = append(names, name)
		}
		return nil
	}
	if err := fs.WalkDir(os.DirFS(root), ".", walk); err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", root, err)
	}
	slices.Sort(names) // the walk is sorted folder by folder, which differs: "a/b" comes after "a-b" there
	return names, nil
}
