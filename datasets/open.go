package datasets

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Open opens a source of pictures:
//
//   - a named set, NAME or NAME:SPLIT (without a split: train), see [List], or one side of a named pair, NAME:testB; one
//     that is not on this machine yet is downloaded. A folder of the same name is reached as ./NAME;
//   - a folder: all pictures below it, at any depth, sorted bytewise by their relative path. Classes are those of
//     StyleGAN's dataset.json if there is one, otherwise the folders of the first level if every picture lies in one of
//     at least two (and they are not StyleGAN's numbered buckets);
//   - a zip: the pictures in it, sorted and labelled in the same way;
//   - one folder in a folder or zip, as PATH:FOLDER ("photos.zip:testB"), which may lie in the only folder of a zip;
//   - an npz: an array x, images or arr_0 of bytes [n, height, width] or [n, height, width, channels], with labels y,
//     labels or arr_1 if there are any.
//
// A leading "~/" is the user's home. Open reads the headers of all pictures. Pictures of several sizes or numbers of
// channels are fine for [Set.At] and [Set.All]; [Set.Uniform] and [Set.Batch] return an error that names the first odd
// one. The errors of Open name the source, the file in it, and what to do.
func Open(src string, opts ...Option) (*Set, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	source, err := openSource(src, c)
	if err != nil {
		return nil, err
	}
	if _, drawn := source.source.(*letters); c.size != 0 && !drawn {
		err := fmt.Errorf("datasets: %s has no size to choose, since it is not drawn: resize it", source.name)
		return nil, errors.Join(err, source.Close())
	}
	s, err := newSet(source, c)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	return s, nil
}

// openSource finds out what src is.
func openSource(src string, c config) (*opened, error) {
	name, split, _ := strings.Cut(src, ":")
	if open := namedSet(name); open != nil {
		if split == "" {
			split = "train"
		}
		return open(split, c)
	}
	if src == "" {
		return nil, fmt.Errorf("datasets: the source is empty: want a folder, a zip, an npz, or one of %s", namesOfSets())
	}
	path := expandHome(src)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return openPart(src)
	case err != nil:
		return nil, fmt.Errorf("datasets: %w", err)
	case info.IsDir():
		return openFolder(path)
	case strings.EqualFold(filepath.Ext(path), ".npz"):
		return openNPZ(path)
	case strings.EqualFold(filepath.Ext(path), ".zip"):
		return openZip(path, "", baseName(path))
	case imaging.IsImageName(path):
		return nil, fmt.Errorf("datasets: %s is one picture: give the folder that holds it", src)
	}
	return nil, fmt.Errorf("datasets: %s is neither a folder nor a .zip or .npz file", src)
}

// openPart opens PATH:FOLDER, the pictures of one folder in a folder or zip.
func openPart(src string) (*opened, error) {
	cut := max(strings.LastIndexByte(src, ':'), 0)
	root := expandHome(src[:cut])
	info, err := os.Stat(root)
	if err != nil {
		return nil, fmt.Errorf("datasets: there is no folder or file %s, and no data set of that name (there are %s)", src, namesOfSets())
	}
	part := src[cut+1:]
	if !filepath.IsLocal(part) {
		return nil, fmt.Errorf("datasets: %q cannot be a folder in %s", part, root)
	}
	name := baseName(root) + ":" + part
	switch {
	case info.IsDir():
		out, err := openFolder(filepath.Join(root, part))
		if err == nil {
			out.name = name
		}
		return out, err
	case strings.EqualFold(filepath.Ext(root), ".zip"):
		return openZip(root, part, name)
	}
	return nil, fmt.Errorf("datasets: %s is neither a folder nor a .zip file, so it holds no %s", root, part)
}

// expandHome replaces a leading "~/".
func expandHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// ReadImage decodes one picture file (see [imaging.Decode]). A leading "~/" is the user's home.
func ReadImage(path string) (image.Image, error) {
	in, err := os.Open(expandHome(path))
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	defer in.Close()
	img, err := imaging.Decode(in)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return img, nil
}
