package datasets

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/datasets/internal/glyphs"
)

// glyphsSHA256 is the sum of the first 20 pictures of each side. It changes only together with glyphs.Version.
const glyphsSHA256 = "a7637bbef9eef876e369fdb81d1606cc04354d9e9398acad5a0317843fb5e469"

func TestGlyphsAreThoseOfEveryMachine(t *testing.T) {
	hash := sha256.New()
	for _, side := range []string{"trainA", "trainB", "testA", "testB"} {
		s := open(t, "glyphs:"+side)
		for i := range 20 {
			hash.Write(picture(t, s, i).Pix)
		}
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)); got != glyphsSHA256 || glyphs.Version != 1 {
		t.Errorf("version %d has the sum %s: raise glyphs.Version when pixels change", glyphs.Version, got)
	}
}

// inked counts the pixels that differ from the paper, the first pixel, by more than a little, and gives the box around them.
func inked(m *imaging.Image8) (pixels int, left, right, top, bottom int) {
	left, top = m.W, m.H
	for y := range m.H {
		for x := range m.W {
			far := 0
			for k := range 3 {
				d := int(m.Pix[(y*m.W+x)*3+k]) - int(m.Pix[k])
				far = max(far, d, -d)
			}
			if far > 24 {
				pixels++
				left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
			}
		}
	}
	return pixels, left, right, top, bottom
}

// Picture i of both sides of the test split is the same letter: at the same place, of the same height and ink, in a
// heavier font. All letters lie within their pictures.
func TestGlyphsArePairedInTest(t *testing.T) {
	x, y, err := OpenPair("glyphs:test")
	if err != nil {
		t.Fatal(err)
	}
	heavier := 0
	for i := range x.Len() {
		a, b := picture(t, x, i), picture(t, y, i)
		if x.label(i) != y.label(i) {
			t.Fatalf("picture %d is %s and %s", i, x.ClassNames()[x.label(i)], y.ClassNames()[y.label(i)])
		}
		na, la, ra, ta, ba := inked(a)
		nb, lb, rb, tb, bb := inked(b)
		if na < 40 || nb < 40 {
			t.Errorf("picture %d has %d and %d pixels of ink", i, na, nb)
		}
		if nb > na {
			heavier++
		}
		// The middles of the bounding boxes agree to two pixels; turning moves them by a part of their difference in size.
		if d := la + ra - lb - rb; d < -4 || d > 4 {
			t.Errorf("picture %d: columns %d..%d and %d..%d", i, la, ra, lb, rb)
		}
		if d := ta + ba - tb - bb; d < -4 || d > 4 {
			t.Errorf("picture %d: rows %d..%d and %d..%d", i, ta, ba, tb, bb)
		}
		if min(la, ta, lb, tb) < 1 || max(ra, ba, rb, bb) > glyphsSize-2 {
			t.Errorf("picture %d touches the border", i)
		}
	}
	if heavier < x.Len()*95/100 {
		t.Errorf("only %d of %d letters are heavier in Go Bold", heavier, x.Len())
	}
}

// The train splits are unpaired, and every letter and ink occurs in both.
func TestGlyphsAreUnpairedInTrain(t *testing.T) {
	x, y, err := OpenPair("glyphs")
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	var counts [2][len(glyphs.Letters)]int
	for i := range x.Len() {
		if x.label(i) == y.label(i) {
			same++
		}
		counts[0][x.label(i)]++
		counts[1][y.label(i)]++
	}
	if same > x.Len()/30 { // one in 62 by chance
		t.Errorf("%d of %d pictures of train show the same letter", same, x.Len())
	}
	for letter := range glyphs.Letters {
		if counts[0][letter] < 30 || counts[1][letter] < 30 { // 64 expected
			t.Errorf("%c occurs %d and %d times", glyphs.Letters[letter], counts[0][letter], counts[1][letter])
		}
	}
}

func TestWithSize(t *testing.T) {
	small := open(t, "glyphs:testA", WithSize(32))
	if h, w, c := small.ImageShape(); h != 32 || w != 32 || c != 3 {
		t.Errorf("pictures of %dx%dx%d", h, w, c)
	}
	// A picture drawn at twice the size and reduced is nearly the same: lines have the same places.
	half := imaging.Resize(picture(t, open(t, "glyphs:testA"), 7), 32, 32, imaging.Box)
	sum := 0
	for i, v := range picture(t, small, 7).Pix {
		sum += max(int(v)-int(half.Pix[i]), int(half.Pix[i])-int(v))
	}
	if mean := float64(sum) / float64(len(half.Pix)); mean > 1 { // rounding of coverage only
		t.Errorf("the sizes differ by %.2f of 255 on average", mean)
	}
	if small.Fingerprint() == open(t, "glyphs:testA").Fingerprint() {
		t.Error("the size does not count for the fingerprint")
	}
	for src, opt := range map[string]Option{"glyphs:trainA": WithSize(1000), "glyphs:trainB": WithSize(3), "fashion-mini": WithSize(32)} {
		if _, err := Open(src, opt); err == nil || !strings.Contains(err.Error(), "size") && !strings.Contains(err.Error(), "pixels") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestFashionPairs(t *testing.T) {
	base := picture(t, open(t, "fashion-mini:test"), 13)
	for name, want := range map[string]struct {
		channels int
		y        func(i int) []uint8 // of pixel i
	}{
		"fashion-negative": {1, func(i int) []uint8 { return []uint8{255 - base.Pix[i]} }},
		"fashion-degraded": {1, func(i int) []uint8 { return base.Pix[i : i+1] }},
		"fashion-colour": {3, func(i int) []uint8 { // 13 is a dress
			v := float64(base.Pix[i])
			return []uint8{uint8(v*104/255 + 0.5), base.Pix[i], uint8(v*96/255 + 0.5)}
		}},
	} {
		x, y, err := OpenPair(name + ":test")
		if err != nil {
			t.Fatal(err)
		}
		if h, w, c := x.ImageShape(); x.Len() != 2000 || y.Len() != 2000 || h != 28 || w != 28 || c != want.channels || x.ClassNames()[x.label(13)] != "Dress" {
			t.Errorf("%s: %d and %d pictures of %dx%dx%d", name, x.Len(), y.Len(), h, w, c)
		}
		pix := picture(t, y, 13).Pix
		for i := range base.Pix {
			if got, want := pix[i*want.channels:(i+1)*want.channels], want.y(i); !slices.Equal(got, want) {
				t.Fatalf("%s: pixel %d of y is %v, want %v", name, i, got, want)
			}
		}
		if name != "fashion-degraded" {
			if m := picture(t, x, 13); imaging.ToImage8(m.Image(), 1).Pix[300] != base.Pix[300] {
				t.Errorf("%s: x is not the garment", name)
			}
		}
		x, y, err = OpenPair(name)
		if err != nil {
			t.Fatal(err)
		}
		if x.Len() != 6000 || y.Len() != 6000 || x.NumClasses() != 10 {
			t.Errorf("%s: %d and %d pictures in train", name, x.Len(), y.Len())
		}
		if name == "fashion-degraded" && slices.Equal(picture(t, y, 0).Pix, picture(t, open(t, "fashion-mini"), 0).Pix) {
			t.Errorf("%s: y of train is not the second half", name)
		}
	}
}

// Degrading keeps the mean of the light and adds noise of the stated size.
func TestDegraded(t *testing.T) {
	flat := make([]uint8, 784)
	for i := range flat {
		flat[i] = 128
	}
	var sum, squares float64
	const pictures = 40
	for number := range pictures {
		out := make([]uint8, 784)
		degraded(out, garment{pixels: flat, stream: 1, number: number})
		for _, v := range out {
			d := float64(v) - 128
			sum, squares = sum+d, squares+d*d
		}
	}
	// 31,360 pixels: the mean has a standard error of 0.11, the variance 408 one of 0.8 % (kurtosis below 3).
	if mean, variance := sum/pictures/784, squares/pictures/784; mean < -0.5 || mean > 0.5 || variance < 392 || variance > 424 {
		t.Errorf("the noise has the mean %.2f and the variance %.1f, want 0 and 408", mean, variance)
	}
	point := make([]uint8, 784)
	point[14*28+14] = 255
	var around [9]float64 // the mean over many pictures of one row through the point
	const many = 2000
	for number := range many {
		out := make([]uint8, 784)
		degraded(out, garment{pixels: point, stream: 2, number: number})
		for k := range around {
			around[k] += float64(out[14*28+10+k]) / many
		}
	}
	// The kernel gives 255·36/256 = 35.9 at the point and 255·24/256 = 23.9 beside it; clamped noise lifts what is near 0.
	if around[4] < 35 || around[4] > 38 || around[3] < 23.5 || around[3] > 28 || around[4]-around[3] < 8 || around[0] > 9 {
		t.Errorf("a point of 255 becomes %.1f", around)
	}
}
