package gan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// MLPDecoder returns the decoder of Kingma and Welling 2014, appendix C.1, https://arxiv.org/abs/1312.6114, as in
// pytorch/examples, vae/main.py (fc3, fc4): one hidden layer, there of 400 units. It serves a GAN as generator, too.
//
//	z [batch, latent_dim] -> units, ReLU (the paper: tanh) -> x [batch, size, size, channels] in [-1, 1]
//
// What is sigmoid(l) in [0, 1] there is tanh(l/2) here, the same number in [-1, 1]. It panics when z is not of rank 2.
func MLPDecoder(size, channels, units int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		z := inputs[0]
		if z.Rank() != 2 {
			exceptions.Panicf("gan: MLPDecoder takes z [batch, latent_dim], got %s", z.Shape())
		}
		h := blocks.ReLU(blocks.Dense(scope.In("000-dense"), z, units))
		logits := blocks.Dense(scope.In("001-dense"), h, size*size*channels)
		return Tanh(MulScalar(Reshape(logits, -1, size, size, channels), 0.5))
	}
}

// MLPEncoder returns the encoder to it (fc1, fc21, fc22): one hidden layer, and from there a linear map to the mean and
// another to the log variance of each latent. Like the original it sees images in [0, 1].
//
//	x [batch, size, size, channels] in [-1, 1] -> units, ReLU -> [batch, 2·latents]
func MLPEncoder(latents, units int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x := inputs[0]
		x = MulScalar(OnePlus(Reshape(x, x.Shape().Dim(0), -1)), 0.5)
		h := blocks.ReLU(blocks.Dense(scope.In("000-dense"), x, units))
		mean := blocks.Dense(scope.In("001-mean"), h, latents)
		logVar := blocks.Dense(scope.In("002-logvar"), h, latents)
		return Concatenate([]*Node{mean, logVar}, -1)
	}
}
