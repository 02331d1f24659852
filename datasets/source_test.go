package datasets

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/weights"
)

// nested is a folder's worth of pictures; sorted, it is 0.png, a-b/1.png, a/2.png, b.png.
func nested(t testing.TB) map[string][]byte {
	files := map[string][]byte{"notes.txt": []byte("x"), ".hidden.png": []byte("x"), "__MACOSX/a.png": []byte("x")}
	for i, name := range []string{"0.png", "a-b/1.png", "a/2.png", "b.png"} {
		files[name] = pngOf(t, numbered(i, 3, 4, 3))
	}
	return files
}

// A folder and a zip of the same files are the same set.
func TestFolderAndZip(t *testing.T) {
	files := nested(t)
	for _, src := range []string{folderOf(t, files), zipOf(t, files, zip.Deflate), zipOf(t, files, zip.Store)} {
		s := open(t, src)
		h, w, c := s.ImageShape()
		if s.Len() != 4 || h != 3 || w != 4 || c != 3 || s.NumClasses() != 0 || s.Name() != filepath.Base(src) {
			t.Errorf("%s: %d pictures of %dx%dx%d in %d classes", s.Name(), s.Len(), h, w, c, s.NumClasses())
		}
		for i := range 4 {
			if m := picture(t, s, i); !slices.Equal(m.Pix, numbered(i, 3, 4, 3).Pix) {
				t.Errorf("%s: picture %d is %v", s.Name(), i, m.Pix)
			}
			if _, class, err := s.At(i); class != -1 || err != nil {
				t.Errorf("%s: picture %d has the class %d, %v", s.Name(), i, class, err)
			}
		}
		images, labels, err := s.Batch(1, 0, 4)
		if err != nil || labels != nil || images.Shape().String() != "(Float32)[4, 3, 4, 3]" {
			t.Errorf("%s: batch %v, labels %v, %v", s.Name(), images.Shape(), labels, err)
		}
	}
}

// All formats that imaging reads, with the pictures that Pillow made for its tests.
func TestEveryFormat(t *testing.T) {
	z, err := zip.OpenReader("imaging/testdata/pictures.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, name := range []string{"rgb.png", "palette.gif", "rgb.bmp", "rgb.tif", "lossless.webp"} {
		in, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		if _, err := buf.ReadFrom(in); err != nil {
			t.Fatal(err)
		}
		files[name] = buf.Bytes()
	}
	files["z.jpg"] = jpegOf(t, numbered(1, 13, 19, 3))
	for _, src := range []string{folderOf(t, files), zipOf(t, files, zip.Deflate)} {
		s := open(t, src)
		if err := s.Uniform(); err != nil || s.Len() != 6 {
			t.Fatalf("%d pictures, %v", s.Len(), err)
		}
		// lossless.webp, palette.gif, rgb.bmp, rgb.png, rgb.tif: all but the second hold the same pixels.
		for _, i := range []int{2, 3, 4} {
			if !slices.Equal(picture(t, s, i).Pix, picture(t, s, 0).Pix) {
				t.Errorf("picture %d is not picture 0", i)
			}
		}
	}
}

func TestLabelsOfFolders(t *testing.T) {
	one := pngOf(t, numbered(0, 2, 2, 1))
	for name, test := range map[string]struct {
		files   []string
		classes []string
		labels  []int32
	}{
		"classes":         {[]string{"dog/x.png", "cat/deep/2.png", "cat/1.png"}, []string{"cat", "dog"}, []int32{0, 0, 1}},
		"one at the root": {[]string{"dog/x.png", "cat/1.png", "x.png"}, nil, nil},
		"one folder":      {[]string{"dog/x.png", "dog/y.png"}, nil, nil},
		"buckets":         {[]string{"00000/img00000000.png", "00001/img00001000.png"}, nil, nil},
	} {
		files := map[string][]byte{}
		for _, f := range test.files {
			files[f] = one
		}
		s := open(t, folderOf(t, files))
		if !slices.Equal(s.ClassNames(), test.classes) || s.NumClasses() != len(test.classes) || !slices.Equal(s.src.labels, test.labels) {
			t.Errorf("%s: classes %q, labels %v", name, s.ClassNames(), s.src.labels)
		}
	}
}

func TestLabelsOfStyleGAN(t *testing.T) {
	one := pngOf(t, numbered(0, 2, 2, 1))
	make := func(labels string) map[string][]byte {
		return map[string][]byte{"00000/a.png": one, "00000/b.png": one, labelsFile: []byte(labels)}
	}
	good := `{"labels": [["00000/b.png", 6], ["00000/a.png", 2]]}`
	for _, src := range []string{folderOf(t, make(good)), zipOf(t, make(good), zip.Deflate)} {
		s := open(t, src)
		if s.NumClasses() != 7 || !slices.Equal(s.src.labels, []int32{2, 6}) {
			t.Errorf("%s: %d classes, labels %v", s.Name(), s.NumClasses(), s.src.labels)
		}
	}
	if s := open(t, folderOf(t, make(`{"labels": null}`))); s.NumClasses() != 0 {
		t.Error("null gave labels")
	}
	for labels, want := range map[string]string{
		`{`: "not StyleGAN's", `{"labels": [["00000/a.png", 1]]}`: "no label for 00000/b.png",
		`{"labels": [["00000/a.png", [0.1, 0.9]]]}`: "vector", `{"labels": [["00000/a.png", -1]]}`: "class -1",
		`{"labels": [["00000/a.png"]]}`: "1 values", `{"labels": [["00000/a.png", 1.5]]}`: "label 0",
	} {
		for _, src := range []string{folderOf(t, make(labels)), zipOf(t, make(labels), zip.Store)} {
			if _, err := Open(src); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), labelsFile) {
				t.Errorf("%s: %v, want %q", labels, err, want)
			}
		}
	}
}

// npz writes arrays to a new file.
func npz(t testing.TB, arrays map[string]weights.Array) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pictures.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := weights.WriteNPZ(f, arrays, true); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNPZ(t *testing.T) {
	pix := make([]uint8, 2*3*4*3)
	for i := range pix {
		pix[i] = uint8(i * 3)
	}
	for _, key := range []string{"x", "images", "arr_0"} {
		s := open(t, npz(t, map[string]weights.Array{
			key: weights.FromUint8(pix, 2, 3, 4, 3), "y": weights.FromInt64([]int64{3, 1}, 2)}))
		if s.Len() != 2 || s.NumClasses() != 4 || !slices.Equal(picture(t, s, 1).Pix, pix[36:]) {
			t.Errorf("%s: %d pictures in %d classes", key, s.Len(), s.NumClasses())
		}
		_, labels, err := s.Batch(0, 0, 2)
		if got := ints(t, labels); err != nil || len(got) != 2 || got[0]+got[1] != 4 {
			t.Errorf("%s: labels %v, %v", key, got, err)
		}
	}
	grey := open(t, npz(t, map[string]weights.Array{"x": weights.FromUint8(pix, 6, 3, 4)}))
	if h, w, c := grey.ImageShape(); grey.Len() != 6 || h != 3 || w != 4 || c != 1 {
		t.Errorf("grey: %d pictures of %dx%dx%d", grey.Len(), h, w, c)
	}
	rgba := open(t, npz(t, map[string]weights.Array{"x": weights.FromUint8(pix, 6, 1, 3, 4)}))
	if got, want := picture(t, rgba, 0).Pix, []uint8{0, 3, 6, 12, 15, 18, 24, 27, 30}; !slices.Equal(got, want) {
		t.Errorf("alpha: %v, want %v", got, want)
	}
}

func TestNPZRefuses(t *testing.T) {
	pix := weights.FromUint8(make([]uint8, 48), 1, 4, 4, 3)
	for name, test := range map[string]struct {
		arrays map[string]weights.Array
		want   string
	}{
		"no key":          {map[string]weights.Array{"pictures": pix}, "no array x, images or arr_0"},
		"floats":          {map[string]weights.Array{"x": weights.FromFloat32(make([]float32, 48), 1, 4, 4, 3)}, "uint8"},
		"channels first":  {map[string]weights.Array{"x": weights.FromUint8(make([]uint8, 48), 1, 3, 4, 4), "y": pix}, "y"},
		"channels first ": {map[string]weights.Array{"x": weights.FromUint8(make([]uint8, 75), 1, 3, 5, 5)}, "channels first"},
		"two axes":        {map[string]weights.Array{"x": weights.FromUint8(make([]uint8, 48), 12, 4)}, "[12 4]"},
		"no picture":      {map[string]weights.Array{"x": weights.FromUint8(nil, 0, 4, 4, 3)}, "no picture"},
		"too few labels":  {map[string]weights.Array{"x": pix, "y": weights.FromInt64([]int64{1, 2}, 2)}, "[1]"},
		"negative label":  {map[string]weights.Array{"x": pix, "y": weights.FromInt64([]int64{-1}, 1)}, "-1"},
	} {
		if _, err := Open(npz(t, test.arrays)); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "pictures.npz") {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		"":                             "the source is empty",
		empty:                          "no picture below",
		filepath.Join(dir, "absent"):   "fashion-mini",
		write("a.png", "x"):            "one picture: give the folder",
		write("a.txt", "x"):            "neither a folder nor",
		write("bad.zip", "PK\x03\x04"): "not a zip file",
		write("bad.npz", "PK\x03\x04"): "bad.npz",
		zipOf(t, map[string][]byte{"a.txt": nil}, zip.Store): "no picture in it",
	} {
		if _, err := Open(src); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "datasets: ") {
			t.Errorf("%q: %v, want %q", src, err, want)
		}
	}
	for name, opt := range map[string]Option{
		"channels": WithChannels(2), "crop": WithCrop(0), "limit": WithLimit(-1), "filter": WithResize(8, imaging.Filter(9)),
		"policy": WithPolicy(7), "skip limit": WithSkipLimit(-1), "cache": WithCache(-1),
	} {
		if _, err := Open("fashion-mini", opt); err == nil || !strings.HasPrefix(err.Error(), "datasets: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A zip whose entry promises 4 GiB of zeros in a few kilobytes is refused by its directory; one that lies about its
// size is cut off where it said it would end.
func TestZipBomb(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bomb.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "a.png", Method: zip.Deflate, CompressedSize64: 100, UncompressedSize64: 4 << 30})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "zip bomb") || !strings.Contains(err.Error(), "a.png") {
		t.Errorf("got %v", err)
	}
}

func TestZipTruncated(t *testing.T) {
	data, err := os.ReadFile(zipOf(t, nested(t), zip.Deflate))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.zip")
	for n := 0; n < len(data); n += 37 {
		if err := os.WriteFile(path, data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "cut.zip") {
			t.Errorf("cut after %d of %d bytes: %v", n, len(data), err)
		}
	}
}

func TestReadImage(t *testing.T) {
	root := folderOf(t, map[string][]byte{"a.png": pngOf(t, numbered(5, 4, 3, 3)), "bad.png": []byte("x")})
	t.Setenv("HOME", root)
	for _, path := range []string{filepath.Join(root, "a.png"), "~/a.png"} {
		img, err := ReadImage(path)
		if err != nil {
			t.Fatal(err)
		}
		if m := imaging.ToImage8(img, 3); !slices.Equal(m.Pix, numbered(5, 4, 3, 3).Pix) {
			t.Errorf("%s: %v", path, m.Pix)
		}
	}
	for _, path := range []string{"~/bad.png", "~/absent.png"} {
		if _, err := ReadImage(path); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(path, "~/")) {
			t.Errorf("%s: %v", path, err)
		}
	}
	s := open(t, "~/", WithPolicy(Skip))
	if got := fmt.Sprint(s.Skipped()[0].Name); s.Len() != 1 || got != "bad.png" {
		t.Errorf("%d pictures, skipped %s", s.Len(), got)
	}
}
