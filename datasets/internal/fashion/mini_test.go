package fashion

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// pictures makes n pictures whose first byte is their number, with classes in a fixed disorder.
func pictures(n int) (pixels, labels []byte) {
	pixels, labels = make([]byte, n*Pixels), make([]byte, n)
	for i := range n {
		pixels[i*Pixels], pixels[(i+1)*Pixels-1] = byte(i), byte(i>>8)
		labels[i] = byte(i * 7 % 10)
	}
	return pixels, labels
}

func TestSubset(t *testing.T) {
	pixels, labels := pictures(200) // 20 of each class; class c is first seen at i with 7i = c (mod 10)
	subset, err := Subset(pixels, labels, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		class, k := i%10, i/10
		want := class*3%10 + 10*k // 3 is the inverse of 7
		if got := int(subset[i*Pixels]); got != want {
			t.Errorf("picture %d is number %d of the originals, want %d", i, got, want)
		}
	}
	if _, err := Subset(pixels, labels, 21); err == nil || !strings.Contains(err.Error(), "only 20 of 21") {
		t.Errorf("too few pictures: %v", err)
	}
	labels[5] = 10
	if _, err := Subset(pixels, labels, 10); err == nil || !strings.Contains(err.Error(), "picture 5") {
		t.Errorf("a class of 10: %v", err)
	}
}

func TestMosaic(t *testing.T) {
	pixels, _ := pictures(1000)
	m := Mosaic(pixels)
	if m.Rect.Dx() != 2800 || m.Rect.Dy() != 280 {
		t.Errorf("the mosaic is %v", m.Rect)
	}
	// Picture 11 is the second of class 1, so in the second row and the second place.
	if m.Pix[28*2800+28] != 11 {
		t.Errorf("the second picture of the second row is %d, want 11", m.Pix[28*2800+28])
	}
	back, err := FromMosaic(m, 1000)
	if err != nil || !bytes.Equal(back, pixels) {
		t.Errorf("there and back changed the pixels, %v", err)
	}
	if _, err := FromMosaic(m, 2000); err == nil {
		t.Error("a mosaic of half the size was accepted")
	}
}

func TestDecodeRefuses(t *testing.T) {
	pack := func(content []byte) []byte {
		var buf bytes.Buffer
		z := gzip.NewWriter(&buf)
		if _, err := z.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	split, _ := SplitOf("test")
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"not gzip":      {[]byte("<html>"), "not a gzip file"},
		"too short":     {pack(make([]byte, 10007)), "want 10008 bytes"},
		"too long":      {pack(make([]byte, 10009)), "more than 10008 bytes"},
		"wrong content": {pack(make([]byte, 10008)), "SHA-256"},
	} {
		if _, err := split.Labels.decode(bytes.NewReader(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if _, ok := SplitOf("valid"); ok {
		t.Error("there is a split valid")
	}
}
