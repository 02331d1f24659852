package main

import (
	"strconv"

	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
)

var dcganPeers = []peerProgram{
	{"torch", "torch_dcgan.py", []string{"contiguous", "channels_last", "compile"}},
	{"jax", "jax_dcgan.py", []string{"jit"}},
}

// dcgan is the step of gan.DCGAN at 64 pixels. With gamma > 0, R1 is in every step, and D has no batch norm, which would
// mix the samples.
func dcgan(name string, batch int, gamma float64) setting {
	const size, width = 64, 64
	config := gan.DCGAN()
	s := setting{
		name: name, variant: strconv.FormatFloat(gamma, 'g', -1, 64), peers: dcganPeers,
		batch: batch, imageSize: size, latentDim: config.Latents.Dim,
		g: gan.DCGANGenerator(size, channels, width), d: gan.DCGANDiscriminator(size, width, config.DiscriminatorNorm),
		generatorAdam: config.GeneratorOptimizer, discriminatorAdam: config.DiscriminatorOptimizer,
		loss: config.Loss,
	}
	if gamma > 0 {
		s.d = gan.DCGANDiscriminator(size, width, "none")
		s.penalty = func(d func(x *Node) *Node, real, _, _ *Node) *Node { return gan.R1(d, real, gamma) }
	}
	return s
}
