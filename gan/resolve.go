package gan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/blocks"
)

// resolve fills in what comes from the data. The note, if any, says in one line what was decided.
func (c Config) resolve(data Data) (Config, string, error) {
	height, width, channels, err := ImageShape(data)
	if err != nil {
		return c, "", err
	}
	if c.Sound() {
		return c.resolveSound(data, height, width, channels)
	}
	if height == 1 && width > 1 {
		return c, "", fmt.Errorf("gan: %s holds sounds, %s is trained on pictures: take a preset for sounds (wavegan, wavegan-small)", data.Name(), c.Preset)
	}
	if height != width {
		return c, "", fmt.Errorf("gan: the images of %s are %dx%d; these networks take square ones: crop them (datasets.WithCrop, --set crop=%d)",
			data.Name(), height, width, min(height, width))
	}
	note := ""
	if c.ImageSize == 0 {
		c.ImageSize = height
		if sizes := c.sizes(); len(sizes) > 0 {
			i := slices.IndexFunc(sizes, func(size int) bool { return size >= height })
			if i < 0 {
				return c, "", fmt.Errorf("gan: the images of %s are %d px, the networks of %s take %v; resize them (datasets.WithResize, --set resize=%d)",
					data.Name(), height, c.Architecture, sizes, slices.Max(sizes))
			}
			c.ImageSize = sizes[i]
		}
	}
	if c.ImageSize < height {
		return c, "", fmt.Errorf("gan: image_size is %d and the images of %s are %d px; resize them (datasets.WithResize, --set resize=%d)",
			c.ImageSize, data.Name(), height, c.ImageSize)
	}
	if c.ImageSize > height {
		note = fmt.Sprintf("the %d px images of %s are padded with black to %d px", height, data.Name(), c.ImageSize)
	}
	if c.Channels == 0 {
		c.Channels = channels
	}
	if c.Channels < channels {
		return c, "", fmt.Errorf("gan: channels is %d and the images of %s have %d; read them as grey (datasets.WithChannels, --set channels=1)", c.Channels, data.Name(), channels)
	}
	c, err = c.record(data)
	return c, note, err
}

// record fills in the classes of the data and what the run was given.
func (c Config) record(data Data) (Config, error) {
	var err error
	if c.Classes, err = c.classes(data); err != nil {
		return c, err
	}
	if c.Networks == "" {
		c.Networks = c.networks()
	}
	c.Data, c.LoweringTable, c.Versions = data.Name(), blocks.LoweringTableVersion, Versions()
	c.DataSHA256 = Fingerprint(data)
	return c, c.Validate()
}

func (c Config) networks() string {
	var own []string
	if c.Generator != nil {
		own = append(own, "own generator")
	}
	switch second := c.second(); {
	case c.Method == MethodVAE && second != nil:
		own = append(own, "own encoder")
	case second != nil:
		own = append(own, "own discriminator")
	}
	if own == nil {
		return "preset"
	}
	return strings.Join(own, ", ")
}

// classes is the number of classes of the data that a conditional config is trained with, else 0.
func (c Config) classes(data Data) (int, error) {
	if !c.Conditional {
		return 0, nil
	}
	named, ok := data.(interface{ ClassNames() []string })
	if !ok || len(named.ClassNames()) < 2 {
		return 0, fmt.Errorf("gan: conditional is true, but %s has no classes: put the pictures of each class in a folder of its own, "+
			"or set conditional to false", data.Name())
	}
	return len(named.ClassNames()), nil
}
