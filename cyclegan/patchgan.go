package cyclegan

import (
	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Patch are the numbers of a discriminator that judges patches.
type Patch struct {
	Channels int    // of the pictures
	Width    int    // ndf: feature maps of the first layer
	Layers   int    // convolutions of stride 2; 3: patches of 70x70 pixels; 0: single pixels
	Norm     string // InstanceNorm or BatchNorm
}

// PatchGAN returns a discriminator whose output is a map: an output judges the part of the picture that it sees, 16, 34, 70
// or 142 pixels wide for 1 to 4 Layers. w is Width; leaky ReLUs of slope 0.2 are between convolutions 4x4, norms after all
// but the first and the last.
//
//	x [batch, h, w, channels] -> stride 2, w maps -> ... 2w, 4w, at most 8w -> stride 1, twice the maps -> stride 1, 1 map
//	3 Layers, 256x256: [batch, 30, 30, 1]
//
// With 0 Layers it is a PixelGAN of convolutions 1x1, w and 2w maps: [batch, h, w, 1].
//
// Variables: 000-conv, 001-conv and so on, each with weight and, but for those before batch norm, bias; NNN-bn next to them
// with BatchNorm.
//
// Zhu et al. 2017, appendix 7.2, https://arxiv.org/abs/1703.10593; Isola et al. 2017, section 3.2.2 and appendix 6.1.2,
// https://arxiv.org/abs/1611.07004. It panics when x is not of these dimensions or too small for one patch.
func PatchGAN(o Patch) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x, n := inputs[0], normed(o.Norm)
		assertImages("PatchGAN", x, o.Channels, 1, 1)
		conv := func(i int) *blocks.Conv {
			c := blocks.Conv2D(scope.In("%03d-conv", i), x)
			if o.Layers == 0 {
				return c.Kernel(1)
			}
			c.Kernel(4).Padding(1)
			if i < o.Layers {
				c.Stride(2)
			}
			return c
		}
		last := max(o.Layers, 1) + 1
		x = blocks.LeakyReLU(plain(conv(0), o.Width).Done(), 0.2)
		for i := 1; i < last; i++ {
			x = n.before(conv(i), o.Width*min(1<<i, widest)).Done()
			x = blocks.LeakyReLU(n.apply(scope.In("%03d-bn", i), x), 0.2)
		}
		if o.Layers == 0 {
			return n.without(conv(last), 1).Done() // the reference code leaves this bias out with batch norm
		}
		return plain(conv(last), 1).Done()
	}
}
