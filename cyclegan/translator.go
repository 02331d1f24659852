package cyclegan

import (
	"context"
	"fmt"
	"image"
	"iter"
	"maps"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/weights"
)

// A Translator translates pictures of one domain into the other. It is safe for concurrent use.
type Translator struct {
	runner *runner
	device string
	text   map[string]string // of every PNG that TranslateDir writes
}

// newTranslator takes a generator's variables named from the root on, and what its pictures are to say of its origin.
func newTranslator(device *accel.Device, l layout, variables map[string]weights.Array, text map[string]string) (*Translator, error) {
	for _, channels := range []int{l.in, l.out} {
		if channels != 1 && channels != 3 {
			return nil, fmt.Errorf("%v: pictures have 1 or 3 channels; `gogan weights forward` runs it on arrays", l)
		}
	}
	r, err := newRunner(device, l, variables)
	if err != nil {
		return nil, err
	}
	text = maps.Clone(text)
	text["network"] = l.String()
	return &Translator{runner: r, device: device.Name(), text: text}, nil
}

// String says which network it is: architecture, width, norm, channels.
func (t *Translator) String() string { return t.runner.String() }

// A TranslateOption changes how pictures are cut and padded.
type TranslateOption func(*cutting)

// cutting is what the options decide.
type cutting struct {
	tile     int // height and width of a tile, as pixels
	multiple int // height and width are padded to multiples of it
}

// defaultTile: a ResNet of 64 maps keeps some hundred megabytes for a picture of 1024x1024.
const defaultTile = 1024

// Tile sets how large a picture may be: one of more than n*n pixels is translated in tiles of n x n (default 1024). Memory
// grows with n*n.
func Tile(n int) TranslateOption { return func(c *cutting) { c.tile = n } }

// PadTo pads height and width to multiples of n, instead of the least that the network takes. A network is compiled for each
// size, which takes seconds, so a folder of many sizes is done sooner with 64, say. The network then sees more of what
// padding made up, and its instance norms have slightly other statistics.
func PadTo(n int) TranslateOption { return func(c *cutting) { c.multiple = n } }

func (t *Translator) cutting(options []TranslateOption) (cutting, error) {
	stride := t.runner.stride
	c := cutting{tile: max(defaultTile, stride), multiple: stride}
	for _, option := range options {
		option(&c)
	}
	smallest := max(stride, t.runner.smallest)
	switch {
	case c.tile < smallest || c.tile%stride != 0:
		return c, fmt.Errorf("tiles of %d pixels: this network takes multiples of %d, at least %d", c.tile, stride, smallest)
	case c.multiple < 1 || c.multiple%stride != 0:
		return c, fmt.Errorf("pictures padded to multiples of %d: this network takes multiples of %d", c.multiple, stride)
	}
	return c, nil
}

// Translate translates a picture of any size into one of the same size.
//
// It becomes grey or RGB as the network takes it, by the rules of imaging.ToImage8: grey is repeated, alpha is dropped. Height
// and width are padded at the bottom and on the right, by reflection, to multiples of what the network takes (4 for a ResNet,
// 2^levels for a U-Net), and cut off again. A picture above the limit of [Tile] is translated in tiles that overlap by an
// eighth and are blended there; since an instance norm sees a tile at a time, tone may differ a little from one to the next.
//
// Networks run in evaluation mode: no dropout, and batch norms with their averages.
func (t *Translator) Translate(ctx context.Context, img image.Image, options ...TranslateOption) (image.Image, error) {
	c, err := t.cutting(options)
	if err != nil {
		return nil, fmt.Errorf("cyclegan: %w", err)
	}
	if img.Bounds().Empty() {
		return nil, fmt.Errorf("cyclegan: a picture of %v has no pixels", img.Bounds())
	}
	m := imaging.ToImage8(img, t.runner.in)
	x := plane{h: m.H, w: m.W, c: m.C, pix: make([]float32, len(m.Pix))}
	m.Floats(x.pix)
	var y plane
	if m.H*m.W <= c.tile*c.tile {
		err = context.Cause(ctx)
		if err == nil {
			y, err = t.whole(x, c.multiple)
		}
	} else {
		y, err = t.tiled(ctx, x, c)
	}
	if err != nil {
		return nil, fmt.Errorf("cyclegan: translating a picture of %dx%d: %w", m.W, m.H, err)
	}
	return imaging.FromFloats(y.pix, y.h, y.w, y.c).Image(), nil
}

// whole translates x padded to multiples.
func (t *Translator) whole(x plane, multiple int) (plane, error) {
	smallest := max(t.runner.smallest, multiple)
	padded := x.reflected(max(roundUp(x.h, multiple), roundUp(smallest, multiple)), max(roundUp(x.w, multiple), roundUp(smallest, multiple)))
	y, dims, err := t.runner.run(padded.pix, padded.h, padded.w)
	if err != nil {
		return plane{}, err
	}
	return plane{h: dims[0], w: dims[1], c: dims[2], pix: y}.crop(0, 0, x.h, x.w), nil
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// Pictures is an ordered set of pictures, as package metrics takes it.
type Pictures interface {
	Len() int
	All() iter.Seq2[image.Image, error]
}

// Translations returns the translations of pictures, made when they are read, with which metrics compares those of the other
// domain:
//
//	fid, err := metrics.FID(ctx, y, model.G.Translations(ctx, x), nil)
func (t *Translator) Translations(ctx context.Context, of Pictures, options ...TranslateOption) Pictures {
	return translations{of, func(img image.Image) (image.Image, error) { return t.Translate(ctx, img, options...) }}
}

type translations struct {
	of        Pictures
	translate func(image.Image) (image.Image, error)
}

func (t translations) Len() int { return t.of.Len() }

func (t translations) All() iter.Seq2[image.Image, error] {
	return func(yield func(image.Image, error) bool) {
		for img, err := range t.of.All() {
			if err == nil {
				img, err = t.translate(img)
			}
			if !yield(img, err) {
				return
			}
		}
	}
}
