package lab

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// source returns n reals and n others of 8x8 pixels, each different from all others, of three classes in turn.
func source(n int) Source {
	random := rand.New(rand.NewPCG(9, 9))
	set := func() *Pictures {
		p := &Pictures{Title: "noise"}
		for i := range n {
			m := imaging.NewImage8(8, 8, 1)
			for k := range m.Pix {
				m.Pix[k] = uint8(random.IntN(256))
			}
			p.Images, p.Labels = append(p.Images, m), append(p.Labels, i%3)
		}
		return p
	}
	return Source{Reals: set(), Others: set(), N: n / 2, Seed: 4}
}

// apply returns the pictures of a dose.
func apply(t *testing.T, d Distortion, src Source, dose float64) *Pictures {
	t.Helper()
	p, err := d.Apply(src, dose)
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != src.N || len(p.Labels) != src.N {
		t.Fatalf("%s of %g gave %d pictures with %d labels, want %d", d.Name, dose, p.Len(), len(p.Labels), src.N)
	}
	return p
}

func same(a, b *imaging.Image8) bool { return bytes.Equal(a.Pix, b.Pix) }

// changed counts the pictures that are not those of before.
func changed(p, before *Pictures) (n int) {
	for i, m := range p.Images {
		if !same(m, before.Images[i]) {
			n++
		}
	}
	return n
}

// TestFirstDoseSpoilsNothing: every distortion begins with the same untouched pictures, whose choice is repeatable, and
// leaves the source alone.
func TestFirstDoseSpoilsNothing(t *testing.T) {
	src := source(60)
	before := source(60)
	for _, d := range []Distortion{Noise(20), Blur(1), Shift(2), Mirror(1), JPEG(10), Halves(1), DropClasses(1), Repeat(src.N, 3), Copies(1)} {
		first := apply(t, d, src, d.Doses[0])
		untouched, err := src.Untouched()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range first.Images {
			if !slices.ContainsFunc(untouched.Images, func(o *imaging.Image8) bool { return same(m, o) }) {
				t.Errorf("%s: the dose %s has a picture that is not one of the untouched", d.Name, d.Label(d.Doses[0]))
				break
			}
		}
		last := apply(t, d, src, d.Doses[1])
		if n := changed(last, first); n < src.N*9/10 && d.Name != "drop" && d.Name != "repeat" {
			t.Errorf("%s: the dose %s changed %d of %d pictures", d.Name, d.Label(d.Doses[1]), n, src.N)
		}
		if ends := d.Ends().Doses; !slices.Equal(ends, d.Doses) {
			t.Errorf("%s: the ends of two doses are %v", d.Name, ends)
		}
	}
	if changed(src.Others, before.Others)+changed(src.Reals, before.Reals) > 0 {
		t.Error("a distortion changed its source")
	}
}

func TestNoise(t *testing.T) {
	src := source(60)
	for _, m := range src.Others.Images {
		for i := range m.Pix {
			m.Pix[i] = 128
		}
	}
	const sigma = 10
	var sum, squares, n float64
	for _, m := range apply(t, Noise(sigma), src, sigma).Images {
		for _, v := range m.Pix {
			sum, squares, n = sum+float64(v)-128, squares+(float64(v)-128)*(float64(v)-128), n+1
		}
	}
	// 1920 samples: the mean varies by 0.23 and the deviation by 0.16.
	if mean, std := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 1 || math.Abs(std-sigma) > 0.7 {
		t.Errorf("noise has mean %g and deviation %g, want 0 and %d", mean, std, sigma)
	}
}

// TestBlur: a bright pixel becomes a Gaussian of the asked variance; a uniform picture stays.
func TestBlur(t *testing.T) {
	const sigma, middle = 1.5, 10
	m := imaging.NewImage8(2*middle+1, 2*middle+1, 1)
	m.Pix[middle*m.W+middle] = 255
	sum, second := 0.0, 0.0
	for i, v := range blur(m, sigma).Pix {
		dx := float64(i%m.W - middle)
		sum += float64(v)
		second += float64(v) * dx * dx
	}
	// Rounding to 8 bits cuts the tails, which takes a tenth of the variance.
	if variance := second / sum; math.Abs(variance-sigma*sigma) > 0.3 || math.Abs(sum-255) > 25 {
		t.Errorf("the pixel became a sum of %g with variance %g, want 255 and %g", sum, variance, sigma*sigma)
	}
	for i := range m.Pix {
		m.Pix[i] = 77
	}
	if !same(blur(m, sigma), m) {
		t.Error("a uniform picture changed")
	}
}

func TestShift(t *testing.T) {
	src := source(60)
	before := apply(t, Shift(), src, 0)
	for i, m := range apply(t, Shift(3), src, 3).Images {
		for y := range m.H {
			for x := range m.W {
				want := uint8(0)
				if x >= 3 && y >= 3 {
					want = before.Images[i].Pix[(y-3)*m.W+x-3]
				}
				if got := m.Pix[y*m.W+x]; got != want {
					t.Fatalf("picture %d at (%d, %d) is %d, want %d", i, x, y, got, want)
				}
			}
		}
	}
}

// TestSharesGrow: a larger share holds the smaller one's pictures.
func TestSharesGrow(t *testing.T) {
	src := source(400)
	for _, d := range []Distortion{Mirror(0.25, 0.5), Halves(0.25, 0.5), Copies(0.25, 0.5)} {
		before, some, more := apply(t, d, src, 0), apply(t, d, src, 0.25), apply(t, d, src, 0.5)
		// 200 pictures: shares vary by 6 pictures.
		if a, b := changed(some, before), changed(more, before); a < 30 || a > 70 || b < 80 || b > 120 {
			t.Errorf("%s: shares of 25 %% and 50 %% of %d pictures changed %d and %d", d.Name, src.N, a, b)
		}
		for i := range some.Images {
			if !same(some.Images[i], before.Images[i]) && !same(some.Images[i], more.Images[i]) {
				t.Errorf("%s: picture %d is changed at 25 %% and otherwise at 50 %%", d.Name, i)
			}
		}
	}
	mirrored := apply(t, Mirror(1), src, 1)
	for i, m := range apply(t, Mirror(1), src, 0).Images {
		if !same(mirrored.Images[i], imaging.FlipX(m)) {
			t.Fatalf("picture %d is not mirrored", i)
		}
	}
}

func TestJPEGLosesMoreAtLowerQuality(t *testing.T) {
	src := source(60)
	before := apply(t, JPEG(), src, 0)
	loss := func(quality float64) (sum float64) {
		for i, m := range apply(t, JPEG(quality), src, quality).Images {
			for k, v := range m.Pix {
				sum += math.Abs(float64(v) - float64(before.Images[i].Pix[k]))
			}
		}
		return sum
	}
	if high, low := loss(95), loss(10); high <= 0 || low < 3*high {
		t.Errorf("quality 95 loses %g and 10 loses %g levels", high, low)
	}
}

func TestHalves(t *testing.T) {
	src := source(60)
	before := apply(t, Halves(1), src, 0)
	for i, m := range apply(t, Halves(1), src, 1).Images {
		half := len(m.Pix) / 2
		own := before.Images[i]
		if !bytes.Equal(m.Pix[:half], own.Pix[:half]) {
			t.Errorf("the upper half of picture %d is not its own", i)
		}
		other := slices.IndexFunc(before.Images, func(o *imaging.Image8) bool { return bytes.Equal(o.Pix[half:], m.Pix[half:]) })
		if other < 0 || other == i || before.Labels[other] != before.Labels[i] {
			t.Errorf("the lower half of picture %d of class %d is that of picture %d", i, before.Labels[i], other)
		}
	}
}

func TestDropClasses(t *testing.T) {
	src := source(60)
	src.N = 20
	if p := apply(t, DropClasses(2), src, 2); slices.Max(p.Labels) != 0 {
		t.Errorf("without two of three classes there are %v", p.Labels)
	}
	src.N = 21
	if _, err := DropClasses(2).Apply(src, 2); err == nil || !strings.Contains(err.Error(), "has 20 pictures of the classes asked for, want 21") {
		t.Errorf("21 of 20 pictures: error %v", err)
	}
}

func TestRepeat(t *testing.T) {
	src := source(60)
	p := apply(t, Repeat(src.N, 6), src, 6)
	count, classes := map[string]int{}, map[int]int{}
	for i, m := range p.Images {
		count[string(m.Pix)]++
		classes[p.Labels[i]]++
	}
	for _, n := range count {
		if n != 5 {
			t.Errorf("a picture is there %d times, want 5", n)
		}
	}
	if len(count) != 6 || classes[0] != 10 || classes[1] != 10 || classes[2] != 10 {
		t.Errorf("there are %d different pictures, by class %v", len(count), classes)
	}
}

func TestCopiesAreReals(t *testing.T) {
	src := source(60)
	for i, m := range apply(t, Copies(1), src, 1).Images {
		if !slices.ContainsFunc(src.Reals.Images, func(o *imaging.Image8) bool { return same(m, o) }) {
			t.Errorf("picture %d is none of the reals", i)
		}
	}
}

func TestFashionMini(t *testing.T) {
	src, err := FashionMini(11_900, 50)
	if err != nil {
		t.Fatal(err)
	}
	if src.Reals.Len() != 11_900 || src.Others.Len() != 2_100 || src.N != 50 {
		t.Errorf("%d reals, %d others", src.Reals.Len(), src.Others.Len())
	}
	if _, err := FashionMini(12_001, 50); err == nil {
		t.Error("more reals than training images were given")
	}
}
