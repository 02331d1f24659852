package gan

import (
	"math"

	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// wganGPDoublings returns how often 4 px must be doubled to make size; it panics if size is not 4·2^k, at least 8.
func wganGPDoublings(network string, size int) int {
	n := int(math.Round(math.Log2(float64(size) / 4)))
	if n < 1 || 4<<n != size {
		exceptions.Panicf("gan: %s is for sizes of 4·2^k px, 8 or more, not %d", network, size)
	}
	return n
}

// WGANGPGenerator returns the residual generator of Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, appendix C,
// of the authors' gan_cifar_resnet.py (igul222/improved_wgan_training) at 32 px and width 128:
//
//	z [batch, latent_dim] -> 4x4xw -> 8x8xw -> 16x16xw -> 32x32xw -> x [batch, 32, 32, channels] in [-1, 1]
//
// Other sizes 4·2^k have as many blocks as it takes. The original has no running averages: it draws with the statistics
// of a batch; here they are those of PyTorch's batch norm (momentum 0.1). It panics when the size is another one or z is
// not of rank 2.
func WGANGPGenerator(size, channels, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		maps := make([]int, wganGPDoublings("WGANGPGenerator", size)+1)
		for i := range maps {
			maps[i] = width
		}
		x := resnet{epsilon: blocks.BatchNormEpsilon}.generator(scope, inputs[0], 4, channels, maps...)
		x.AssertDims(-1, size, size, channels)
		return x
	}
}

// WGANGPCritic returns the residual critic that goes with WGANGPGenerator, without any normalization:
//
//	x [batch, 32, 32, channels] -> 16x16xw -> 8x8xw -> 8x8xw -> 8x8xw -> mean over the map -> [batch, 1]
//
// Other sizes 4·2^k, from 16 on, are halved to 8x8. It panics when the size is another one or x is not of it.
func WGANGPCritic(size, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		halvings := wganGPDoublings("WGANGPCritic", size) - 1
		if halvings < 1 {
			exceptions.Panicf("gan: WGANGPCritic is for 16 px or more, not %d", size)
		}
		x.AssertDims(-1, size, size, -1)
		maps := make([]int, halvings+1)
		for i := range maps {
			maps[i] = width
		}
		h := resnet{}.features(scope, x, width, maps, func(block int) bool { return block < halvings-1 })
		h = ReduceMean(h, 1, 2)
		return blocks.DenseLayer(scope.In("%03d-dense", len(maps)+1), h, 1).Init(resnetLinear).BiasInit(zeroInit).Done()
	}
}

// WGANGPConvGenerator returns the plain generator of the authors' gan_cifar.py at 32 px (width 128; 64 is what its
// comment recommends): transposed convolutions 5x5 of stride 2, batch norm and ReLU, tanh at the end, with biases.
//
//	z [batch, latent_dim] -> 4x4x4w -> 8x8x2w -> 16x16xw -> x [batch, 32, 32, channels] in [-1, 1]
//
// The first batch norm is over each of the 4·4·4w units apart. Other sizes 4·2^k have as many layers as it takes. Running
// averages as in WGANGPGenerator. It panics when the size is another one or z is not of rank 2.
func WGANGPConvGenerator(size, channels, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		z := inputs[0]
		doublings := wganGPDoublings("WGANGPConvGenerator", size)
		if z.Rank() != 2 {
			exceptions.Panicf("gan: WGANGPConvGenerator takes z [batch, latent_dim], got %s", z.Shape())
		}
		maps := width << (doublings - 1)
		x := blocks.DenseLayer(scope.In("000-dense"), z, 4*4*maps).Init(resnetLinear).BiasInit(zeroInit).Done()
		x = blocks.ReLU(blocks.BatchNorm(scope.In("001-bn"), x))
		x = Reshape(x, -1, 4, 4, maps)
		for i := 1; i < doublings; i++ {
			maps /= 2
			x = blocks.ReLU(blocks.BatchNorm(scope.In("%03d-bn", 2*i+1), deconv5(scope.In("%03d-convt", 2*i), x, maps)))
		}
		x = deconv5(scope.In("%03d-convt", 2*doublings), x, channels)
		x.AssertDims(-1, size, size, channels)
		return Tanh(x)
	}
}

// WGANGPConvCritic returns the plain critic of gan_cifar.py: convolutions 5x5 of stride 2 and leaky ReLU of slope 0.2, no
// normalization, with biases.
//
//	x [batch, 32, 32, channels] -> 16x16xw -> 8x8x2w -> 4x4x4w -> [batch, 1]
//
// It panics when size is not 4·2^k or x is not of it.
func WGANGPConvCritic(size, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		halvings := wganGPDoublings("WGANGPConvCritic", size)
		x.AssertDims(-1, size, size, -1)
		for i := range halvings {
			x = blocks.LeakyReLU(conv5(scope.In("%03d-conv", i), x, width<<i), 0.2)
		}
		x = Reshape(x, x.Shape().Dim(0), -1)
		return blocks.DenseLayer(scope.In("%03d-dense", halvings), x, 1).Init(resnetLinear).BiasInit(zeroInit).Done()
	}
}

// conv5 halves x [batch, h, w, in], h and w even: a convolution 5x5 of stride 2 with the padding that TensorFlow calls
// SAME, one row and column before the image and two behind it.
func conv5(scope *model.Scope, x *Node, maps int) *Node {
	behind := PadAxis{End: 1}
	x = Pad(x, ScalarZero(x.Graph(), x.DType()), PadAxis{}, behind, behind, PadAxis{})
	return blocks.Conv2D(scope, x).Channels(maps).Kernel(5).Stride(2).Padding(1).
		Init(init5(x.Shape().Dim(3), maps, 1, 4)).BiasInit(zeroInit).Done()
}

// deconv5 doubles x [batch, h, w, in]: the adjoint of conv5.
func deconv5(scope *model.Scope, x *Node, maps int) *Node {
	d := x.Shape().Dimensions
	y := blocks.ConvTranspose2D(scope, x).Channels(maps).Kernel(5).Stride(2).Padding(1).
		Init(init5(d[3], maps, 4, 1)).BiasInit(zeroInit).Done()
	return Slice(y, AxisRange(), AxisRange(0, 2*d[1]), AxisRange(0, 2*d[2]), AxisRange())
}

// init5 is uniform with a variance of 4/(fan_in + fan_out), what the authors' code calls he_init: fans count 5x5 taps,
// divided by the square of the stride on the side of the larger image's positions.
func init5(in, out, inStrides, outStrides int) blocks.Initializer {
	fans := 25*float64(in)/float64(inStrides) + 25*float64(out)/float64(outStrides)
	return blocks.Uniform(math.Sqrt(12 / fans))
}
