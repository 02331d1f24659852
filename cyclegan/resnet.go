package cyclegan

import (
	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// How a generator doubles its image, as config.json names it.
const (
	// Transposed is a transposed convolution of stride 2: the paper's.
	Transposed = "transposed"
	// Resize is nearest neighbour and then a convolution, which cannot leave a checkerboard (Odena et al. 2016,
	// https://distill.pub/2016/deconv-checkerboard).
	Resize = "resize"
)

// ResNet are the numbers of a residual generator.
type ResNet struct {
	Channels   int    // of input and output pictures
	Width      int    // ngf: feature maps of the first layer
	Blocks     int    // residual blocks: 6 for 128 px, 9 for 256 px and more
	Norm       string // InstanceNorm or BatchNorm
	Upsampling string // Transposed or Resize
	Dropout    bool   // 1/2 inside each block, while training
}

const (
	// resnetStride is what height and width of a picture are multiples of: it is halved twice and doubled twice.
	resnetStride = 4
	// resnetSmallest is the smallest height or width: a block reflects one pixel of a quarter of it.
	resnetSmallest = 8
)

// ResNetGenerator returns the generator of the paper, that of Johnson et al. 2016 (https://arxiv.org/abs/1603.08155) with
// reflection padding and instance norm. w is Width; a norm and a ReLU follow every convolution but the last.
//
//	x [batch, h, w, channels]
//	  -> conv 7x7, w maps -> conv 3x3 stride 2, 2w -> conv 3x3 stride 2, 4w        [batch, h/4, w/4, 4w]
//	  -> Blocks times x + norm(conv 3x3(relu(norm(conv 3x3(x)))))
//	  -> doubled, 2w -> doubled, w -> conv 7x7, channels -> tanh                   [batch, h, w, channels] in [-1, 1]
//
// The 7x7 convolutions and the blocks' are padded by reflection, the others with zeros. A doubling is a transposed
// convolution 3x3 of stride 2 or, with Resize, nearest neighbour and a convolution 3x3.
//
// Variables: 000-conv, 001-conv, 002-conv, 003-block/conv1 and conv2 and so on, then two NNN-convt (NNN-conv with Resize)
// and NNN-conv, each with weight and, but for those before batch norm, bias; NNN-bn next to them with BatchNorm.
//
// Zhu et al. 2017, section 4 and appendix 7.2, https://arxiv.org/abs/1703.10593. It panics when x is not of these
// dimensions, h and w multiples of 4 and at least 8.
func ResNetGenerator(o ResNet) gan.Network { return o.to(o.Channels) }

// to is the generator of pictures of so many channels.
func (o ResNet) to(channels int) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x, n := inputs[0], normed(o.Norm)
		assertImages("ResNetGenerator", x, o.Channels, resnetStride, resnetSmallest)
		layer := 0
		next := func(c *blocks.Conv, maps int) *Node {
			y := blocks.ReLU(n.apply(scope.In("%03d-bn", layer), n.before(c, maps).Done()))
			layer++
			return y
		}
		x = next(blocks.Conv2D(scope.In("000-conv"), blocks.ReflectPad(x, 3)).Kernel(7), o.Width)
		for i := 1; i <= 2; i++ {
			x = next(blocks.Conv2D(scope.In("%03d-conv", layer), x).Kernel(3).Stride(2).Padding(1), o.Width<<i)
		}
		for range o.Blocks {
			x = o.block(scope.In("%03d-block", layer), x)
			layer++
		}
		for i := 1; i >= 0; i-- {
			x = next(o.doubled(scope, layer, x), o.Width<<i)
		}
		last := blocks.Conv2D(scope.In("%03d-conv", layer), blocks.ReflectPad(x, 3)).Kernel(7)
		return Tanh(plain(last, channels).Done())
	}
}

// block is x [batch, h, w, maps] and what two convolutions add to it.
func (o ResNet) block(scope *model.Scope, x *Node) *Node {
	n, maps := normed(o.Norm), x.Shape().Dim(3)
	conv := func(i int, x *Node) *Node {
		c := blocks.Conv2D(scope.In("conv%d", i), blocks.ReflectPad(x, 1)).Kernel(3)
		return n.apply(scope.In("bn%d", i), n.before(c, maps).Done())
	}
	y := blocks.ReLU(conv(1, x))
	if o.Dropout {
		y = blocks.Dropout(scope, y)
	}
	return Add(x, conv(2, y))
}

// doubled starts the convolution that doubles x [batch, h, w, maps].
func (o ResNet) doubled(scope *model.Scope, layer int, x *Node) *blocks.Conv {
	switch o.Upsampling {
	case Transposed:
		return blocks.ConvTranspose2D(scope.In("%03d-convt", layer), x).Kernel(3).Stride(2).Padding(1).OutputPadding(1)
	case Resize:
		return blocks.Conv2D(scope.In("%03d-conv", layer), x).Kernel(3).Padding(1).Upsampled(true)
	}
	exceptions.Panicf("cyclegan: there is no upsampling %q; want %s or %s", o.Upsampling, Transposed, Resize)
	return nil
}
