package imaging

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// goldenFiles reads testdata/pictures.zip, made by testdata/make_decode.py with Pillow 13.0.0, libjpeg-turbo 3.2.0.
func goldenFiles(t testing.TB) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader("testdata/pictures.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[entry.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// The pixels equal Pillow's to the bit, in every format, JPEG and lossy WebP included.
func TestDecodeEqualsPillow(t *testing.T) {
	var golden struct {
		Pictures map[string]struct {
			W, H, Sum int
			SHA256    string
		}
	}
	data, err := os.ReadFile("testdata/decode.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Pictures) < 60 {
		t.Fatalf("only %d golden pictures", len(golden.Pictures))
	}
	files := goldenFiles(t)
	for name, want := range golden.Pictures {
		file, mode, _ := strings.Cut(name, " ")
		img, err := Decode(bytes.NewReader(files[file]))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		m := ToImage8(img, map[string]int{"L": 1, "RGB": 3, "RGBA": 4}[mode])
		sum := 0
		for _, v := range m.Pix {
			sum += int(v)
		}
		hash := sha256.Sum256(m.Pix)
		if m.W != want.W || m.H != want.H || hex.EncodeToString(hash[:]) != want.SHA256 {
			t.Errorf("%s: %dx%d pixels that add up to %d, want %dx%d and %d", name, m.W, m.H, sum, want.W, want.H, want.Sum)
		}
		w, h, c, err := DecodeSize(bytes.NewReader(files[file]))
		if err != nil || w != want.W || h != want.H || c != Channels(img) {
			t.Errorf("%s: DecodeSize gave %dx%dx%d, %v; want %dx%dx%d", name, w, h, c, err, want.W, want.H, Channels(img))
		}
		if wantC := 3 - 2*strings.Count(file[:4], "grey"); strings.HasSuffix(file, ".jpg") && c != wantC {
			t.Errorf("%s has %d channels, want %d", file, c, wantC)
		}
	}
}

// Every proper prefix of every file either fails or, where a format ends with padding, gives a picture; none panics.
func TestDecodeTruncated(t *testing.T) {
	files := goldenFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !IsImageName(name) {
			continue
		}
		data := files[name]
		for n := 0; n < len(data); n += 1 + len(data)/40 {
			if _, err := Decode(bytes.NewReader(data[:n])); err == nil && n < len(data)/2 {
				t.Errorf("%s: the first %d of %d bytes were accepted", name, n, len(data))
			} else if err != nil && !strings.HasPrefix(err.Error(), "imaging: ") {
				t.Errorf("%s: the error %q does not name its package", name, err)
			}
		}
	}
}

func TestDecodeRefusesTooManyPixels(t *testing.T) {
	data := goldenFiles(t)["rgb.png"]
	if _, err := DecodeLimit(bytes.NewReader(data), 19*13); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	if _, err := DecodeLimit(bytes.NewReader(data), 19*13-1); err == nil || !strings.Contains(err.Error(), "exceeds 246 pixels") {
		t.Errorf("beyond the limit: %v", err)
	}
	// A header that promises 60000x60000 pixels must fail before they are allocated.
	huge := slices.Clone(data[:33])
	binary.BigEndian.PutUint32(huge[16:], 60000)
	binary.BigEndian.PutUint32(huge[20:], 60000)
	var fixed bytes.Buffer
	fixed.Write(huge[:8])
	writeChunk(&fixed, "IHDR", huge[16:29])
	if _, err := Decode(bytes.NewReader(fixed.Bytes())); err == nil || !strings.Contains(err.Error(), "60000x60000 exceeds") {
		t.Errorf("60000x60000: %v", err)
	}
	for _, text := range []string{"", "x", "<!DOCTYPE html><html>", "GIF87a", "\xff\xd8"} {
		if _, err := Decode(strings.NewReader(text)); err == nil {
			t.Errorf("%q was decoded", text)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for name, data := range goldenFiles(f) {
		if IsImageName(name) {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := DecodeLimit(bytes.NewReader(data), 1<<16)
		if err != nil {
			return
		}
		m := ToImage8(img, 3)
		if m.H <= 0 || m.W <= 0 || m.H*m.W > 1<<16 || len(m.Pix) != m.H*m.W*3 {
			t.Errorf("a picture of %dx%d with %d samples", m.W, m.H, len(m.Pix))
		}
	})
}
