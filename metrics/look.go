package metrics

import (
	"fmt"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// look is what the pictures of one side have in common, as far as it can be seen.
type look struct {
	n          int
	h, w       int  // of the first
	mixedSizes bool // others have another size
	grey, rgb  bool // there are pictures of one and of three channels
}

func (l *look) add(m *imaging.Image8) {
	if l.n == 0 {
		l.h, l.w = m.H, m.W
	}
	l.n++
	l.mixedSizes = l.mixedSizes || m.H != l.h || m.W != l.w
	l.grey = l.grey || m.C == 1
	l.rgb = l.rgb || m.C != 1
}

// String describes the pictures: "28x28 grey", "of several sizes, grey and RGB".
func (l *look) String() string {
	colour := "RGB"
	if l.grey {
		colour = "grey"
		if l.rgb {
			colour = "grey and RGB"
		}
	}
	if l.mixedSizes {
		return "of several sizes, " + colour
	}
	return fmt.Sprintf("%dx%d %s", l.w, l.h, colour)
}

// unlike says in what two sides differ that were to be treated alike, "" if nothing is to be seen.
func unlike(reals, fakes *look) string {
	switch {
	case reals.mixedSizes != fakes.mixedSizes || !reals.mixedSizes && (reals.h != fakes.h || reals.w != fakes.w):
		return fmt.Sprintf("the reals are %v, the fakes %v: each picture is resized to the network's input, and another size is another resizing; "+
			"a distance then measures the sizes, too", reals, fakes)
	case reals.grey != fakes.grey || reals.rgb != fakes.rgb:
		return fmt.Sprintf("the reals are %v, the fakes %v: a distance then measures the colours, too", reals, fakes)
	}
	return ""
}
