package datasets

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// many makes n numbered pictures.
func many(t testing.TB, n, h, w, c int) map[string][]byte {
	files := map[string][]byte{}
	for i := range n {
		files[fmt.Sprintf("%05d.png", i)] = pngOf(t, numbered(i, h, w, c))
	}
	return files
}

func TestMixedShapes(t *testing.T) {
	files := many(t, 3, 4, 4, 3)
	files["00001.png"] = pngOf(t, numbered(1, 4, 6, 3))
	s := open(t, folderOf(t, files))
	if err := s.Uniform(); err == nil || !strings.Contains(err.Error(), "00001.png has 6x4 pixels") || !strings.Contains(err.Error(), "resize") {
		t.Errorf("sizes: %v", err)
	}
	if _, _, err := s.Batch(0, 0, 1); err == nil || err.Error() != s.Uniform().Error() {
		t.Errorf("batch: %v", err)
	}
	sizes := ""
	for img, err := range s.All() {
		if err != nil {
			t.Fatal(err)
		}
		sizes += fmt.Sprint(img.Bounds().Dx(), " ")
	}
	if sizes != "4 6 4 " {
		t.Errorf("widths %s", sizes)
	}
	for name, opt := range map[string]Option{
		"resize": WithResize(5, imaging.Lanczos), "crop": WithCrop(3), "pad": WithPad(8),
	} {
		u := open(t, folderOf(t, files), opt)
		if _, _, err := u.Batch(0, 0, 3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	files["00001.png"] = pngOf(t, numbered(1, 4, 4, 1))
	s = open(t, folderOf(t, files))
	if err := s.Uniform(); err == nil || !strings.Contains(err.Error(), "channels=3") || !strings.Contains(err.Error(), "00001.png") {
		t.Errorf("channels: %v", err)
	}
	s = open(t, folderOf(t, files), WithChannels(3))
	if m := picture(t, s, 1); s.Uniform() != nil || m.C != 1 && (m.Pix[3] != m.Pix[4] || m.Pix[3] != numbered(1, 4, 4, 1).Pix[1]) {
		t.Errorf("grey to RGB: %v, %v", s.Uniform(), m.Pix)
	}
	if _, _, err := s.Batch(0, 0, 3); err != nil {
		t.Error(err)
	}
}

// The steps are applied in the order of the options, after the channels.
func TestSteps(t *testing.T) {
	src := folderOf(t, map[string][]byte{"a.png": pngOf(t, numbered(3, 40, 30, 3))})
	m := numbered(3, 40, 30, 3)
	grey := imaging.ToImage8(m.Image(), 1)
	for name, test := range map[string]struct {
		opts []Option
		want *imaging.Image8
	}{
		"crop, resize": {[]Option{WithCrop(20), WithResize(8, imaging.Bicubic)}, imaging.Resize(imaging.CenterCrop(m, 20), 8, 8, imaging.Bicubic)},
		"resize, crop": {[]Option{WithResize(8, imaging.Box), WithCrop(4)}, imaging.CenterCrop(imaging.Resize(m, 8, 8, imaging.Box), 4)},
		"short side":   {[]Option{WithShortSide(9, imaging.Bilinear)}, imaging.Resize(m, 9, 12, imaging.Bilinear)},
		"grey, pad":    {[]Option{WithPad(50), WithChannels(1)}, imaging.Pad(grey, 50, 50)},
	} {
		s := open(t, src, test.opts...)
		got := picture(t, s, 0)
		h, w, c := s.ImageShape()
		if h != test.want.H || w != test.want.W || c != test.want.C || !slices.Equal(got.Pix, test.want.Pix) {
			t.Errorf("%s: %dx%dx%d, want %dx%dx%d and the same pixels", name, h, w, c, test.want.H, test.want.W, test.want.C)
		}
	}
	for _, opt := range []Option{WithCrop(31), WithPad(39)} {
		if _, err := Open(src, opt); err == nil || !strings.Contains(err.Error(), "a.png") || !strings.Contains(err.Error(), "30x40") {
			t.Errorf("got %v", err)
		}
	}
}

func TestFlip(t *testing.T) {
	s := open(t, folderOf(t, many(t, 3, 2, 3, 3)), WithFlip())
	if s.Len() != 6 {
		t.Fatalf("%d pictures, want 6", s.Len())
	}
	for i := range 3 {
		if got, want := picture(t, s, i+3).Pix, imaging.FlipX(numbered(i, 2, 3, 3)).Pix; !slices.Equal(got, want) {
			t.Errorf("picture %d is %v, want the mirror image of %d", i+3, got, i)
		}
	}
	images, _, err := s.Batch(5, 0, 6)
	if err != nil {
		t.Fatal(err)
	}
	var sum, want float64
	for _, v := range floats(t, images) {
		sum += float64(v)
	}
	for i := range 6 {
		for _, v := range picture(t, s, i).Pix {
			want += float64(float32(v)/127.5 - 1)
		}
	}
	if d := sum - want; d > 1e-9 || d < -1e-9 { // the same values, added in another order
		t.Errorf("one epoch adds up to %v, the pictures to %v", sum, want)
	}
}

// Unreadable files: damaged header, damaged pixels, not a picture at all.
func withDamage(t testing.TB) map[string][]byte {
	files := many(t, 20, 16, 16, 3)
	files["00003.png"] = files["00003.png"][:20]
	files["00007.png"] = files["00007.png"][:len(files["00007.png"])/2]
	files["00011.png"] = []byte("<html>not found</html>")
	return files
}

func TestSkip(t *testing.T) {
	files := withDamage(t)
	for _, src := range []string{folderOf(t, files), zipOf(t, files, zip.Store)} {
		calls := 0
		s := open(t, src, WithPolicy(Skip), WithProgress(func(item string, done, total int64) { calls++ }))
		var names []string
		for _, skipped := range s.Skipped() {
			names = append(names, skipped.Name)
			if skipped.Err == nil {
				t.Errorf("%s was skipped without a reason", skipped.Name)
			}
		}
		if want := []string{"00003.png", "00007.png", "00011.png"}; s.Len() != 17 || !slices.Equal(names, want) || calls != 20 {
			t.Errorf("%d pictures, skipped %q, %d calls of progress", s.Len(), names, calls)
		}
		for i := range s.Len() {
			if _, _, err := s.At(i); err != nil {
				t.Error(err)
			}
		}
		if _, err := Open(src, WithPolicy(Skip), WithSkipLimit(2)); err == nil || !strings.Contains(err.Error(), "more than the 2") {
			t.Errorf("beyond the limit: %v", err)
		}
	}
	bad := folderOf(t, map[string][]byte{"a.png": nil, "b.png": nil})
	if _, err := Open(bad, WithPolicy(Skip)); err == nil || !strings.Contains(err.Error(), "none of 2 files") {
		t.Errorf("nothing left: %v", err)
	}
}

func TestFail(t *testing.T) {
	files := withDamage(t)
	_, err := Open(folderOf(t, files))
	if err == nil || !strings.Contains(err.Error(), "2 of 20 files") || !strings.Contains(err.Error(), "00003.png") || !strings.Contains(err.Error(), "Skip") {
		t.Errorf("damaged headers: %v", err)
	}
	// Damaged pixels are found when they are needed, and the other pictures can still be had.
	delete(files, "00003.png")
	delete(files, "00011.png")
	s := open(t, folderOf(t, files))
	if _, _, err := s.Batch(0, 0, s.Len()); err == nil || !strings.Contains(err.Error(), "00007.png") || strings.Contains(err.Error(), "\n") {
		t.Errorf("batch: %v", err)
	}
	good, bad := 0, 0
	for img, err := range s.All() {
		if err == nil {
			good++
		} else if bad++; img != nil || !strings.Contains(err.Error(), "00007.png") {
			t.Errorf("All: %v, %v", img, err)
		}
	}
	if good != 17 || bad != 1 {
		t.Errorf("All gave %d good and %d bad pictures", good, bad)
	}
}

func TestLimitAndAt(t *testing.T) {
	src := folderOf(t, many(t, 9, 2, 2, 1))
	s := open(t, src, WithLimit(4))
	if s.Len() != 4 {
		t.Errorf("%d pictures, want 4", s.Len())
	}
	if open(t, src, WithLimit(99)).Len() != 9 {
		t.Error("a limit above the number changed it")
	}
	for _, i := range []int{-1, 4} {
		if _, _, err := s.At(i); err == nil || !strings.Contains(err.Error(), "0..3") {
			t.Errorf("picture %d: %v", i, err)
		}
	}
	count := 0
	for range s.All() {
		if count++; count == 2 {
			break
		}
	}
}

func TestOpenIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := folderOf(t, many(t, 3, 2, 2, 1))
	if _, err := Open(src, WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The cache changes no pixel; without it every picture is decoded when needed.
func TestCache(t *testing.T) {
	src := folderOf(t, many(t, 30, 8, 8, 3))
	with, without := open(t, src, WithCrop(6)), open(t, src, WithCrop(6), WithCache(30*6*6*3-1))
	if with.cache == nil || without.cache != nil {
		t.Fatal("the budget was not kept to the byte")
	}
	for seen := int64(0); seen < 60; seen += 13 {
		a, _, err := with.Batch(1, seen, 13)
		if err != nil {
			t.Fatal(err)
		}
		b, _, err := without.Batch(1, seen, 13)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(floats(t, a), floats(t, b)) {
			t.Errorf("position %d: the cache changed the batch", seen)
		}
	}
	for i := range with.cache {
		if with.cache[i].Load() == nil {
			t.Errorf("picture %d was not kept", i)
		}
	}
}

func TestFingerprint(t *testing.T) {
	files := many(t, 4, 8, 8, 3)
	dir := folderOf(t, files)
	base := open(t, dir).Fingerprint()
	if len(base) != 64 || base != open(t, folderOf(t, files)).Fingerprint() {
		t.Errorf("%s is not the fingerprint of a copy", base)
	}
	seen := map[string]string{base: "base"}
	add := func(name, print string) {
		if other, ok := seen[print]; ok {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[print] = name
	}
	for name, opts := range map[string][]Option{
		"crop": {WithCrop(4)}, "crop 5": {WithCrop(5)}, "pad": {WithPad(9)}, "flip": {WithFlip()}, "limit": {WithLimit(3)},
		"box": {WithResize(4, imaging.Box)}, "lanczos": {WithResize(4, imaging.Lanczos)}, "grey": {WithChannels(1)},
		"order": {WithCrop(4), WithPad(9)}, "order 2": {WithPad(9), WithCrop(4)},
	} {
		add(name, open(t, dir, opts...).Fingerprint())
	}
	add("zip", open(t, zipOf(t, files, zip.Deflate)).Fingerprint())
	files["00002.png"] = pngOf(t, numbered(77, 8, 8, 3))
	add("another zip", open(t, zipOf(t, files, zip.Deflate)).Fingerprint())
	files["extra.png"] = files["00001.png"]
	add("one more", open(t, folderOf(t, files)).Fingerprint())
	delete(files, "extra.png")
	files[labelsFile] = []byte(`{"labels": [["00000.png",0],["00001.png",0],["00002.png",0],["00003.png",1]]}`)
	add("labels", open(t, folderOf(t, files)).Fingerprint())
	files[labelsFile] = []byte(`{"labels": [["00000.png",0],["00001.png",0],["00002.png",1],["00003.png",1]]}`)
	add("other labels", open(t, folderOf(t, files)).Fingerprint())
	add("mini", open(t, "fashion-mini").Fingerprint())
	add("mini test", open(t, "fashion-mini:test").Fingerprint())
	if strings.Contains(filepath.ToSlash(base), "/") {
		t.Error("the fingerprint holds a path")
	}
}
