package metrics

import (
	"context"
	"errors"
	"image"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// What can be known from the options and the lengths fails before a picture is read.
func TestFailsBeforeReading(t *testing.T) {
	inception := small()
	inception.name = "inception-2015"
	for _, test := range []struct {
		opt          Options
		reals, fakes int // -1: nil
		want         []string
	}{
		{Options{}, 0, 10, []string{"no reals"}},
		{Options{}, 10, 0, []string{"no fakes"}},
		{Options{}, -1, 10, []string{"no reals"}},
		{Options{}, 10, -1, []string{"no fakes"}},
		{Options{}, 10, 1, []string{"fd", "2 fakes", "1"}},
		{Options{}, 1, 10, []string{"fd", "2 reals"}},
		{Options{DDoF: 5}, 10, 5, []string{"6 fakes"}},
		{Options{Metrics: []string{"kd"}}, 10, 2000, []string{"kd", "1000 reals", "10", "--kid-subset-size"}},
		{Options{Metrics: []string{"kd"}, KIDSubsetSize: 11}, 11, 10, []string{"11 fakes"}},
		{Options{Metrics: []string{"classifier_score"}}, -1, 9, []string{"classifier_score", "10 fakes", "--is-splits"}},
		{Options{Metrics: []string{"prdc"}}, 6, 5, []string{"prdc", "6 fakes"}},
		{Options{Network: inception, Metrics: []string{"fid", "is"}}, 3, 3, []string{"is", "10 fakes"}},
	} {
		if test.opt.Network == nil {
			test.opt.Network = small()
		}
		var reals, fakes Images
		if test.reals >= 0 {
			reals = unread(t, test.reals)
		}
		if test.fakes >= 0 {
			fakes = unread(t, test.fakes)
		}
		_, err := Score(t.Context(), reals, fakes, &test.opt)
		checkError(t, err, test.want...)
	}
	_, err := Measure(t.Context(), unread(t, 1), &Options{Network: small()})
	checkError(t, err, "2 pictures")
	_, err = Measure(t.Context(), nil, &Options{Network: small()})
	checkError(t, err, "no pictures")
	// An unknown length is found out by reading.
	_, err = Measure(t.Context(), unsized(pictures{}), &Options{Network: small()})
	checkError(t, err, "no pictures")
	_, err = Measure(t.Context(), unsized(pictures{n: 1}), &Options{Network: small()})
	checkError(t, err, "2 pictures")
}

// checkError fails the test unless err is one line that begins with the package and holds all of the texts.
func checkError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "metrics: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got the error %v", err)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("no %q in: %v", text, err)
		}
	}
}

// One picture among 1,000 cannot be read: an error that names it, or with Skip 999 pictures and a word about it.
func TestUnreadablePicture(t *testing.T) {
	fakes := damaged(pictures{n: 1000}, 500)
	_, err := FID(t.Context(), pictures{n: 20}, fakes, &Options{Network: small()})
	checkError(t, err, "picture 500 of the fakes", "photos/0500.png", "Skip")
	if picture := new(PictureError); !errors.As(err, &picture) || picture.Index != 500 || picture.Side != "fakes" {
		t.Errorf("%#v", err)
	}
	var warnings []string
	opt := &Options{Network: small(), Unreadable: Skip, Warn: func(text string) { warnings = append(warnings, text) }}
	r, err := FID(t.Context(), pictures{n: 20}, fakes, opt)
	if err != nil {
		t.Fatal(err)
	}
	if r.NFake != 999 || len(warnings) != 1 || !strings.Contains(warnings[0], "1 of 1000 fakes") || !strings.Contains(warnings[0], "photos/0500.png") {
		t.Errorf("%v with the warnings %q", r, warnings)
	}
	_, err = FID(t.Context(), pictures{n: 20}, damaged(pictures{n: 3}, 0, 1, 2), opt)
	checkError(t, err, "none of the 3 fakes", "photos/0000.png")
	_, err = FID(t.Context(), pictures{n: 20}, damaged(pictures{n: 3}, 0, 1), opt)
	checkError(t, err, "2 fakes")
	// A source that gives up is no damaged picture.
	broken := Sequence(10, func(yield func(image.Image, error) bool) {
		_ = yield(pictures{}.at(0), nil) && yield(nil, errors.New("the device is gone"))
	})
	_, err = FID(t.Context(), pictures{n: 20}, broken, opt)
	checkError(t, err, "fakes", "2 of 10", "the device is gone")
	_, err = FID(t.Context(), pictures{n: 20}, Sequence(10, pictures{n: 12}.All()), opt)
	checkError(t, err, "12 pictures", "10")
}

func TestFeaturesThatAreNoNumbers(t *testing.T) {
	n := small()
	n.broken = func(m *imaging.Image8) bool {
		return string(m.Pix) == string(imaging.ToImage8(pictures{}.at(17), 1).Pix)
	}
	_, err := FID(t.Context(), pictures{n: 5}, pictures{n: 20}, &Options{Network: n})
	checkError(t, err, "fakes", "picture 17", "NaN")
}

func TestCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stopping := Sequence(1000, func(yield func(image.Image, error) bool) {
		for i := range 1000 {
			if i == 20 {
				cancel()
			}
			if !yield(pictures{}.at(i), nil) {
				return
			}
		}
	})
	n := small()
	if _, err := Measure(ctx, stopping, &Options{Network: n, Unreadable: Skip}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	if n.pictures.Load() > 40 {
		t.Errorf("%d pictures were computed after 20", n.pictures.Load())
	}
	// A generator that stops with its context says so through an error of its own.
	drawn := Sequence(10, func(yield func(image.Image, error) bool) { yield(nil, context.Canceled) })
	if _, err := Measure(t.Context(), drawn, &Options{Network: n, Unreadable: Skip}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// Weights without the part that a metric needs are found out before a picture is read.
func TestWeightsWithoutLogits(t *testing.T) {
	n := small()
	n.headless = true
	_, err := Open(t.Context(), &Options{Network: n, Metrics: []string{"fd", "classifier_score"}})
	checkError(t, err, "tiny-net", "logits", "classifier_score")
	if _, err := Open(t.Context(), &Options{Network: n, Metrics: []string{"fd", "kd"}}); err != nil {
		t.Error(err)
	}
}
