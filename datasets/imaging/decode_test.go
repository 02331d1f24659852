package imaging

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// goldenFiles reads testdata/jpeg.zip and formats.zip, made by testdata/make_decode.py with Pillow 13.0.0 and libjpeg-turbo 3.2.0.
func goldenFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{"testdata/jpeg.zip", "testdata/formats.zip"} {
		z, err := zip.OpenReader(name)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, entry := range z.File {
			r, err := entry.Open()
			if err != nil {
				t.Fatal(err)
			}
			if files[entry.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

// Lossless formats equal Pillow. JPEG may be three levels off: the inverse transforms round differently by one level
// in each of Y, Cb and Cr, and the colour conversion multiplies the chroma by up to 1.77.
func TestDecodeEqualsPillow(t *testing.T) {
	files := goldenFiles(t)
	tested := 0
	for name, want := range files {
		file, mode := strings.TrimSuffix(name, path.Ext(name)), strings.TrimPrefix(path.Ext(name), ".")
		channels := map[string]int{"L": 1, "RGB": 3, "RGBA": 4}[mode]
		if channels == 0 {
			continue
		}
		tested++
		img, err := Decode(bytes.NewReader(files[file]))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		m := ToImage8(img, channels)
		w, h := int(binary.LittleEndian.Uint16(want)), int(binary.LittleEndian.Uint16(want[2:]))
		if m.W != w || m.H != h {
			t.Errorf("%s: %dx%d, want %dx%d", name, m.W, m.H, w, h)
			continue
		}
		limit := 0
		if strings.HasSuffix(file, ".jpg") {
			limit = 3
		}
		most, sum := 0, 0
		for i, v := range want[4:] {
			d := int(m.Pix[i]) - int(v)
			most, sum = max(most, d, -d), sum+max(d, -d)
		}
		t.Logf("%-22s max %d mean %.3f", name, most, float64(sum)/float64(len(m.Pix)))
		if most > limit {
			t.Errorf("%s: up to %d levels from Pillow, want at most %d", name, most, limit)
		}
		gotW, gotH, gotC, err := DecodeSize(bytes.NewReader(files[file]))
		wantC := 3
		if strings.HasPrefix(file, "grey") {
			wantC = 1
		}
		if err != nil || gotW != w || gotH != h || !strings.HasSuffix(file, ".png") && gotC != wantC {
			t.Errorf("%s: DecodeSize gave %dx%dx%d, %v", name, gotW, gotH, gotC, err)
		}
	}
	if tested < 45 {
		t.Errorf("only %d pictures were compared", tested)
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
