package gan

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Data gives images. Batch is a pure function of its arguments and safe for concurrent calls: the n images after the
// first seen ones in the order that seed decides, float32 [n, height, width, channels] in [-1, 1], and their classes,
// int32 [n], or nil. The tensors belong to the caller.
//
// datasets.Set is one; any type of one's own will do. If it has a method ImageShape() (height, width, channels int) it
// is asked for the shape, if it has Fingerprint() string, that is recorded, and with Len() int the number of images is
// known (PaperEpochs needs it).
type Data interface {
	Name() string
	Batch(seed, seen int64, n int) (images, labels *tensors.Tensor, err error)
}

// ImageShape returns the dimensions of the images of data.
func ImageShape(data Data) (height, width, channels int, err error) {
	if s, ok := data.(interface {
		ImageShape() (height, width, channels int)
	}); ok {
		height, width, channels = s.ImageShape()
		return height, width, channels, nil
	}
	images, _, err := data.Batch(0, 0, 1)
	if err != nil {
		return 0, 0, 0, err
	}
	d := images.Shape().Dimensions
	if len(d) != 4 {
		return 0, 0, 0, fmt.Errorf("gan: a batch of %s must be [n, height, width, channels], got %s", data.Name(), images.Shape())
	}
	return d[1], d[2], d[3], nil
}

// Fingerprint returns that of data which has one, else "".
func Fingerprint(data Data) string {
	if f, ok := data.(interface{ Fingerprint() string }); ok {
		return f.Fingerprint()
	}
	return ""
}

// NewSource gives the images of data, in the order that seed decides, as a trainer takes them: padded with black to height
// and width, a grey channel repeated to the number of channels. A batch has X alone.
func NewSource(data Data, seed int64, height, width, channels int) Source {
	return source{data: data, seed: seed, height: height, width: width, channels: channels}
}

// source adapts Data to the trainer: it pads to the size and replicates to the channels of the networks.
type source struct {
	data                    Data
	seed                    int64
	height, width, channels int
	classes                 int // 0: labels are left out
}

// source gives data as the networks of a resolved config take it.
func (c Config) source(data Data) source {
	return source{data: data, seed: c.Seed, height: c.height(), width: c.ImageSize, channels: c.Channels, classes: c.Classes}
}

// Next returns the images as X, and their classes where the networks take them.
func (s source) Next(seen int64, n int) (Batch, error) {
	images, labels, err := s.data.Batch(s.seed, seen, n)
	if err != nil {
		return Batch{}, fmt.Errorf("gan: %s at image %d: %w", s.data.Name(), seen, err)
	}
	d := images.Shape().Dimensions
	if len(d) != 4 || d[0] != n {
		return Batch{}, fmt.Errorf("gan: a batch of %s must be [%d, height, width, channels], got %s", s.data.Name(), n, images.Shape())
	}
	if d[1] != s.height || d[2] != s.width || d[3] != s.channels {
		if images, err = fit(images, s.height, s.width, s.channels); err != nil {
			return Batch{}, fmt.Errorf("gan: %s: %w", s.data.Name(), err)
		}
	}
	if s.classes == 0 {
		return Batch{X: images}, nil
	}
	return Batch{X: images, Labels: labels}, s.checkLabels(labels, n)
}

// checkLabels returns an error if labels are not n classes in [0, classes).
func (s source) checkLabels(labels *tensors.Tensor, n int) error {
	if labels == nil || labels.DType() != dtypes.Int32 || !slices.Equal(labels.Shape().Dimensions, []int{n}) {
		return fmt.Errorf("gan: the labels of a batch of %s must be int32 [%d]", s.data.Name(), n)
	}
	flat, err := tensors.CopyFlatData[int32](labels)
	if err != nil {
		return err
	}
	for _, label := range flat {
		if label < 0 || int(label) >= s.classes {
			return fmt.Errorf("gan: %s has a label %d, want 0 to %d", s.data.Name(), label, s.classes-1)
		}
	}
	return nil
}

// fit pads images [n, h, w, c] with black (-1) around the centre to height and width and repeats a grey channel.
func fit(images *tensors.Tensor, height, width, channels int) (*tensors.Tensor, error) {
	d := images.Shape().Dimensions
	n, h, w, c := d[0], d[1], d[2], d[3]
	if h > height || w > width || (c != channels && c != 1) {
		return nil, fmt.Errorf("images are %dx%dx%d, the networks take %dx%dx%d", h, w, c, height, width, channels)
	}
	out := make([]float32, n*height*width*channels)
	for i := range out {
		out[i] = -1
	}
	top, left := (height-h)/2, (width-w)/2
	err := tensors.ConstFlatData(images, func(in []float32) {
		for i := range n {
			for y := range h {
				for x := range w {
					from, to := ((i*h+y)*w+x)*c, ((i*height+top+y)*width+left+x)*channels
					for k := range channels {
						out[to+k] = in[from+min(k, c-1)]
					}
				}
			}
		}
	})
	return tensors.FromFlatDataAndDimensions(out, n, height, width, channels), err
}
