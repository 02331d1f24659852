package datasets

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/internal/arrange"
)

// An entry of a zip is refused as a bomb if it says that it unpacks to more than freeEntry bytes and more than maxRatio
// times what it takes in the zip. Deflate reaches 1000 on constant data; pictures that large stay far below. Nothing is
// unpacked to disk, and of an entry no more is read than its decoder asks for.
const (
	freeEntry = 64 << 20
	maxRatio  = 100
)

// openZip lists the pictures of a zip by its central directory, those below the folder part if it is not empty. part may
// lie in the only folder of the zip. name is that of the set.
func openZip(path, part, name string) (*opened, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: not a zip file, or cut short: %w", path, err)
	}
	out, err := listZip(z, part, name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("datasets: %s: %w", path, err), z.Close())
	}
	return out, nil
}

// listZip finds the pictures and labels.
func listZip(z *zip.ReadCloser, part, name string) (*opened, error) {
	var entries []*zip.File
	var labels *zip.File
	prefix := partPrefix(z.File, part)
	for _, entry := range z.File {
		if entry.Name == prefix+labelsFile {
			labels = entry
		}
		if isPicture(entry) && strings.HasPrefix(entry.Name, prefix) {
			entries = append(entries, entry)
		}
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("there is no picture in it%s (want .png .jpg .jpeg .gif .webp .bmp .tif .tiff)", below(part))
	}
	slices.SortFunc(entries, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	src := &files{
		open:  func(i int) (io.ReadCloser, error) { return openEntry(entries[i]) },
		mark:  func(i int) string { return fmt.Sprintf("%d %08x", entries[i].UncompressedSize64, entries[i].CRC32) },
		close: z.Close,
	}
	for i, entry := range entries {
		if i > 0 && entry.Name == entries[i-1].Name {
			return nil, fmt.Errorf("%s occurs twice", entry.Name)
		}
		src.names = append(src.names, strings.TrimPrefix(entry.Name, prefix))
	}
	out := &opened{source: src, name: name}
	if labels == nil {
		out.labels, out.classes = arrange.FolderLabels(src.names)
		return out, nil
	}
	in, err := openEntry(labels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", labelsFile, err)
	}
	defer in.Close()
	if out.labels, out.classes, err = readLabels(in, src.names); err != nil {
		return nil, fmt.Errorf("%s: %w", labelsFile, err)
	}
	return out, nil
}

func isPicture(entry *zip.File) bool {
	return imaging.IsImagePath(entry.Name) && !entry.FileInfo().IsDir()
}

// below says where in a zip, in an error.
func below(part string) string {
	if part == "" {
		return ""
	}
	return " below " + part
}

// partPrefix is what the names of the pictures of a part begin with.
func partPrefix(entries []*zip.File, part string) string {
	if part == "" {
		return ""
	}
	inside := onlyFolder(entries) + part + "/"
	if slices.ContainsFunc(entries, func(e *zip.File) bool { return strings.HasPrefix(e.Name, inside) }) {
		return inside
	}
	return part + "/"
}

// onlyFolder is the folder with its slash in which all pictures lie, "" if there is none.
func onlyFolder(entries []*zip.File) string {
	only := ""
	for _, entry := range entries {
		if !isPicture(entry) {
			continue
		}
		folder, _, inFolder := strings.Cut(entry.Name, "/")
		if !inFolder || only != "" && folder+"/" != only {
			return ""
		}
		only = folder + "/"
	}
	return only
}

// openEntry refuses what cannot be a picture.
func openEntry(entry *zip.File) (io.ReadCloser, error) {
	if entry.Flags&1 != 0 {
		return nil, errors.New("it is encrypted")
	}
	if size := entry.UncompressedSize64; size > freeEntry && size/maxRatio > entry.CompressedSize64 {
		return nil, fmt.Errorf("it unpacks from %d to %d bytes, more than %d times its size: refused as a zip bomb",
			entry.CompressedSize64, size, maxRatio)
	}
	in, err := entry.Open()
	if err != nil {
		return nil, err
	}
	return &limited{io.LimitReader(in, int64(entry.UncompressedSize64)), in}, nil
}

// limited reads no more of an entry than it says it has.
type limited struct {
	io.Reader
	io.Closer
}
