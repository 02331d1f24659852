package main

import (
	"fmt"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

var architectures = study{name: "architectures",
	about:    "DCGAN and four of the architectures of WGAN-GP's section 5, non-saturating and WGAN-GP; 2 seeds",
	settings: architectureSettings, seeds: 2, every: 20}

// architectureSettings are the baseline and four of the six changes of Gulrajani et al. 2017, section 5,
// https://arxiv.org/abs/1704.00028, under their names, at 28 px and 16 maps. As theirs, the discriminators have batch norm, and
// those with a gradient penalty layer norm instead. Batches of 32 give G twice as many steps as those of 64.
func architectureSettings() []setting {
	const width = 16
	variants := []struct {
		name string
		g    gan.Network
		d    func(norm string) gan.Network // nil: that of DCGAN
		norm bool
	}{
		{name: "DCGAN", norm: true},
		{name: "no BN, constant filters in G", g: convGenerator(width, width, false, blocks.ReLU), norm: true},
		{name: "4-layer 512-dim ReLU MLP G", g: denseGenerator(4, 512), norm: true},
		{name: "no normalization", g: convGenerator(2*width, width, false, blocks.ReLU)},
		{name: "tanh everywhere", g: convGenerator(2*width, width, true, Tanh), norm: true,
			d: func(norm string) gan.Network { return convDiscriminator(width, norm, Tanh) }},
	}
	var out []setting
	for _, v := range variants {
		for _, loss := range []string{"non-saturating", "WGAN-GP"} {
			cfg := narrow()
			cfg.Batch = 32
			if loss == "WGAN-GP" {
				cfg.Loss, cfg.DiscriminatorNorm = gan.Wasserstein, "layer"
				gradientPenalty(&cfg)
			}
			if !v.norm {
				cfg.DiscriminatorNorm = "none"
			}
			cfg.Generator = v.g
			if v.d != nil {
				cfg.Discriminator = v.d(cfg.DiscriminatorNorm)
			}
			out = append(out, setting{row: fmt.Sprintf("%s, %s", v.name, loss), config: cfg, kimg: 80})
		}
	}
	return out
}

// convGenerator is gan.DCGANGenerator at 28 px with a choice of its numbers of maps, norm and activation:
//
//	z [batch, latent_dim] -> 7x7xfirst -> 14x14xsecond -> x [batch, 28, 28, 1] in [-1, 1]
//
// Without batch norm the small initial values of DCGAN would silence it; those of He et al. 2015 are as in the code of
// WGAN-GP.
func convGenerator(first, second int, norm bool, active func(*Node) *Node) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		z := inputs[0]
		x := Reshape(z, z.Shape().Dim(0), 1, 1, z.Shape().Dim(1))
		x = blocks.ConvTranspose2D(scope.In("000-convt"), x).Channels(first).Kernel(7).Init(blockInit).Done()
		for i, maps := range []int{second, 1} {
			if norm {
				x = blocks.BatchNorm(scope.In("%03d-bn", 2*i+1), x)
			}
			x = blocks.ConvTranspose2D(scope.In("%03d-convt", 2*i+2), active(x)).Channels(maps).Kernel(4).Stride(2).Padding(1).
				Init(blockInit).Done()
		}
		x.AssertDims(-1, 28, 28, 1)
		return Tanh(x)
	}
}

// denseGenerator maps z [batch, latent_dim] through layers of units with ReLU to x [batch, 28, 28, 1] in [-1, 1].
func denseGenerator(layers, units int) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		for i := range layers {
			x = blocks.ReLU(blocks.DenseLayer(scope.In("%03d-dense", i), x, units).Init(blockInit).Done())
		}
		x = blocks.DenseLayer(scope.In("%03d-dense", layers), x, 28*28).Init(otherInit).Done()
		return Tanh(Reshape(x, -1, 28, 28, 1))
	}
}

// convDiscriminator is gan.DCGANDiscriminator at 28 px with a choice of its activation:
//
//	x [batch, 28, 28, 1] -> 14x14xwidth -> 7x7x2·width -> [batch, 1]
func convDiscriminator(width int, norm string, active func(*Node) *Node) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		x.AssertDims(-1, 28, 28, 1)
		x = active(blocks.Conv2D(scope.In("000-conv"), x).Channels(width).Kernel(4).Stride(2).Padding(1).Init(blockInit).Done())
		x = blocks.Conv2D(scope.In("001-conv"), x).Channels(2 * width).Kernel(4).Stride(2).Padding(1).Init(blockInit).Done()
		if norm == "batch" {
			x = blocks.BatchNorm(scope.In("001-bn"), x)
		} else {
			x = blocks.LayerNorm(scope.In("001-ln"), x)
		}
		x = blocks.Conv2D(scope.In("002-conv"), active(x)).Channels(1).Kernel(7).Init(otherInit).Done()
		return Reshape(x, -1, 1)
	}
}
