package gan

import (
	"math"

	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// A resnet says in what the residual networks of WGAN-GP (Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028) and
// SNGAN (Miyato et al. 2018, https://arxiv.org/abs/1802.05957) differ; both are built of the blocks of this file. All
// convolutions have biases that start at 0. Weights are uniform: kernels 3x3 in blocks with a variance of 4/(in+out), all
// others of 2/(in+out) (Glorot).
type resnet struct {
	epsilon  float64 // of batch norm
	spectral bool    // spectral normalization of all layers of D
	labels   *Node   // integers [batch], for conditional batch norm
	classes  int     // 0: labels are not used
	mimicry  bool    // the form of kwotsin/mimicry; see readSNGANGenerator and readSNGANDiscriminator
}

var (
	resnetInit   = blocks.GlorotUniform(math.Sqrt2)
	resnetLinear = blocks.GlorotUniform(1)
	zeroInit     = blocks.Constant(0)
)

// generator is the upper half of both: z [batch, latent_dim] to a map [batch, start, start, maps[0]], a block that doubles
// it for each further number of maps, and the image x [batch, size, size, channels] in [-1, 1].
func (r resnet) generator(scope *model.Scope, z *Node, start, channels int, maps ...int) *Node {
	if z.Rank() != 2 {
		exceptions.Panicf("gan: a ResNet generator takes z [batch, latent_dim], got %s", z.Shape())
	}
	x := blocks.DenseLayer(scope.In("000-dense"), z, start*start*maps[0]).Init(resnetLinear).BiasInit(zeroInit).Done()
	x = Reshape(x, z.Shape().Dim(0), start, start, maps[0])
	n := len(maps)
	for i := 1; i < n; i++ {
		x = r.up(scope.In("%03d-block", i), x, maps[i])
	}
	x = blocks.ReLU(blocks.BatchNormLayer(scope.In("%03d-bn", n), x).Epsilon(r.epsilon).Done())
	return Tanh(r.conv(scope.In("%03d-conv", n+1), x, 3, channels, resnetLinear, false).Done())
}

// up doubles x [batch, h, w, in] to [batch, 2h, 2w, maps]:
//
//	conv3(relu(bn(conv3(up(relu(bn(x))))))) + conv1(up(x))
func (r resnet) up(scope *model.Scope, x *Node, maps int) *Node {
	up, inConv := func(x *Node) *Node { return x }, true // convolutions double their input themselves
	if r.mimicry {
		up, inConv = blocks.UpsampleBilinear2, false
	}
	y := up(r.bnReLU(scope.In("bn1"), x))
	y = r.conv(scope.In("conv1"), y, 3, maps, resnetInit, false).Upsampled(inConv).Done()
	y = r.conv(scope.In("conv2"), r.bnReLU(scope.In("bn2"), y), 3, maps, resnetInit, false).Done()
	return Add(y, r.conv(scope.In("shortcut"), up(x), 1, maps, resnetLinear, false).Upsampled(inConv).Done())
}

func (r resnet) bnReLU(scope *model.Scope, x *Node) *Node {
	return blocks.ReLU(blocks.BatchNormLayer(scope, x).Epsilon(r.epsilon).Labels(r.labels, r.classes).Done())
}

// features is the lower half of both: x [batch, h, w, channels] through the first block, then one for each number of maps,
// that halves its image if down says so, and a ReLU.
func (r resnet) features(scope *model.Scope, x *Node, first int, maps []int, down func(block int) bool) *Node {
	x = r.first(scope.In("000-block"), x, first)
	for i, n := range maps {
		x = r.down(scope.In("%03d-block", i+1), x, n, down(i))
	}
	return blocks.ReLU(x)
}

// first halves an image x [batch, h, w, channels] to [batch, h/2, w/2, maps]; no ReLU comes before it:
//
//	pool(conv3(relu(conv3(x)))) + conv1(pool(x))
func (r resnet) first(scope *model.Scope, x *Node, maps int) *Node {
	y := r.conv(scope.In("conv1"), x, 3, maps, resnetInit, r.spectral).Done()
	y = r.conv(scope.In("conv2"), blocks.ReLU(y), 3, maps, resnetInit, r.spectral).Pooled(true).Done()
	shortcut := r.conv(scope.In("shortcut"), blocks.AveragePool2(x), 1, maps, resnetLinear, r.spectral).Done()
	return Add(y, shortcut)
}

// down takes x [batch, h, w, in] to maps, of half the size if halve is set:
//
//	pool(conv3(relu(conv3(relu(x))))) + pool(conv1(x))
//
// where size and maps stay, the shortcut is x itself.
func (r resnet) down(scope *model.Scope, x *Node, maps int, halve bool) *Node {
	in := x.Shape().Dim(3)
	active := blocks.ReLU(x)
	y := r.conv(scope.In("conv1"), active, 3, in, resnetInit, r.spectral).Done()
	y = r.conv(scope.In("conv2"), blocks.ReLU(y), 3, maps, resnetInit, r.spectral).Pooled(halve).Done()
	if r.mimicry {
		x = active
	}
	if halve || in != maps {
		x = r.conv(scope.In("shortcut"), x, 1, maps, resnetLinear, r.spectral).Pooled(halve).Done()
	}
	return Add(y, x)
}

// conv is a convolution of stride 1 that keeps the size of x.
func (r resnet) conv(scope *model.Scope, x *Node, kernel, maps int, init blocks.Initializer, spectral bool) *blocks.Conv {
	return blocks.Conv2D(scope, x).Channels(maps).Kernel(kernel).Padding(kernel / 2).Init(init).BiasInit(zeroInit).
		SpectralNorm(spectral)
}
