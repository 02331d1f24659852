package metrics

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// inTurn are the pictures of some indices of p, as a folder has them.
func inTurn(p pictures, indices ...int) Images {
	return Sequence(len(indices), func(yield func(image.Image, error) bool) {
		for _, i := range indices {
			if !yield(p.at(i), nil) {
				return
			}
		}
	})
}

// Copies of reals are found in pixels and in features, at the distance 0; the test calls them copies, and new pictures of
// the same kind not.
func TestNearest(t *testing.T) {
	reals := pictures{n: 60, salt: 1}
	test := pictures{n: 40, salt: 1000}
	copied := []int{7, 0, 59, 30, 31, 32, 33, 34, 35, 36}
	for name, opt := range map[string]*Options{"pixels": {Extractor: Pixels}, "features": {Network: small()}} {
		got, err := Nearest(t.Context(), inTurn(reals, copied...), reals, test, 2, opt)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, want := range copied {
			if index, distance := got.At(i); index[0] != want || distance[0] != 0 || !(distance[1] > 0) {
				t.Errorf("%s: the copy of real %d is near to %v at %v", name, want, index, distance)
			}
		}
		if c := got.Copying; c == nil || c.Share != 1 || c.Z > -4 || c.Test != 40 || len(got.Test) != 40 {
			t.Errorf("%s: copies are judged %+v", name, c)
		}
		if k := got.Kind; k.NReal != 60 || k.NFake != 10 || name == "pixels" && k.Extractor != Pixels || name == "features" && k.Extractor != "tiny-net" {
			t.Errorf("%s: made as %+v", name, k)
		}
		fresh, err := Nearest(t.Context(), pictures{n: 40, salt: 2000}, reals, test, 1, opt)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(fresh.Copying.Z) > 3 {
			t.Errorf("%s: new pictures of the same kind are judged %+v", name, fresh.Copying)
		}
	}
	// The distance of pixels is that of the samples.
	got, err := Nearest(t.Context(), inTurn(reals, 3), inTurn(reals, 5), nil, 1, &Options{Extractor: Pixels})
	if err != nil || got.Copying != nil {
		t.Fatal(err, got.Copying)
	}
	a, b, sum := imaging.ToImage8(reals.at(3), 1), imaging.ToImage8(reals.at(5), 1), 0.0
	for i := range a.Pix {
		d := float64(a.Pix[i]) - float64(b.Pix[i])
		sum += d * d
	}
	near(t, "distance", got.Distance[0], math.Sqrt(sum), 1e-12)
}

// Grey fakes compare with reals in colour, whose three channels are then the same.
func TestNearestInColour(t *testing.T) {
	reals := pictures{n: 5, salt: 1, rgb: true}
	got, err := Nearest(t.Context(), inTurn(pictures{n: 5, salt: 1}, 2), reals, nil, 1, &Options{Extractor: Pixels})
	if err != nil || !slices.Equal(got.Index, []int{2}) || got.Distance[0] != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNearestRefuses(t *testing.T) {
	some := pictures{n: 4, salt: 1}
	in := &Options{Extractor: Pixels}
	for want, f := range map[string]func() (*Neighbours, error){
		"5 neighbours": func() (*Neighbours, error) {
			return Nearest(t.Context(), some, unread(t, 4), nil, 5, &Options{Network: small()})
		},
		"1 to 4":           func() (*Neighbours, error) { return Nearest(t.Context(), some, unsized(some), nil, 5, in) },
		"there are no rea": func() (*Neighbours, error) { return Nearest(t.Context(), some, nil, nil, 1, in) },
		"there are no fak": func() (*Neighbours, error) { return Nearest(t.Context(), pictures{}, some, nil, 1, in) },
		"no test pictures": func() (*Neighbours, error) { return Nearest(t.Context(), some, some, pictures{}, 1, in) },
		"of 4x4 with 1":    func() (*Neighbours, error) { return Nearest(t.Context(), mixed(4), some, nil, 1, in) },
		"with 3 channels": func() (*Neighbours, error) {
			return Nearest(t.Context(), pictures{n: 2, rgb: true}, some, nil, 1, in)
		},
		"as they are": func() (*Neighbours, error) {
			return Nearest(t.Context(), some, some, nil, 1, &Options{Extractor: Pixels, Preprocess: TF1})
		},
		"no extractor": func() (*Neighbours, error) {
			return Nearest(t.Context(), some, some, nil, 1, &Options{Extractor: "eyes"})
		},
		"picture 1 of the fakes": func() (*Neighbours, error) {
			return Nearest(t.Context(), damaged(some, 1), some, nil, 1, in)
		},
		"picture 0 of the reals": func() (*Neighbours, error) {
			return Nearest(t.Context(), some, damaged(some, 0), nil, 1, in)
		},
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %q", err, want)
		}
	}
}

// random are Images with a method At.
type random struct{ pictures }

func (r random) At(i int) (image.Image, int, error) { return r.at(i), 0, nil }

func TestPick(t *testing.T) {
	p := pictures{n: 6, salt: 1}
	for name, images := range map[string]Images{"in order": p, "by index": random{p}} {
		got, err := Pick(images, []int{4, 0, 4})
		if err != nil || len(got) != 3 {
			t.Fatalf("%s: %d pictures, %v", name, len(got), err)
		}
		for n, i := range []int{4, 0, 4} {
			if !bytes.Equal(got[n].(*image.Gray).Pix, p.at(i).(*image.Gray).Pix) {
				t.Errorf("%s: picture %d is not number %d", name, n, i)
			}
		}
		for _, i := range []int{-1, 6} {
			if _, err := Pick(images, []int{0, i}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("no picture %d", i)) {
				t.Errorf("%s: picture %d: %v", name, i, err)
			}
		}
	}
	if _, err := Pick(damaged(p, 2), []int{2}); err == nil || !strings.Contains(err.Error(), "0002.png") {
		t.Errorf("a damaged picture: %v", err)
	}
	if _, err := Pick(damaged(p, 2), []int{1, 3}); err != nil {
		t.Errorf("a damaged picture that nobody asked for: %v", err)
	}
}
