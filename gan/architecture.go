package gan

// architecture is a family of networks that a config can name.
type architecture struct {
	sizes         []int    // sides of the pictures; empty: any
	norms         []string // what DiscriminatorNorm may be, the paper's first
	conditional   bool     // the networks take classes
	sound         bool     // x is a sound [batch, 1, size, 1], not a square picture
	generator     func(c Config) Network
	discriminator func(c Config) Network
	encoder       func(c Config) Network // of a VAE; nil: there is none
}

var architectures = map[string]architecture{
	"dcgan": {
		sizes: []int{28, 32, 64}, norms: []string{"batch", "layer", "spectral", "none"},
		generator: func(c Config) Network { return DCGANGenerator(c.ImageSize, c.Channels, c.BaseChannels) },
		discriminator: func(c Config) Network {
			return DCGANDiscriminator(c.ImageSize, c.discriminatorChannels(), c.DiscriminatorNorm)
		},
		encoder: func(c Config) Network {
			return DCGANEncoder(c.ImageSize, c.Latents.Dim, c.discriminatorChannels(), c.DiscriminatorNorm)
		},
	},
	"conv-vae": {
		sizes: []int{32, 64}, norms: []string{"batch"},
		generator: func(c Config) Network { return ConvDecoder(c.ImageSize, c.Channels, c.BaseChannels) },
		discriminator: func(c Config) Network {
			return DCGANDiscriminator(c.ImageSize, c.discriminatorChannels(), c.DiscriminatorNorm)
		},
		encoder: func(c Config) Network { return ConvEncoder(c.ImageSize, c.Latents.Dim, c.discriminatorChannels()) },
	},
	"conv-wgan-gp": {
		sizes: []int{16, 32, 64, 128}, norms: []string{"none"},
		generator:     func(c Config) Network { return WGANGPConvGenerator(c.ImageSize, c.Channels, c.BaseChannels) },
		discriminator: func(c Config) Network { return WGANGPConvCritic(c.ImageSize, c.discriminatorChannels()) },
	},
	"mlp": {
		norms:         []string{"none"},
		generator:     func(c Config) Network { return MLPGenerator(c.ImageSize, c.Channels, c.BaseChannels) },
		discriminator: func(c Config) Network { return MLPDiscriminator(c.discriminatorChannels()) },
	},
	"mlp-vae": {
		norms:         []string{"none"},
		generator:     func(c Config) Network { return MLPDecoder(c.ImageSize, c.Channels, c.BaseChannels) },
		discriminator: func(c Config) Network { return MLPDiscriminator(c.discriminatorChannels()) },
		encoder:       func(c Config) Network { return MLPEncoder(c.Latents.Dim, c.discriminatorChannels()) },
	},
	"resnet-sngan": {
		sizes: []int{32, 48, 64}, norms: []string{"spectral"}, conditional: true,
		generator: func(c Config) Network {
			return SNGANGenerator(c.ImageSize, c.Channels, c.BaseChannels, c.Classes)
		},
		discriminator: func(c Config) Network {
			return SNGANDiscriminator(c.ImageSize, c.discriminatorChannels(), c.Classes)
		},
	},
	"resnet-wgan-gp": {
		sizes: []int{16, 32, 64, 128}, norms: []string{"none"},
		generator:     func(c Config) Network { return WGANGPGenerator(c.ImageSize, c.Channels, c.BaseChannels) },
		discriminator: func(c Config) Network { return WGANGPCritic(c.ImageSize, c.discriminatorChannels()) },
	},
	"wavegan": {
		sizes: []int{1024, 4096, 16384, 65536}, norms: []string{"none"}, sound: true,
		generator: func(c Config) Network { return WaveGANGenerator(c.ImageSize, c.Channels, c.BaseChannels) },
		discriminator: func(c Config) Network {
			return WaveGANCritic(c.ImageSize, c.discriminatorChannels(), c.PhaseShuffle)
		},
	},
}

// encoded lists the architectures that can be trained as a VAE.
func encoded() []string {
	var names []string
	for _, name := range Architectures() {
		if architectures[name].encoder != nil {
			names = append(names, name)
		}
	}
	return names
}

// Architectures lists the families of networks, as config.json names them.
func Architectures() []string { return sortedKeys(architectures) }

func (c Config) discriminatorChannels() int {
	if c.DiscriminatorChannels > 0 {
		return c.DiscriminatorChannels
	}
	return c.BaseChannels
}

// generator returns the generator of a resolved config.
func (c Config) generator() Network {
	if c.Generator != nil {
		return c.Generator
	}
	return architectures[c.Architecture].generator(c)
}

// discriminator returns the discriminator of a resolved config.
func (c Config) discriminator() Network {
	if c.Discriminator != nil {
		return c.Discriminator
	}
	return architectures[c.Architecture].discriminator(c)
}

// encoder returns the encoder of a resolved config.
func (c Config) encoder() Network {
	if c.Encoder != nil {
		return c.Encoder
	}
	return architectures[c.Architecture].encoder(c)
}

// second is the network of one's own that is trained with the generator, if any: the discriminator, or a VAE's encoder.
func (c Config) second() Network {
	if c.Method == MethodVAE {
		return c.Encoder
	}
	return c.Discriminator
}

// sizes are the image sizes of the architecture; empty: any size.
func (c Config) sizes() []int {
	if c.Generator != nil && c.second() != nil {
		return nil
	}
	return architectures[c.Architecture].sizes
}
