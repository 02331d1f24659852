package imaging

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are the endings of the formats that Decode reads.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// IsImageName reports whether a file name has the ending of a format that [Decode] reads (.png .jpg .jpeg .gif .webp
// .bmp .tif .tiff, in any case). Hidden files, whose name begins with a dot, are not images.
func IsImageName(name string) bool {
	base := path.Base(filepath.ToSlash(name))
	return !strings.HasPrefix(base, ".") && slices.Contains(extensions, strings.ToLower(path.Ext(base)))
}

// IsImagePath reports whether a path with slashes, as in a zip, is one that [ListImages] would list: an image name, and
// no hidden folder or "__MACOSX" on the way to it.
func IsImagePath(name string) bool {
	for _, part := range strings.Split(path.Dir(name), "/") {
		if part != "." && (strings.HasPrefix(part, ".") || part == "__MACOSX") {
			return false
		}
	}
	return IsImageName(name)
}

// ListImages returns the image files below the folder root, at any depth, as paths relative to root with slashes,
// sorted bytewise by the whole relative path. Hidden files and folders and the folders "__MACOSX" are left out; links
// to files count, links to folders are not entered (root itself may be one). A folder without images gives an empty
// list and no error; the error is that of reading the folder.
func ListImages(root string) ([]string, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("imaging: %s is not a folder", root)
	}
	var names []string
	walk := func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if base := entry.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "__MACOSX") {
				return fs.SkipDir
			}
		case IsImageName(name):
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
		return nil, fmt.Errorf("imaging: list the images of %s: %w", root, err)
	}
	slices.Sort(names) // the walk is sorted folder by folder, which differs: "a/b" comes after "a-b" there
	return names, nil
}
