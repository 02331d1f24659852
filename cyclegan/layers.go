package cyclegan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Norms of the networks, as config.json names them.
const (
	// InstanceNorm normalizes each channel of each picture: the paper's (appendix 7.2). It has no variables.
	InstanceNorm = "instance"
	// BatchNorm normalizes each channel over the batch, as pix2pix does.
	BatchNorm = "batch"
)

// Initial values of the reference code: all convolutions N(0, 0.02), biases 0, scales of batch norm N(1, 0.02).
var (
	weightInit = blocks.Normal(0, 0.02)
	scaleInit  = blocks.Normal(1, 0.02)
	zeroInit   = blocks.Constant(0)
)

// normed is the norm of a network. In the reference code its convolutions, but for a few, have a bias if the norm is the
// instance's, and none if it is the batch's, which has a shift of its own.
type normed string

// without is a convolution that no norm follows.
func (n normed) without(c *blocks.Conv, channels int) *blocks.Conv {
	return plain(c, channels).Bias(n == InstanceNorm)
}

// before is a convolution that the norm follows. The instance's takes the bias away again: here it is a variable, as files of
// the original hold it, that is neither added nor trained.
func (n normed) before(c *blocks.Conv, channels int) *blocks.Conv {
	return n.without(c, channels).IdleBias(true)
}

// plain is a convolution that has a bias whatever the norm.
func plain(c *blocks.Conv, channels int) *blocks.Conv {
	return c.Channels(channels).Init(weightInit).BiasInit(zeroInit)
}

// apply normalizes x [batch, h, w, channels]. It panics if there is no such norm.
func (n normed) apply(scope *model.Scope, x *Node) *Node {
	switch n {
	case InstanceNorm:
		return blocks.InstanceNorm(x)
	case BatchNorm:
		return blocks.BatchNormLayer(scope, x).ScaleInit(scaleInit).Done()
	}
	exceptions.Panicf("cyclegan: there is no norm %q; want %s or %s", n, InstanceNorm, BatchNorm)
	return nil
}

// assertImages panics unless x is [batch, h, w, channels] with h and w multiples of stride and at least smallest.
func assertImages(network string, x *Node, channels, stride, smallest int) {
	if x.Rank() != 4 || channels != x.Shape().Dim(3) || x.Shape().Dim(1)%stride != 0 || x.Shape().Dim(2)%stride != 0 ||
		min(x.Shape().Dim(1), x.Shape().Dim(2)) < smallest {
		exceptions.Panicf("cyclegan: %s takes x [batch, height, width, %d] with height and width multiples of %d and at least %d, got %s",
			network, channels, stride, smallest, x.Shape())
	}
}
