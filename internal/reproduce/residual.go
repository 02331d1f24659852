package main

import (
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

var residual = study{name: "residual",
	about: "a deep network with and without shortcuts: the same layers, parameters and loss; 2 seeds",
	settings: func() []setting {
		var out []setting
		for _, depth := range []int{1, 4} {
			for _, shortcut := range []bool{false, true} {
				n := stack{depth: depth, width: 16, shortcut: shortcut}
				out = append(out, setting{row: n.String(), config: n.config(), kimg: 80})
			}
		}
		return out
	},
	seeds: 2, every: 5, reference: stack{depth: 1}.String()}

// stack is a pair of networks for 28 px that can be made deep: depth blocks of two convolutions 3x3 on maps of 7x7 and as
// many on maps of 14x14, with a stride of 2 between them and next to the image. A block is that of SNGAN (Miyato et al. 2018,
// https://arxiv.org/abs/1802.05957), and with a shortcut its input is added to its output. Nothing but the addition differs,
// so both kinds have the same variables.
type stack struct {
	depth, width int
	shortcut     bool
}

// String is the name of the row: the kind and the number of layers with weights from z to x.
func (n stack) String() string {
	kind := "plain"
	if n.shortcut {
		kind = "residual"
	}
	return fmt.Sprintf("%s, %d layers", kind, 4*n.depth+3)
}

// config is that of SNGAN but for the networks and one step of D for one of G.
func (n stack) config() gan.Config {
	cfg := gan.SNGAN()
	cfg.BaseChannels, cfg.DiscriminatorChannels = n.width, n.width
	cfg.ImageSize, cfg.Dequantize, cfg.GeneratorFirst = 28, false, false
	cfg.NCritic, cfg.GeneratorBatch = 1, 1
	cfg.Schedule = gan.Schedule{Kind: "constant"}
	cfg.PaperKimg = 0
	cfg.Generator, cfg.Discriminator = n.generate, n.discriminate
	return cfg
}

// Initial values as in SNGAN: convolutions in blocks have the larger ones.
var (
	blockInit = blocks.GlorotUniform(math.Sqrt2)
	otherInit = blocks.GlorotUniform(1)
)

// generate maps z [batch, latent_dim] to x [batch, 28, 28, 1] in [-1, 1].
func (n stack) generate(scope *model.Scope, inputs ...*Node) *Node {
	x := blocks.DenseLayer(scope.In("dense"), inputs[0], 7*7*n.width).Init(otherInit).Done()
	x = n.blocks(scope.In("7px"), Reshape(x, -1, 7, 7, n.width), false)
	x = blocks.ConvTranspose2D(scope.In("up14"), x).Channels(n.width).Kernel(4).Stride(2).Padding(1).Init(otherInit).Done()
	x = blocks.ReLU(blocks.BatchNorm(scope.In("bn"), n.blocks(scope.In("14px"), x, false)))
	x = blocks.ConvTranspose2D(scope.In("up28"), x).Channels(1).Kernel(4).Stride(2).Padding(1).Init(otherInit).Done()
	x.AssertDims(-1, 28, 28, 1)
	return Tanh(x)
}

// discriminate maps x [batch, 28, 28, 1] to a critic's value [batch, 1]. All layers are spectrally normalized.
func (n stack) discriminate(scope *model.Scope, inputs ...*Node) *Node {
	x := inputs[0]
	x.AssertDims(-1, 28, 28, 1)
	for _, px := range []string{"14px", "7px"} {
		x = blocks.Conv2D(scope.In("to%s", px), x).Channels(n.width).Kernel(4).Stride(2).Padding(1).Init(otherInit).SpectralNorm(true).Done()
		x = n.blocks(scope.In("%s", px), x, true)
	}
	x = ReduceSum(blocks.ReLU(x), 1, 2)
	return blocks.DenseLayer(scope.In("dense"), x, 1).Init(otherInit).SpectralNorm(true).Done()
}

// blocks are depth times, of x [batch, h, w, width],
//
//	conv3(relu(bn(conv3(relu(bn(x)))))) [+ x]
//
// with batch norm in G and, in its place, spectrally normalized convolutions in D.
func (n stack) blocks(scope *model.Scope, x *Node, spectral bool) *Node {
	for i := range n.depth {
		y := x
		for _, half := range []string{"a", "b"} {
			if !spectral {
				y = blocks.BatchNorm(scope.In("%03d-bn-%s", i, half), y)
			}
			y = blocks.Conv2D(scope.In("%03d-conv-%s", i, half), blocks.ReLU(y)).Channels(n.width).Kernel(3).Padding(1).
				Init(blockInit).SpectralNorm(spectral).Done()
		}
		if n.shortcut {
			y = Add(y, x)
		}
		x = y
	}
	return x
}
