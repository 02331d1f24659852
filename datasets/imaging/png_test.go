package imaging

import (
	"bytes"
	"image/png"
	"maps"
	"os"
	"strings"
	"testing"
)

func gradient(h, w, c int) *Image8 {
	m := NewImage8(h, w, c)
	for i := range m.Pix {
		m.Pix[i] = uint8(i*37 + i/7)
	}
	return m
}

func TestPNGText(t *testing.T) {
	text := map[string]string{"seed": "17", "Title": "Zürich", "run": "運転 runs/a", "empty": "", "lines": "a\nb"}
	img := gradient(5, 7, 3).Image()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := EncodePNG(w, img, text); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("equal input gave other bytes")
	}
	got, err := PNGText(bytes.NewReader(a.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, text) {
		t.Errorf("text %q, want %q", got, text)
	}
	decoded, err := png.Decode(bytes.NewReader(a.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(ToImage8(decoded, 3).Pix, gradient(5, 7, 3).Pix) {
		t.Error("the pixels changed")
	}
}

// testdata/text.png was written by Pillow with all three kinds of text chunk, see testdata/make_png.py.
func TestPNGTextOfPillow(t *testing.T) {
	f, err := os.Open("testdata/text.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := PNGText(f)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"plain": "Grüße", "zipped": strings.Repeat("abc ", 100), "unicode": "画像 42", "both": strings.Repeat("é漢", 50)}
	if !maps.Equal(got, want) {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestPNGTextRefusesBadInput(t *testing.T) {
	img := gradient(2, 2, 1).Image()
	for _, text := range []map[string]string{
		{"": "x"}, {strings.Repeat("k", 80): "x"}, {" a": "x"}, {"a  b": "x"}, {"漢": "x"}, {"a\n": "x"},
		{"a": "x\x00y"}, {"a": "\xff"}, {"a": strings.Repeat("x", 1<<20)},
	} {
		if err := EncodePNG(&bytes.Buffer{}, img, text); err == nil {
			t.Errorf("text %.40q was accepted", text)
		}
	}
	var buf bytes.Buffer
	if err := EncodePNG(&buf, img, map[string]string{"key": "value"}); err != nil {
		t.Fatal(err)
	}
	good := buf.Bytes()
	for n := range len(good) - 8 { // the last 8 bytes are the type and CRC of IEND, which may be cut
		if _, err := PNGText(bytes.NewReader(good[:n])); err == nil {
			t.Errorf("a PNG cut after %d of %d bytes was accepted", n, len(good))
		}
	}
	damaged := bytes.Replace(good, []byte("value"), []byte("valve"), 1)
	if _, err := PNGText(bytes.NewReader(damaged)); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged text: %v", err)
	}
}

func FuzzPNGText(f *testing.F) {
	var buf bytes.Buffer
	if err := EncodePNG(&buf, gradient(2, 2, 1).Image(), map[string]string{"key": "value", "other": "漢"}); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	pillow, err := os.ReadFile("testdata/text.png")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pillow)
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := PNGText(bytes.NewReader(data))
		total := 0
		for key, value := range text {
			if key == "" {
				t.Error("an empty keyword")
			}
			total += len(value)
		}
		if err != nil && text != nil || total > 2*maxTextAll {
			t.Errorf("%d bytes of text and the error %v", total, err)
		}
	})
}
