package gan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// snganEpsilon is that of Chainer's batch norm, in which SNGAN was written.
const snganEpsilon = 2e-5

// SNGANGenerator returns the residual generator of Miyato et al. 2018, https://arxiv.org/abs/1802.05957. With w the width,
// the maps after the first layer and after each block are:
//
//	32 px: 4x4xw   -> 8x8xw    -> 16x16xw  -> 32x32xw               w = 256
//	48 px: 6x6x8w  -> 12x12x4w -> 24x24x2w -> 48x48xw               w = 64
//	64 px: 4x4x16w -> 8x8x8w   -> 16x16x4w -> 32x32x2w -> 64x64xw   w = 64
//
// z [batch, latent_dim], and labels int32 [batch] if classes > 0, to x [batch, size, size, channels] in [-1, 1]. With
// classes, the batch norms in the blocks are conditional: Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637. 32 and
// 64 px follow the authors' code, pfnet-research/sngan_projection, gen_models/resnet_32.py and resnet_64.py; ε = 2e-5 of
// batch norm is Chainer's. 48 px is that of kwotsin/mimicry.
//
// It panics when the size is another one, z is not of rank 2, or labels are missing.
func SNGANGenerator(size, channels, width, classes int) Network {
	return resnet{epsilon: snganEpsilon, classes: classes}.snganGenerator(size, channels, width)
}

// snganGenerator is SNGANGenerator in the form that r says.
func (r resnet) snganGenerator(size, channels, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		r := r.withLabels("SNGANGenerator", inputs)
		start, doublings := snganStart(size)
		maps := make([]int, doublings+1)
		for i := range maps {
			maps[i] = width
			if size != 32 {
				maps[i] = width << (doublings - i)
			}
		}
		x := r.generator(scope, inputs[0], start, channels, maps...)
		x.AssertDims(-1, size, size, channels)
		return x
	}
}

// snganStart returns the smallest map of the networks of a size, and the number of blocks that double it.
func snganStart(size int) (start, doublings int) {
	switch size {
	case 32:
		return 4, 3
	case 48:
		return 6, 3
	case 64:
		return 4, 4
	}
	exceptions.Panicf("gan: the ResNets of SNGAN are for 32, 48 and 64 px, not %d", size)
	return 0, 0
}

// SNGANDiscriminator returns the residual discriminator of the same papers. All its layers are spectrally normalized. With
// w the width, the maps after each block are:
//
//	32 px: 16x16xw -> 8x8xw    -> 8x8xw   -> 8x8xw                  w = 128
//	48 px: 24x24xw -> 12x12x2w -> 6x6x4w  -> 3x3x8w -> 3x3x16w      w = 64
//	64 px: 32x32xw -> 16x16x2w -> 8x8x4w  -> 4x4x8w -> 2x2x16w      w = 64
//
// h is the sum over the last map after a ReLU; the output is a linear function of h, to which <e(label), h> is added if
// classes > 0 (the projection of Miyato and Koyama 2018). At 32 px the linear function has no bias, at 48 and 64 px it has
// one, as in the same codes (dis_models/snresnet_32.py and snresnet_64.py of the authors).
//
// x [batch, size, size, channels], and labels int32 [batch] if classes > 0, to [batch, 1]. It panics when the size is
// another one, x is not of this size, or labels are missing.
func SNGANDiscriminator(size, width, classes int) Network {
	return resnet{spectral: true, classes: classes}.snganDiscriminator(size, width)
}

// snganDiscriminator is SNGANDiscriminator in the form that r says.
func (r resnet) snganDiscriminator(size, width int) Network {
	maps := []int{width, width, width}
	down := func(block int) bool { return block == 0 }
	if size != 32 {
		maps = []int{2 * width, 4 * width, 8 * width, 16 * width}
		down = func(block int) bool { return size == 64 || block < 3 }
	}
	return func(scope *model.Scope, inputs ...*Node) *Node {
		r := r.withLabels("SNGANDiscriminator", inputs)
		x := inputs[0]
		snganStart(size) // panics for another size
		x.AssertDims(-1, size, size, -1)
		h := ReduceSum(r.features(scope, x, width, maps, down), 1, 2)
		next := len(maps) + 1
		y := blocks.DenseLayer(scope.In("%03d-dense", next), h, 1).Bias(size != 32 || r.mimicry).Init(resnetLinear).
			BiasInit(zeroInit).SpectralNorm(r.spectral).Done()
		if r.classes > 0 {
			e := blocks.Embedding(scope.In("%03d-embedding", next+1), r.labels, r.classes, h.Shape().Dim(1)).
				Init(resnetLinear).SpectralNorm(r.spectral).Done()
			y = Add(y, ReduceAndKeep(Mul(e, h), ReduceSum, 1))
		}
		return y
	}
}

// withLabels takes the labels out of a network's inputs, if it is conditional.
func (r resnet) withLabels(network string, inputs []*Node) resnet {
	if r.classes == 0 {
		return r
	}
	if len(inputs) < 2 || inputs[1] == nil {
		exceptions.Panicf("gan: %s has %d classes and takes labels [batch] as its second input", network, r.classes)
	}
	r.labels = inputs[1]
	return r
}
