package datasets

import (
	"archive/zip"
	"bytes"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// numbered makes a picture that no other number makes: its samples are those of the number in base 256, and a ramp.
func numbered(number, h, w, c int) *imaging.Image8 {
	m := imaging.NewImage8(h, w, c)
	for i := range m.Pix {
		m.Pix[i] = uint8(i*7 + number*13)
	}
	m.Pix[0], m.Pix[1] = uint8(number), uint8(number>>8)
	return m
}

func pngOf(t testing.TB, m *imaging.Image8) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, m.Image()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func jpegOf(t testing.TB, m *imaging.Image8) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, m.Image(), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// folderOf writes files to a new folder.
func folderOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "pictures")
	for name, data := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// zipOf writes files to a new zip, in the order of a map, so in any.
func zipOf(t testing.TB, files map[string][]byte, method uint16) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pictures.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for name, data := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, src string, opts ...Option) *Set {
	t.Helper()
	s, err := Open(src, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// floats returns the data of a tensor of images.
func floats(t testing.TB, x *tensors.Tensor) []float32 {
	t.Helper()
	out, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ints returns the data of a tensor of labels, nil for none.
func ints(t testing.TB, x *tensors.Tensor) []int32 {
	t.Helper()
	if x == nil {
		return nil
	}
	out, err := tensors.CopyFlatData[int32](x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// picture returns picture i as samples.
func picture(t testing.TB, s *Set, i int) *imaging.Image8 {
	t.Helper()
	img, _, err := s.At(i)
	if err != nil {
		t.Fatal(err)
	}
	return imaging.ToImage8(img, imaging.Channels(img))
}
