package gan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// MLPGenerator returns the generator of Goodfellow et al. 2014, section 5, https://arxiv.org/abs/1406.2661: two
// rectified linear layers of the given number of units.
//
//	z [batch, latent_dim] -> units -> units -> x [batch, size, size, channels]
//
// It panics when z is not of rank 2.
func MLPGenerator(size, channels, units int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		if x.Rank() != 2 {
			exceptions.Panicf("gan: MLPGenerator takes z [batch, latent_dim], got %s", x.Shape())
		}
		x = blocks.ReLU(blocks.Dense(scope.In("000-dense"), x, units))
		x = blocks.ReLU(blocks.Dense(scope.In("001-dense"), x, units))
		x = blocks.Dense(scope.In("002-dense"), x, size*size*channels)
		return Tanh(Reshape(x, -1, size, size, channels))
	}
}

// Maxout is made of pieces: the output is the largest of this many linear ones.
const maxoutPieces = 5

// MLPDiscriminator returns the discriminator: two maxout layers with dropout 0.5 in training, then one logit.
// units is the number of linear pieces in a layer; a fifth as many values leave it (1200 pieces: 240 values).
//
//	x [batch, size, size, channels] -> units/5 -> units/5 -> [batch, 1]
//
// Maxout: Goodfellow et al. 2013, https://arxiv.org/abs/1302.4389.
func MLPDiscriminator(units int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := Reshape(inputs[0], inputs[0].Shape().Dim(0), -1)
		x = blocks.Dropout(scope, maxout(scope.In("000-maxout"), x, units))
		x = blocks.Dropout(scope, maxout(scope.In("001-maxout"), x, units))
		return blocks.Dense(scope.In("002-dense"), x, 1)
	}
}

func maxout(scope *model.Scope, x *Node, units int) *Node {
	values := max(1, units/maxoutPieces)
	x = blocks.Dense(scope, x, values*maxoutPieces)
	return ReduceMax(Reshape(x, -1, values, maxoutPieces), -1)
}
