package datasets

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/gogan-ml/gogan/weights"
)

// openNPZ takes the pictures of an npz: an array x, images or arr_0 of bytes, [n, height, width] or [n, height, width,
// 1, 3 or 4] (alpha is dropped), and labels y, labels or arr_1, integers [n], if there are any.
func openNPZ(path string) (*opened, error) {
	contents, err := weights.ReadNPZ(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	out, err := fromNPZ(contents, baseName(path))
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	src := out.source.(*arrays)
	if src.identity, err = fileSHA256(path); err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	return out, nil
}

// first returns the first of some keys that there is.
func first(contents map[string]weights.Array, keys ...string) (weights.Array, string, bool) {
	for _, key := range keys {
		if a, ok := contents[key]; ok {
			return a, key, true
		}
	}
	return weights.Array{}, "", false
}

func fromNPZ(contents map[string]weights.Array, name string) (*opened, error) {
	images, key, ok := first(contents, "x", "images", "arr_0")
	if !ok {
		return nil, errors.New("it has no array x, images or arr_0")
	}
	src, err := picturesOf(images, name)
	if err != nil {
		return nil, fmt.Errorf("array %s: %w", key, err)
	}
	out := &opened{source: src, name: name}
	labels, key, ok := first(contents, "y", "labels", "arr_1")
	if !ok {
		return out, nil
	}
	if out.labels, out.classes, err = labelsOf(labels, src.n); err != nil {
		return nil, fmt.Errorf("array %s: %w", key, err)
	}
	return out, nil
}

// picturesOf checks the type and shape of an array of pictures.
func picturesOf(a weights.Array, name string) (*arrays, error) {
	if a.DType != weights.U8 {
		return nil, fmt.Errorf("pictures must be bytes (uint8), these are %s", a.DType)
	}
	shape := a.Shape
	if len(shape) == 3 {
		shape = append(slices.Clone(shape), 1)
	}
	if len(shape) != 4 || (shape[3] != 1 && shape[3] != 3 && shape[3] != 4) {
		hint := ""
		if len(shape) == 4 && (shape[1] == 1 || shape[1] == 3) {
			hint = "; this one seems to have the channels first, transpose it"
		}
		return nil, fmt.Errorf("pictures must be [n, height, width, channels] with 1 or 3 channels, the shape is %v%s", a.Shape, hint)
	}
	src := &arrays{name: name, pix: a.Data, n: shape[0], h: shape[1], w: shape[2], c: shape[3]}
	if len(a.Data) == 0 {
		return nil, fmt.Errorf("it has the shape %v and so no picture", a.Shape)
	}
	if src.c == 4 {
		src.c = 3
		src.pix = make([]uint8, 0, len(a.Data)/4*3)
		for i := 0; i < len(a.Data); i += 4 {
			src.pix = append(src.pix, a.Data[i:i+3]...)
		}
	}
	return src, nil
}

// labelsOf checks an array of labels.
func labelsOf(a weights.Array, n int) ([]int32, []string, error) {
	if len(a.Shape) != 1 || a.Shape[0] != n {
		return nil, nil, fmt.Errorf("labels must have the shape [%d], this has %v", n, a.Shape)
	}
	values, err := a.Int64s()
	if err != nil {
		return nil, nil, err
	}
	labels := make([]int32, n)
	for i, v := range values {
		if v < 0 || v >= maxClasses {
			return nil, nil, fmt.Errorf("label %d is %d, not in 0..%d", i, v, maxClasses-1)
		}
		labels[i] = int32(v)
	}
	var classes []string
	for class := range slices.Max(labels) + 1 {
		classes = append(classes, strconv.Itoa(int(class)))
	}
	return labels, classes, nil
}

// fileSHA256 is the checksum of a whole file.
func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}
