package gan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Initial values of the reference code: all convolutions N(0, 0.02), scales of batch norm N(1, 0.02).
var (
	dcganInit  = blocks.Normal(0, 0.02)
	dcganScale = blocks.Normal(1, 0.02)
)

// dcganStart returns the smallest feature map and the number of doublings that lead from it to size.
func dcganStart(size int) (start, doublings int) {
	for start = size; start%2 == 0 && start > 4; doublings++ {
		start /= 2
	}
	return start, doublings
}

// DCGANGenerator returns the generator of Radford et al. 2016, https://arxiv.org/abs/1511.06434 (figure 1 at 64 px):
// transposed convolutions 4x4 of stride 2, batch norm and ReLU, tanh at the end, no biases.
//
//	z [batch, latent_dim] -> 4x4x8w -> 8x8x4w -> 16x16x2w -> 32x32xw -> x [batch, 64, 64, channels]
//
// w is width (ngf). At 32 px it starts with 4x4x4w, at 28 px with 7x7x2w. The first layer is a transposed convolution
// of a 1x1 map. It panics when z is not of rank 2.
func DCGANGenerator(size, channels, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		z := inputs[0]
		if z.Rank() != 2 {
			exceptions.Panicf("gan: DCGANGenerator takes z [batch, latent_dim], got %s", z.Shape())
		}
		batch := z.Shape().Dim(0)
		start, doublings := dcganStart(size)
		x := Reshape(z, batch, 1, 1, z.Shape().Dim(1))
		maps := width << (doublings - 1)
		x = blocks.ConvTranspose2D(scope.In("000-convt"), x).Channels(maps).Kernel(start).Bias(false).Init(dcganInit).Done()
		for i := 1; i <= doublings; i++ {
			x = blocks.ReLU(blocks.BatchNormLayer(scope.In("%03d-bn", 2*i-1), x).ScaleInit(dcganScale).Done())
			maps /= 2
			if i == doublings {
				maps = channels
			}
			x = blocks.ConvTranspose2D(scope.In("%03d-convt", 2*i), x).Channels(maps).Kernel(4).Stride(2).Padding(1).
				Bias(false).Init(dcganInit).Done()
		}
		x.AssertDims(batch, size, size, channels)
		return Tanh(x)
	}
}

// DCGANDiscriminator returns the discriminator: convolutions 4x4 of stride 2 and leaky ReLU of slope 0.2, no biases. Norm
// is "batch" (batch norm in all layers but the first and the last), "layer" (layer norm there, for a gradient penalty),
// "spectral" (spectral normalization of all convolutions) or "none". The output is a logit.
//
//	x [batch, 64, 64, channels] -> 32x32xw -> 16x16x2w -> 8x8x4w -> 4x4x8w -> [batch, 1]
//
// w is width (ndf). It panics when x is not [batch, size, size, ...].
func DCGANDiscriminator(size, width int, norm string) Network { return dcganDown(size, 1, width, norm) }

// DCGANEncoder returns the encoder of a VAE that mirrors DCGANGenerator: the discriminator with as many outputs as the
// posterior has numbers, mean and then log variance.
//
//	x [batch, size, size, channels] -> [batch, 2·latents]
func DCGANEncoder(size, latents, width int, norm string) Network {
	return dcganDown(size, 2*latents, width, norm)
}

// dcganDown is the discriminator with a number of outputs.
func dcganDown(size, outputs, width int, norm string) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		batch := x.Shape().Dim(0)
		x.AssertDims(batch, size, size, -1)
		start, doublings := dcganStart(size)
		maps := width
		for i := range doublings {
			x = blocks.Conv2D(scope.In("%03d-conv", 2*i), x).Channels(maps).Kernel(4).Stride(2).Padding(1).
				Bias(false).Init(dcganInit).SpectralNorm(norm == "spectral").Done()
			if i > 0 && norm == "batch" {
				x = blocks.BatchNormLayer(scope.In("%03d-bn", 2*i+1), x).ScaleInit(dcganScale).Done()
			} else if i > 0 && norm == "layer" {
				x = blocks.LayerNorm(scope.In("%03d-ln", 2*i+1), x)
			}
			x = blocks.LeakyReLU(x, 0.2)
			maps *= 2
		}
		x = blocks.Conv2D(scope.In("%03d-conv", 2*doublings), x).Channels(outputs).Kernel(start).Bias(false).Init(dcganInit).
			SpectralNorm(norm == "spectral").Done()
		x.AssertDims(batch, 1, 1, outputs)
		return Reshape(x, batch, outputs)
	}
}
