package datasets

import (
	"fmt"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// stepKind names a change of the pictures, in errors and in the fingerprint.
type stepKind string

const (
	stepResize    stepKind = "resize"
	stepShortSide stepKind = "short side"
	stepWidth     stepKind = "width"
	stepCrop      stepKind = "crop"
	stepPad       stepKind = "pad"
)

// step is one change of the pictures.
type step struct {
	kind   stepKind
	size   int
	filter imaging.Filter // of resize, short side and width
}

// String describes the step to the last detail that decides pixels.
func (s step) String() string {
	if s.kind == stepResize || s.kind == stepShortSide || s.kind == stepWidth {
		return fmt.Sprintf("%s %d %v", s.kind, s.size, s.filter)
	}
	return fmt.Sprintf("%s %d", s.kind, s.size)
}

// shape gives the size of what apply makes of a picture of h x w pixels.
func (s step) shape(h, w int) (int, int, error) {
	switch s.kind {
	case stepShortSide:
		nh, nw := s.size, s.size
		if h > w {
			nh = s.size * h / w
		} else {
			nw = s.size * w / h
		}
		if nh > imaging.MaxPixels/nw {
			return 0, 0, fmt.Errorf("a short side of %d makes %dx%d pixels of %dx%d", s.size, nw, nh, w, h)
		}
		return nh, nw, nil
	case stepWidth:
		nh := max(1, s.size*h/w)
		if nh > imaging.MaxPixels/s.size {
			return 0, 0, fmt.Errorf("a width of %d makes %dx%d pixels of %dx%d", s.size, s.size, nh, w, h)
		}
		return nh, s.size, nil
	case stepCrop:
		if h < s.size || w < s.size {
			return 0, 0, fmt.Errorf("it has %dx%d pixels, less than the crop of %d: resize first", w, h, s.size)
		}
	case stepPad:
		if h > s.size || w > s.size {
			return 0, 0, fmt.Errorf("it has %dx%d pixels, more than the %d to be padded to: crop or resize first", w, h, s.size)
		}
	}
	return s.size, s.size, nil
}

// apply changes a picture.
func (s step) apply(m *imaging.Image8) (*imaging.Image8, error) {
	h, w, err := s.shape(m.H, m.W)
	if err != nil {
		return nil, err
	}
	switch s.kind {
	case stepCrop:
		return imaging.CenterCrop(m, s.size), nil
	case stepPad:
		return imaging.Pad(m, h, w), nil
	}
	return imaging.Resize(m, w, h, s.filter), nil
}

// replicate makes RGB of grey, grey of RGB, or nothing if the channels are as wanted (0: any).
func replicate(m *imaging.Image8, channels int) *imaging.Image8 {
	if channels == 0 || channels == m.C {
		return m
	}
	return imaging.ToImage8(m.Image(), channels)
}
