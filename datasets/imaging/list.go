package imaging

import (
	"fmt"
	"path/filepath"

	"github.com/gogan-ml/gogan/internal/files"
)

// extensions are the endings of the formats that Decode reads.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// IsImageName reports whether a file name has the ending of a format that [Decode] reads (.png .jpg .jpeg .gif .webp
// .bmp .tif .tiff, in any case). Hidden files, whose name begins with a dot, are not images.
func IsImageName(name string) bool {
	return files.HasExtension(name, extensions) && files.Visible(filepath.Base(name))
}

// IsImagePath reports whether a path with slashes, as in a zip, is one that [ListImages] would list: an image name, and
// no hidden folder or "__MACOSX" on the way to it.
func IsImagePath(name string) bool {
	return files.HasExtension(name, extensions) && files.Visible(name)
}

// ListImages returns the image files below the folder root, at any depth, as paths relative to root with slashes,
// sorted bytewise by the whole relative path. Hidden files and folders and the folders "__MACOSX" are left out; links
// to files count, links to folders are not entered (root itself may be one). A folder without images gives an empty
// list and no error; the error is that of reading the folder.
func ListImages(root string) ([]string, error) {
	names, err := files.List(root, extensions)
	if err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	return names, nil
}
