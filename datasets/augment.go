package datasets

import (
	"fmt"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/internal/arrange"
)

// WithRandomCrop cuts a square of size x size pixels out of every picture of a batch, at a place that the seed and the
// position of the batch decide, so that a resumed run sees the same. It comes after all other changes, wherever it stands
// among the options. A smaller picture is an error that names it. [Set.At] and [Set.All] give the middle.
//
// CycleGAN and pix2pix (github.com/junyanz/pytorch-CycleGAN-and-pix2pix, data/base_dataset.py) prepare pictures with it;
// their modes are
//
//	resize_and_crop       WithResize(286, imaging.Bicubic), WithRandomCrop(256), WithRandomFlip()
//	scale_width_and_crop  WithWidth(286, imaging.Bicubic), WithRandomCrop(256), WithRandomFlip()
//	crop                  WithRandomCrop(256), WithRandomFlip()
//
// where the original stretches a picture that scale_width leaves lower than the crop.
func WithRandomCrop(size int) Option {
	return func(c *config) error { c.randomCrop = size; return positive("a random crop", size) }
}

// WithRandomFlip mirrors each picture of a batch left to right with probability 1/2, as the seed and the position of the
// batch decide. [Set.At] and [Set.All] mirror none. See [WithFlip] for a set that holds both.
func WithRandomFlip() Option {
	return func(c *config) error { c.randomFlip = true; return nil }
}

// cut gives the shape of what the random crop leaves of a picture.
func (c *config) cut(s shape) (shape, error) {
	if c.randomCrop == 0 {
		return s, nil
	}
	if s.h < c.randomCrop || s.w < c.randomCrop {
		return shape{}, fmt.Errorf("it has %dx%d pixels, less than the random crop of %d: resize first", s.w, s.h, c.randomCrop)
	}
	return shape{c.randomCrop, c.randomCrop, s.c}, nil
}

// augmentation is what chance does to one picture of a batch.
type augmentation struct {
	left, top, size int // of the crop in pixels; size 0: none
	mirrored        bool
}

// augment draws the augmentation of a picture of h x w pixels at a position of the order that seed decides. The top
// bit of the second word keeps the stream apart from those of the permutations, which have the number of an epoch there.
func (c *config) augment(seed, position int64, h, w int) augmentation {
	random := rand.NewPCG(uint64(seed), uint64(position)|1<<63)
	var a augmentation
	if c.randomCrop > 0 {
		a.size = c.randomCrop
		a.left, a.top = arrange.Below(random, w-a.size+1), arrange.Below(random, h-a.size+1)
	}
	a.mirrored = c.randomFlip && arrange.Below(random, 2) == 1
	return a
}

// apply changes a picture.
func (a augmentation) apply(m *imaging.Image8) *imaging.Image8 {
	if a.size > 0 {
		m = imaging.Crop(m, a.left, a.top, a.size, a.size)
	}
	if a.mirrored {
		m = imaging.FlipX(m)
	}
	return m
}
