package cyclegan

import (
	"fmt"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
)

// resolve fills in what comes from the data. The note, if any, says in one line what was decided.
func (c Config) resolve(x, y gan.Data) (Config, string, error) {
	height, width, channels := 0, 0, 0
	for _, data := range []gan.Data{x, y} {
		h, w, k, err := gan.ImageShape(data)
		if err != nil {
			return c, "", err
		}
		if c.CropSize > 0 && (h != c.CropSize || w != c.CropSize) {
			return c, "", fmt.Errorf("cyclegan: the pictures of %s are %dx%d and crop_size is %d: read them so "+
				"(datasets.WithRandomCrop), or set load_size and crop_size to 0", data.Name(), h, w, c.CropSize)
		}
		if c.Channels > 0 && k > c.Channels {
			return c, "", fmt.Errorf("cyclegan: channels is %d and the pictures of %s have %d; read them as grey "+
				"(datasets.WithChannels, --set channels=1)", c.Channels, data.Name(), k)
		}
		height, width, channels = max(height, h), max(width, w), max(channels, k)
	}
	if c.Channels == 0 {
		c.Channels = channels
	}
	if c.ImageSize > 0 && max(height, width) > c.ImageSize {
		return c, "", fmt.Errorf("cyclegan: image_size is %d and there are pictures of %dx%d; resize them (datasets.WithResize, --set resize=%d)",
			c.ImageSize, height, width, c.ImageSize)
	}
	c.Height, c.Width = c.whole(height), c.whole(width)
	if l := c.DiscriminatorLayers; l > 0 && min(c.Height, c.Width)>>l < smallestMap {
		return c, "", fmt.Errorf("cyclegan: pictures of %dx%d are too small for discriminator_layers %d, which needs %d px; set it lower",
			c.Height, c.Width, l, smallestMap<<l)
	}
	note := ""
	if c.Height != height || c.Width != width {
		note = fmt.Sprintf("pictures of %dx%d are padded with black to %dx%d", height, width, c.Height, c.Width)
	}
	if err := c.schedule(x, y); err != nil {
		return c, "", err
	}
	c.DataX, c.DataXSHA256 = x.Name(), gan.Fingerprint(x)
	c.DataY, c.DataYSHA256 = y.Name(), gan.Fingerprint(y)
	c.LoweringTable, c.Versions = blocks.LoweringTableVersion, gan.Versions()
	return c, note, c.Validate()
}

// smallestMap is what must be left of a picture after the strides of a discriminator: two convolutions 4x4, padded by 1,
// follow.
const smallestMap = 3

// whole is the size that the networks take for pictures of the given height or width.
func (c Config) whole(size int) int {
	if c.ImageSize > 0 {
		return c.ImageSize
	}
	stride := c.Stride()
	return max((size+stride-1)/stride*stride, resnetSmallest)
}

// schedule turns epochs into pairs.
func (c *Config) schedule(x, y gan.Data) error {
	if c.DecayEpochs == 0 {
		return nil
	}
	epoch := 0
	for _, data := range []gan.Data{x, y} {
		counted, ok := data.(interface{ Len() int })
		if !ok {
			return fmt.Errorf("cyclegan: decay_epochs is %g, but the number of pictures of %s is not known (it has no method Len); "+
				"set decay_epochs to 0 and schedule in thousands of pairs", c.DecayEpochs, data.Name())
		}
		epoch = max(epoch, counted.Len())
	}
	kimg := float64(epoch) / float64(gan.Kimg)
	c.Schedule = gan.Schedule{Kind: "linear", FromKimg: c.ConstantEpochs * kimg, ToKimg: (c.ConstantEpochs + c.DecayEpochs) * kimg}
	return nil
}
