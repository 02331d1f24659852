package main

import (
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
)

var resnetPeers = []peerProgram{
	{"torch", "torch_resnet.py", []string{"contiguous", "channels_last", "compile"}},
	{"jax", "jax_resnet.py", []string{"jit"}},
}

const (
	resnetSize  = 32
	resnetBatch = 16 // of both players
)

// sngan is the step of gan.SNGAN at 32 pixels and full width.
func sngan() setting {
	config := gan.SNGAN()
	s := resnet("sngan32", config)
	s.g = gan.SNGANGenerator(resnetSize, channels, config.BaseChannels, 0)
	s.d = gan.SNGANDiscriminator(resnetSize, config.DiscriminatorChannels, 0)
	return s
}

// wganGP is the step of gan.WGANGP at 32 pixels and full width.
func wganGP() setting {
	config := gan.WGANGP()
	s := resnet("wgan-gp32", config)
	s.g = gan.WGANGPGenerator(resnetSize, channels, config.BaseChannels)
	s.d = gan.WGANGPCritic(resnetSize, config.BaseChannels)
	s.penalty = func(d func(x *Node) *Node, real, fake, alpha *Node) *Node {
		return gan.GradientPenalty(d, real, fake, alpha, config.GP)
	}
	return s
}

func resnet(name string, config gan.Config) setting {
	return setting{
		name: name, variant: name, peers: resnetPeers,
		batch: resnetBatch, imageSize: resnetSize, latentDim: config.Latents.Dim,
		generatorAdam: config.GeneratorOptimizer, discriminatorAdam: config.DiscriminatorOptimizer,
		loss: config.Loss,
	}
}
