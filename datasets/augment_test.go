package datasets

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// The steps, a crop and a mirror image give the bytes of the original CycleGAN's data loader; see
// testdata/make_augment.py.
func TestAugmentEqualsCycleGAN(t *testing.T) {
	var cases []struct {
		Width, Height, Load, Crop, Left, Top int
		Mode, SHA256                         string
		Flip                                 bool
	}
	data, err := os.ReadFile("testdata/augment.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 10 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, test := range cases {
		opts := map[string][]Option{
			"resize_and_crop":      {WithResize(max(test.Load, 1), imaging.Bicubic)},
			"scale_width_and_crop": {WithWidth(max(test.Load, 1), imaging.Bicubic)},
			"crop":                 {},
		}[test.Mode]
		m := imaging.NewImage8(test.Height, test.Width, 3)
		for i := range m.Pix {
			m.Pix[i] = uint8(i*i*31 + i*17 + i>>3*101)
		}
		c, err := newConfig(opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range c.steps {
			if m, err = step.apply(m); err != nil {
				t.Fatal(err)
			}
		}
		m = augmentation{test.Left, test.Top, test.Crop, test.Flip}.apply(m)
		if got := fmt.Sprintf("%x", sha256.Sum256(m.Pix)); got != test.SHA256 {
			t.Errorf("%+v: other bytes", test)
		}
	}
}

// A batch holds crops and mirror images of whole pictures, all of them in the end, and the same at one position however
// the batches are cut.
func TestRandomCropAndFlip(t *testing.T) {
	src := folderOf(t, map[string][]byte{"a.png": pngOf(t, numbered(5, 7, 6, 3))})
	s := open(t, src, WithRandomFlip(), WithRandomCrop(5))
	if h, w, c := s.ImageShape(); h != 5 || w != 5 || c != 3 {
		t.Fatalf("pictures of %dx%dx%d", h, w, c)
	}
	want := map[string]int{} // crops at 3 x 2 places, mirrored or not
	for top := range 3 {
		for left := range 2 {
			m := imaging.Crop(numbered(5, 7, 6, 3), left, top, 5, 5)
			for _, m := range []*imaging.Image8{m, imaging.FlipX(m)} {
				x := make([]float32, len(m.Pix))
				m.Floats(x)
				want[fmt.Sprint(x)] = 0
			}
		}
	}
	const n, size = 1200, 5 * 5 * 3
	images, _, err := s.Batch(3, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	flat := floats(t, images)
	for k := range n {
		key := fmt.Sprint(flat[k*size : (k+1)*size])
		if _, ok := want[key]; !ok {
			t.Fatalf("position %d is no crop of the picture", k)
		}
		want[key]++
	}
	for _, count := range want { // 100 expected, with a standard deviation of 9.6: five of them either way
		if count < 52 || count > 148 {
			t.Errorf("one of 12 crops comes %d times in %d", count, n)
		}
	}
	later, _, err := s.Batch(3, 617, 40)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(floats(t, later), flat[617*size:657*size]) {
		t.Error("a batch depends on where the one before it ended")
	}
	other, _, err := s.Batch(4, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(floats(t, other), flat) {
		t.Error("two seeds cut alike")
	}
	if got := picture(t, s, 0); !slices.Equal(got.Pix, imaging.CenterCrop(numbered(5, 7, 6, 3), 5).Pix) {
		t.Error("At gives something else than the middle")
	}
}

// Pictures of several sizes can be trained on with a random crop, and only a picture below it cannot.
func TestRandomCropOfMixedSizes(t *testing.T) {
	src := folderOf(t, map[string][]byte{
		"a.png": pngOf(t, numbered(1, 8, 12, 3)), "b.png": pngOf(t, numbered(2, 20, 9, 3)), "c.png": pngOf(t, numbered(3, 8, 8, 3))})
	s := open(t, src, WithRandomCrop(8))
	if err := s.Uniform(); err != nil {
		t.Error(err)
	}
	if images, _, err := s.Batch(0, 0, 9); err != nil || images.Shape().String() != "(Float32)[9, 8, 8, 3]" {
		t.Errorf("%v, %v", images, err)
	}
	s = open(t, src, WithWidth(10, imaging.Bicubic), WithRandomCrop(6))
	if _, _, err := s.Batch(0, 0, 9); err != nil {
		t.Error(err)
	}
	if _, err := Open(src, WithRandomCrop(9)); err == nil || !strings.Contains(err.Error(), "a.png") || !strings.Contains(err.Error(), "random crop of 9") {
		t.Errorf("a crop that does not fit: %v", err)
	}
	if _, err := Open(src, WithRandomCrop(0)); err == nil {
		t.Error("a crop of nothing was accepted")
	}
}
