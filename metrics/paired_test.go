package metrics

import (
	"context"
	"image"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// TestPaired: by hand. A shift by 3 levels is an L1 of 3/127.5 and a PSNR of 10 log10(255²/9); of a shifted and an equal
// picture the means are half of it.
func TestPaired(t *testing.T) {
	reals, shifted := pictures{n: 2, salt: 3}, pictures{n: 2, salt: 3, shift: 3}
	half := Sequence(2, func(yield func(image.Image, error) bool) {
		_ = yield(reals.at(0), nil) && yield(shifted.at(1), nil)
	})
	for _, test := range []struct {
		fakes         Images
		l1, psnr, std float64
	}{
		{shifted, 3 / 127.5, 38.588378, 0}, {half, 1.5 / 127.5, 41.598678, 1.5 / 127.5},
		{reals, 0, math.Inf(1), 0}, {pictures{n: 2, salt: 3, shift: -3, rgb: true}, 3 / 127.5, 38.588378, 0},
	} {
		got, err := Paired(t.Context(), "cycle", reals, test.fakes)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[0].Name != "cycle_l1" || got[1].Name != "cycle_psnr" || got[0].StdOf != "pictures" || got[0].NReal != 2 ||
			got[1].NFake != 2 || got[1].Extractor != "pixels" || got[0].Time.IsZero() {
			t.Fatalf("got %+v", got)
		}
		near(t, "l1", got[0].Value, test.l1, 1e-12)
		near(t, "spread of l1", got[0].Std, test.std, 1e-8) // the root of a rounding
		if got[1].Value != test.psnr {
			near(t, "psnr", got[1].Value, test.psnr, 1e-7) // digits of the table
		}
	}
}

func TestPairedErrors(t *testing.T) {
	p := pictures{n: 3}
	small := Sequence(1, func(yield func(image.Image, error) bool) { yield(imaging.NewImage8(6, 5, 1).Image(), nil) })
	for _, test := range []struct {
		reals, fakes Images
		want         string
	}{
		{p, pictures{n: 2}, "2 fakes and more reals"},
		{p, pictures{n: 4}, "3 reals and more fakes"},
		{pictures{}, pictures{}, "no reals"},
		{pictures{n: 1}, small, "fake 0 has (5,6) pixels (width, height) and its real (6,6)"},
		{damaged(p, 1), p, "picture 1 of the reals cannot be read: photos/0001.png"},
		{p, damaged(p, 2), "picture 2 of the fakes cannot be read: photos/0002.png"},
	} {
		if _, err := Paired(t.Context(), "paired", test.reals, test.fakes); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want an error that says %q", err, test.want)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Paired(cancelled, "paired", p, p); err != context.Canceled {
		t.Errorf("after a cancellation: %v", err)
	}
}
