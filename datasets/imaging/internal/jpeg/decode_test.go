package jpeg

import (
	"bytes"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math"
	"strings"
	"testing"
)

// encoded makes a small grey or colour file with Go's encoder. That pixels are right is tested in package imaging,
// against Pillow; here it is about what is refused.
func encoded(t testing.TB, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := stdjpeg.Encode(&buf, img, nil); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func ramp() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 40, 24))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 3)
	}
	return img
}

// The integer transform is within one level of the exact cosine sum, rounded, for coefficients of real pictures.
func TestInverse(t *testing.T) {
	var block [64]int32
	for k := range block {
		block[k] = int32(k*k*37%101-50) / int32(1+k/8)
	}
	var exact [64]float64
	for y := range 8 {
		for x := range 8 {
			for v := range 8 {
				for u := range 8 {
					scale := 0.25
					if u == 0 {
						scale *= math.Sqrt2 / 2
					}
					if v == 0 {
						scale *= math.Sqrt2 / 2
					}
					exact[8*y+x] += scale * float64(block[8*v+u]) *
						math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(v)*math.Pi/16)
				}
			}
		}
	}
	var got [64]uint8
	inverse(got[:], 8, &block)
	for i, want := range exact {
		want = min(max(want+128, 0), 255)
		if d := float64(got[i]) - want; d > 0.6 || d < -0.6 { // half a level of rounding, and that of the constants
			t.Errorf("sample %d is %d, exactly %.3f", i, got[i], want)
		}
	}
}

func TestRefuses(t *testing.T) {
	good := encoded(t, ramp())
	sof := bytes.Index(good, []byte{0xff, markerSOF0})
	sos := bytes.Index(good, []byte{0xff, markerSOS})
	change := func(at int, values ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[at:], values)
		return out
	}
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"empty":             {nil, "does not begin"},
		"only a start":      {good[:2], "cut short"},
		"arithmetic":        {change(sof+1, 0xc9), "arithmetic"},
		"lossless":          {change(sof+1, 0xc3), "lossless"},
		"12 bits":           {change(sof+4, 12), "12 bits"},
		"no height":         {change(sof+5, 0, 0), "40x0"},
		"two components":    {change(sof+9, 2), "damaged"},
		"no factor":         {change(sof+11, 0x02), "damaged"},
		"odd factors":       {append(change(sof+11, 0x33), 0), "do not divide"},
		"one number twice":  {change(sof+13, 1), "one number"},
		"no such table":     {change(sof+12, 3), "quantization table"},
		"unknown component": {change(sos+5, 9), "header of a scan"},
		"no such code":      {change(sos+6, 0x33), "Huffman table"},
		"too large":         {change(sof+5, 0xff, 0xff, 0x0f, 0xff), "too short"},
		"cut data":          {good[:len(good)/2+sos/2], "cut short"},
		"no data":           {append(bytes.Clone(good[:sos]), 0xff, markerEOI), "before all colours"},
		"two frames":        {append(bytes.Clone(good[:sos]), good[sof:]...), "two frames"},
	} {
		if name == "odd factors" {
			test.data[sof+14] = 0x22 // 3 and 2
		}
		if _, err := Decode(bytes.NewReader(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	for n := range len(good) - 3 {
		if _, err := Decode(bytes.NewReader(good[:n])); err == nil {
			t.Errorf("the first %d of %d bytes were accepted", n, len(good))
		}
	}
	if _, err := Decode(bytes.NewReader(good[:len(good)-2])); err != nil {
		t.Errorf("a file without the end marker: %v", err)
	}
}

func TestDecodeConfig(t *testing.T) {
	for _, test := range []struct {
		img   image.Image
		model color.Model
	}{{ramp(), color.NRGBAModel}, {image.NewGray(image.Rect(0, 0, 40, 24)), color.GrayModel}} {
		config, err := DecodeConfig(bytes.NewReader(encoded(t, test.img)))
		if err != nil || config.Width != 40 || config.Height != 24 || config.ColorModel != test.model {
			t.Errorf("%+v, %v", config, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, ramp()))
	f.Add(encoded(f, image.NewGray(image.Rect(0, 0, 9, 9))))
	f.Fuzz(func(t *testing.T, data []byte) {
		config, err := DecodeConfig(bytes.NewReader(data))
		if err != nil || config.Width*config.Height > 1<<16 {
			return
		}
		img, err := Decode(bytes.NewReader(data))
		if err == nil && (img.Bounds().Dx() != config.Width || img.Bounds().Dy() != config.Height) {
			t.Errorf("%v, but the config says %dx%d", img.Bounds(), config.Width, config.Height)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	img := image.NewRGBA(image.Rect(0, 0, 178, 218))
	for y := range 218 {
		for x := range 178 {
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), uint8(x*y/150 + x*y%7*4), 255})
		}
	}
	data := encoded(b, img)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, err := Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("standard-library-without-colours", func(b *testing.B) {
		for b.Loop() {
			if _, err := stdjpeg.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
