package imaging

import (
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

func TestFloatsRoundTrip(t *testing.T) {
	m := NewImage8(16, 16, 1)
	for i := range m.Pix {
		m.Pix[i] = uint8(i)
	}
	y := make([]float32, len(m.Pix))
	m.Floats(y)
	if y[0] != -1 || y[255] != 1 || y[51] != float32(51)/127.5-1 {
		t.Errorf("0, 51, 255 became %v, %v, %v", y[0], y[51], y[255])
	}
	if back := FromFloats(y, 16, 16, 1); !slices.Equal(back.Pix, m.Pix) {
		t.Errorf("round trip: %v", back.Pix)
	}
}

func TestFromFloatsRule(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	in := []float32{-3, 3, inf, -inf, nan, 0, 0.3, -0.3, 1} // 0 is 127.5, 0.3 is 165.75, -0.3 is 89.25
	want := []uint8{0, 255, 255, 0, 0, 128, 166, 89, 255}
	if got := FromFloats(in, 1, len(in), 1).Pix; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestToImage8(t *testing.T) {
	pixel := func(c color.Color) image.Image {
		img := image.NewNRGBA64(image.Rect(3, 4, 4, 5))
		img.Set(3, 4, c)
		return img
	}
	paletted := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.RGBA{10, 20, 30, 255}})
	cmyk := &image.CMYK{Pix: []uint8{0, 128, 255, 64}, Stride: 4, Rect: image.Rect(0, 0, 1, 1)}
	for name, test := range map[string]struct {
		img  image.Image
		c    int
		want []uint8
	}{
		"grey to RGB":         {&image.Gray{Pix: []uint8{7}, Stride: 1, Rect: image.Rect(0, 0, 1, 1)}, 3, []uint8{7, 7, 7}},
		"high byte":           {pixel(color.NRGBA64{0x12ff, 0x3400, 0x56ff, 0xffff}), 3, []uint8{0x12, 0x34, 0x56}},
		"16-bit grey":         {&image.Gray16{Pix: []uint8{0x7f, 0xff}, Stride: 2, Rect: image.Rect(0, 0, 1, 1)}, 1, []uint8{0x7f}},
		"alpha dropped":       {pixel(color.NRGBA64{0x8000, 0x4000, 0x2000, 0x0100}), 3, []uint8{0x80, 0x40, 0x20}},
		"alpha kept":          {pixel(color.NRGBA64{0x8000, 0x4000, 0x2000, 0x0100}), 4, []uint8{0x80, 0x40, 0x20, 1}},
		"palette":             {paletted, 3, []uint8{10, 20, 30}},
		"grey of red":         {pixel(color.NRGBA64{0xffff, 0, 0, 0xffff}), 1, []uint8{76}},
		"grey of green":       {pixel(color.NRGBA64{0, 0xffff, 0, 0xffff}), 1, []uint8{150}},
		"grey of blue":        {pixel(color.NRGBA64{0, 0, 0xffff, 0xffff}), 1, []uint8{29}},
		"ink, as Pillow does": {cmyk, 3, []uint8{191, 95, 0}},
	} {
		if got := ToImage8(test.img, test.c); !slices.Equal(got.Pix, test.want) || got.H != 1 || got.W != 1 {
			t.Errorf("%s: got %v, want %v", name, got.Pix, test.want)
		}
	}
	for _, c := range []int{1, 3, 4} {
		m := gradient(4, 5, c)
		if back := ToImage8(m.Image(), c); !slices.Equal(back.Pix, m.Pix) {
			t.Errorf("%d channels: Image and back changed the pixels", c)
		}
	}
}

func TestCropPadFlip(t *testing.T) {
	m := &Image8{H: 3, W: 4, C: 1, Pix: []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}
	check := func(name string, got *Image8, h, w int, want ...uint8) {
		t.Helper()
		if got.H != h || got.W != w || got.C != 1 || !slices.Equal(got.Pix, want) {
			t.Errorf("%s: got %dx%dx%d %v, want %v", name, got.H, got.W, got.C, got.Pix, want)
		}
	}
	check("crop", CenterCrop(m, 2), 2, 2, 2, 3, 6, 7)
	check("crop of a small one", CenterCrop(m, 4), 4, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 0)
	check("pad", Pad(m, 5, 4), 5, 4, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 0)
	check("flip", FlipX(m), 3, 4, 4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9)
	rgb := FlipX(&Image8{H: 1, W: 2, C: 3, Pix: []uint8{1, 2, 3, 4, 5, 6}})
	if want := []uint8{4, 5, 6, 1, 2, 3}; !slices.Equal(rgb.Pix, want) {
		t.Errorf("flip of RGB: %v, want %v", rgb.Pix, want)
	}
}

func TestGrid(t *testing.T) {
	one := func(v uint8) *Image8 { return &Image8{H: 1, W: 1, C: 1, Pix: []uint8{v}} }
	g := Grid([]*Image8{one(1), one(2), one(3)}, 2, 1)
	if want := []uint8{1, 255, 2, 255, 255, 255, 3, 255, 255}; g.H != 3 || g.W != 3 || !slices.Equal(g.Pix, want) {
		t.Errorf("grid %dx%d %v, want %v", g.H, g.W, g.Pix, want)
	}
	mixed := Grid([]*Image8{one(9), {H: 1, W: 3, C: 3, Pix: []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9}}}, 1, 0)
	want := []uint8{255, 255, 255, 9, 9, 9, 255, 255, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	if mixed.H != 2 || mixed.W != 3 || mixed.C != 3 || !slices.Equal(mixed.Pix, want) {
		t.Errorf("mixed grid %dx%dx%d %v", mixed.H, mixed.W, mixed.C, mixed.Pix)
	}
	if g := Grid(make([]*Image8, 0), 3, 1); g.H != 0 || g.W != 0 {
		t.Errorf("empty grid: %dx%d", g.H, g.W)
	}
	nine := Grid(slices.Repeat([]*Image8{one(0)}, 9), 0, 0)
	if nine.H != 3 || nine.W != 3 {
		t.Errorf("grid of 9 without columns: %dx%d, want 3x3", nine.H, nine.W)
	}
}

func TestCrop(t *testing.T) {
	m := formula(7, 5, 3)
	got := Crop(m, 2, 1, 3, 4)
	for y := range 3 {
		for i := range 4 * 3 {
			if want := m.Pix[(1+y)*7*3+2*3+i]; got.Pix[y*4*3+i] != want {
				t.Fatalf("row %d, sample %d is %d, want %d", y, i, got.Pix[y*4*3+i], want)
			}
		}
	}
	for _, bad := range [][4]int{{-1, 0, 2, 2}, {0, 3, 3, 2}, {6, 0, 2, 2}, {0, 0, 0, 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a crop %v of 7x5 pixels was made", bad)
				}
			}()
			Crop(m, bad[0], bad[1], bad[2], bad[3])
		}()
	}
}
