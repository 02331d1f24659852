package cyclegan

import (
	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// UNet are the numbers of a generator with skips between its two halves.
type UNet struct {
	Channels int    // of input and output pictures
	Width    int    // ngf: feature maps of the first layer
	Downs    int    // how often the picture is halved: 7 for 128 px, 8 for 256 px; at least 5
	Norm     string // InstanceNorm or BatchNorm
	Dropout  bool   // 1/2 in the levels of equal width, while training
}

// Of a U-Net the first levels double their width, up to widest times that of the first; it has fewestDowns to mostDowns
// levels.
const (
	widest      = 8
	fewestDowns = 5
	mostDowns   = 12 // for pictures of 4096 px
)

// UNetGenerator returns the generator of pix2pix, which the code of CycleGAN offers too: Downs convolutions 4x4 of stride 2
// and as many transposed ones; each of these sees, besides what comes from below, what was there before the picture was
// halved again.
//
//	x [batch, h, w, channels] -> [batch, h/2, w/2, w] -> ... 2w, 4w, 8w, 8w ... -> [batch, h/2^Downs, w/2^Downs, 8w]
//	  -> ... and back -> tanh -> [batch, h, w, channels] in [-1, 1]
//
// w is Width. Leaky ReLUs of slope 0.2 come before the convolutions on the way down, ReLUs before those on the way up, norms
// after them, but after the first and the innermost on the way down and after the last on the way up.
//
// Variables: NNN-level/down and NNN-level/up with weight and, but for those before batch norm, bias; the outermost level is
// 000; downbn and upbn next to them with BatchNorm.
//
// Isola et al. 2017, section 3.2.1 and appendix 6.1.1, https://arxiv.org/abs/1611.07004. It panics when x is not of these
// dimensions, h and w multiples of 2^Downs, or Downs is not in 5 to 12.
func UNetGenerator(o UNet) gan.Network { return o.to(o.Channels) }

// to is the generator of pictures of so many channels.
func (o UNet) to(channels int) gan.Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		if o.Downs < fewestDowns || o.Downs > mostDowns {
			exceptions.Panicf("cyclegan: UNetGenerator takes %d to %d halvings, got %d", fewestDowns, mostDowns, o.Downs)
		}
		assertImages("UNetGenerator", inputs[0], o.Channels, 1<<o.Downs, 1<<o.Downs)
		return Tanh(o.level(scope, inputs[0], 0, channels))
	}
}

// maps is the number of feature maps that level i makes on the way down.
func (o UNet) maps(i int) int { return o.Width * min(1<<i, widest) }

// level takes x [batch, h, w, ...] through level i and all below it, and back to h and w; the outermost makes the channels.
func (o UNet) level(root *model.Scope, x *Node, i, channels int) *Node {
	scope, n := root.In("%03d-level", i), normed(o.Norm)
	outermost, innermost := i == 0, i == o.Downs-1
	if !outermost {
		x = blocks.LeakyReLU(x, 0.2)
	}
	down := blocks.Conv2D(scope.In("down"), x).Kernel(4).Stride(2).Padding(1)
	var y *Node
	if outermost || innermost {
		y = n.without(down, o.maps(i)).Done()
	} else {
		y = n.apply(scope.In("downbn"), n.before(down, o.maps(i)).Done())
	}
	if !innermost {
		y = Concatenate([]*Node{y, o.level(root, y, i+1, channels)}, 3)
	}
	up := blocks.ConvTranspose2D(scope.In("up"), blocks.ReLU(y)).Kernel(4).Stride(2).Padding(1)
	if outermost {
		return plain(up, channels).Done()
	}
	y = n.apply(scope.In("upbn"), n.before(up, o.maps(i-1)).Done())
	if o.Dropout && i > 3 && !innermost {
		y = blocks.Dropout(scope, y)
	}
	return y
}
