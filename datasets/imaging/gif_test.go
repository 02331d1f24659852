package imaging

import (
	"bytes"
	"image/color"
	"image/gif"
	"slices"
	"testing"
	"time"
)

func TestAnimateGIF(t *testing.T) {
	frames := []*Image8{formula(16, 16, 1), formula(16, 16, 1)}
	for i := range frames[1].Pix {
		frames[1].Pix[i] = uint8(i)
	}
	var buf, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&buf, &again} {
		if err := AnimateGIF(w, frames, 80*time.Millisecond, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(buf.Bytes(), again.Bytes()) {
		t.Error("equal frames gave other bytes")
	}
	all, err := gif.DecodeAll(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Image) != 2 || all.Delay[0] != 8 || all.Delay[1] != 108 || all.LoopCount != 0 {
		t.Errorf("%d frames, delay %v, loop %d", len(all.Image), all.Delay, all.LoopCount)
	}
	for i, img := range all.Image {
		if got := ToImage8(img, 1); !slices.Equal(got.Pix, frames[i].Pix) {
			t.Errorf("grey frame %d lost levels", i)
		}
	}
}

// A picture of few colours keeps them; one of many is close in the mean, since errors diffuse.
func TestAnimateGIFColours(t *testing.T) {
	few := NewImage8(8, 8, 3)
	for i := range 64 {
		few.Pix[3*i], few.Pix[3*i+1], few.Pix[3*i+2] = uint8(i%7*36), uint8(i%3*100), uint8(i%5*60)
	}
	many := NewImage8(64, 64, 3)
	for i := range 64 * 64 {
		many.Pix[3*i], many.Pix[3*i+1], many.Pix[3*i+2] = uint8(4*(i%64)), uint8(4*(i/64)), uint8(2*(i%64)+2*(i/64))
	}
	for name, test := range map[string]struct {
		m     *Image8
		limit int // largest difference of a channel's mean, in levels
	}{"few": {few, 0}, "many": {many, 1}} {
		var buf bytes.Buffer
		if err := AnimateGIF(&buf, []*Image8{test.m}, time.Second, 0); err != nil {
			t.Fatal(err)
		}
		img, err := gif.Decode(&buf)
		if err != nil {
			t.Fatal(err)
		}
		got := ToImage8(img, 3)
		for c := range 3 {
			a, b := 0, 0
			for i := c; i < len(got.Pix); i += 3 {
				a, b = a+int(got.Pix[i]), b+int(test.m.Pix[i])
			}
			if d := (a - b) / (len(got.Pix) / 3); max(d, -d) > test.limit {
				t.Errorf("%s: channel %d is off by %d levels in the mean", name, c, d)
			}
		}
		if name == "few" && !slices.Equal(got.Pix, few.Pix) {
			t.Error("a picture of few colours changed")
		}
	}
}

// Of a palette of black and white, a grey surface becomes the share of white pixels that is its level.
func TestDitherBalances(t *testing.T) {
	m := NewImage8(64, 64, 3)
	for i := range m.Pix {
		m.Pix[i] = 64
	}
	d := newDitherer(color.Palette{color.RGBA{A: 255}, color.RGBA{255, 255, 255, 255}})
	dst := make([]uint8, 64*64)
	d.draw(dst, m)
	white := 0
	for _, i := range dst {
		white += int(i)
	}
	if want := 64 * 64 * 64 / 255; white < want-40 || white > want+40 { // what leaves at the edges is lost: 128 pixels
		t.Errorf("%d white pixels, want about %d", white, want)
	}
	if a, b := d.nearest([3]uint8{120, 120, 120}), d.nearest([3]uint8{140, 140, 140}); a != 0 || b != 1 {
		t.Errorf("dark and light grey are colours %d and %d", a, b)
	}
}

func TestAnimateGIFRefuses(t *testing.T) {
	for name, frames := range map[string][]*Image8{
		"no frame": nil, "no pixel": {NewImage8(0, 3, 1)}, "two sizes": {NewImage8(2, 2, 1), NewImage8(2, 3, 1)},
	} {
		if err := AnimateGIF(&bytes.Buffer{}, frames, time.Second, 0); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
