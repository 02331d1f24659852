package gan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// The convolutional VAE of AntixK/PyTorch-VAE (models/vanilla_vae.py, Apache-2.0): 3x3 convolutions of stride 2 down to
// 2x2 and their transposes, batch norm and leaky ReLU of slope 0.01 after each.

const vaeConvSlope = 0.01

// vaeConvLevels is the number of halvings from size to 2x2.
func vaeConvLevels(size int) int {
	levels := 0
	for ; size > 2; size /= 2 {
		levels++
	}
	return levels
}

// ConvEncoder returns the encoder: at 64 px, with the original's width w of 32,
//
//	x [batch, 64, 64, channels] -> 32x32xw -> 16x16x2w -> 8x8x4w -> 4x4x8w -> 2x2x16w -> [batch, 2·latents]
//
// the last step being two dense layers, one for the mean and one for the log variance. At 32 px the widest layer is left
// out. It panics when x is not [batch, size, size, ...].
func ConvEncoder(size, latents, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		x.AssertDims(-1, size, size, -1)
		levels := vaeConvLevels(size)
		for i := range levels {
			x = blocks.Conv2D(scope.In("%03d-conv", 2*i), x).Channels(width << i).Kernel(3).Stride(2).Padding(1).Done()
			x = blocks.LeakyReLU(blocks.BatchNorm(scope.In("%03d-bn", 2*i+1), x), vaeConvSlope)
		}
		x = Reshape(x, x.Shape().Dim(0), -1)
		mean := blocks.Dense(scope.In("%03d-mean", 2*levels), x, latents)
		logVar := blocks.Dense(scope.In("%03d-logvar", 2*levels+1), x, latents)
		return Concatenate([]*Node{mean, logVar}, -1)
	}
}

// ConvDecoder returns the decoder, the way back from a dense layer, with one more 3x3 convolution and tanh at the end:
//
//	z [batch, latent_dim] -> 2x2x16w -> 4x4x8w -> 8x8x4w -> 16x16x2w -> 32x32xw -> 64x64xw -> x [batch, 64, 64, channels]
//
// It panics when z is not of rank 2.
func ConvDecoder(size, channels, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		z := inputs[0]
		if z.Rank() != 2 {
			exceptions.Panicf("gan: ConvDecoder takes z [batch, latent_dim], got %s", z.Shape())
		}
		levels := vaeConvLevels(size)
		maps := width << (levels - 1)
		x := Reshape(blocks.Dense(scope.In("000-dense"), z, 2*2*maps), -1, 2, 2, maps)
		for i := range levels {
			maps = max(width, maps/2) // the last one keeps the width
			x = blocks.ConvTranspose2D(scope.In("%03d-convt", 2*i+1), x).Channels(maps).Kernel(3).Stride(2).Padding(1).
				OutputPadding(1).Done()
			x = blocks.LeakyReLU(blocks.BatchNorm(scope.In("%03d-bn", 2*i+2), x), vaeConvSlope)
		}
		x = blocks.Conv2D(scope.In("%03d-conv", 2*levels+1), x).Channels(channels).Kernel(3).Padding(1).Done()
		x.AssertDims(-1, size, size, channels)
		return Tanh(x)
	}
}
