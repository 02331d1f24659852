package gan

import (
	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// WaveGAN (Donahue et al. 2019, "Adversarial Audio Synthesis", https://arxiv.org/abs/1802.04208) is DCGAN along one axis:
// kernels 5x5 of stride 2 become 25 long with stride 4, and batch norm goes, for the gradient penalty. This file has the
// networks of its appendix D, tables 3 and 4. Padding and initial values, on which the paper is silent, are those of its
// code, https://github.com/chrisdonahue/wavegan: "same" padding, Glorot's uniform values, zeros for biases.

// Numbers of WaveGAN that no config changes.
const (
	waveStart  = 16 // samples from which the generator starts
	waveKernel = 25
	waveStride = 4
)

// waveLayers returns the number of strided layers between waveStart and length. It panics if that is no whole number.
func waveLayers(length int) int {
	layers, reached := 0, waveStart
	for ; reached < length; layers++ {
		reached *= waveStride
	}
	if reached != length || layers == 0 {
		exceptions.Panicf("gan: WaveGAN makes sounds of %d·%d^n samples, not of %d", waveStart, waveStride, length)
	}
	return layers
}

// WaveGANGenerator returns the generator: a dense layer, then transposed convolutions of length 25 and stride 4 with ReLU
// between them and tanh at the end.
//
//	z [batch, latent_dim] -> 16x16w -> 64x8w -> 256x4w -> 1024x2w -> 4096xw -> x [batch, 1, 16384, channels]
//
// w is width (d of the paper, 64 there). Each fourth of the length drops the widest layer: 4096 samples start from 16x8w.
// With width 64, one channel and z of 100 it has 19,065,345 parameters. It panics when length is not 16·4^n, or z not of
// rank 2.
func WaveGANGenerator(length, channels, width int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		z, layers := inputs[0], waveLayers(length)
		if z.Rank() != 2 {
			exceptions.Panicf("gan: WaveGANGenerator takes z [batch, latent_dim], got %s", z.Shape())
		}
		batch, maps := z.Shape().Dim(0), width<<(layers-1)
		x := waveDense(scope.In("000-dense"), z, waveStart*maps)
		x = Reshape(x, batch, 1, waveStart, maps)
		for i := 1; i <= layers; i++ {
			maps /= 2
			if i == layers {
				maps = channels
			}
			x = waveConvolution(scope.In("%03d-convt", i), blocks.ReLU(x), maps, true)
		}
		x.AssertDims(batch, 1, length, channels)
		return Tanh(x)
	}
}

// WaveGANCritic returns the critic: convolutions of length 25 and stride 4, leaky ReLU of slope 0.2, phase shuffle
// between the layers (not after the last), and a dense layer.
//
//	x [batch, 1, 16384, channels] -> 4096xw -> 1024x2w -> 256x4w -> 64x8w -> 16x16w -> [batch, 1]
//
// Phase shuffle (section 3.3) moves what a layer gives by -phaseShuffle to phaseShuffle samples, each as likely, so that
// the critic cannot tell fakes by the phase of the artefacts that transposed convolutions leave. It is done in training
// only; 0 switches it off. Each sound is moved by a number of its own, all feature maps alike; the paper's code draws one
// for the whole batch. With width 64 and one channel the critic has 17,427,969 parameters. It panics when x is not
// [batch, 1, length, ...] or length not 16·4^n.
func WaveGANCritic(length, width, phaseShuffle int) Network {
	return func(scope *model.Scope, inputs ...*Node) *Node {
		x, layers := inputs[0], waveLayers(length)
		batch := x.Shape().Dim(0)
		x.AssertDims(batch, 1, length, -1)
		for i := range layers {
			x = blocks.LeakyReLU(waveConvolution(scope.In("%03d-conv", i), x, width<<i, false), 0.2)
			if i < layers-1 && phaseShuffle > 0 && scope.IsTraining(x.Graph()) {
				u := scope.RandomUniform(x.Graph(), shapes.Make(dtypes.Float32, batch))
				x = shufflePhase(x, AddScalar(Floor(MulScalar(u, float64(2*phaseShuffle+1))), -float64(phaseShuffle)), phaseShuffle)
			}
		}
		x = waveDense(scope.In("%03d-dense", layers), Reshape(x, batch, -1), 1)
		x.AssertDims(batch, 1)
		return x
	}
}

// waveDense is a dense layer with the initial values of the code.
func waveDense(scope *model.Scope, x *Node, units int) *Node {
	return blocks.DenseLayer(scope, x, units).Init(blocks.GlorotUniform(1)).BiasInit(blocks.Constant(0)).Done()
}

// waveConvolution is a strided layer: x [batch, 1, w, in] to [batch, 1, w/4, maps], transposed to [batch, 1, 4w, maps].
// Variables: "weight" [1, 25, in, maps] and "bias" [maps].
func waveConvolution(scope *model.Scope, x *Node, maps int, transposed bool) *Node {
	g := x.Graph()
	weight := blocks.Param(scope, "weight", blocks.GlorotUniform(1), 1, waveKernel, x.Shape().Dim(3), maps).NodeValue(g)
	bias := blocks.Param(scope, "bias", blocks.Constant(0), maps).NodeValue(g)
	return Add(blocks.Convolution1D(x, weight, waveStride, transposed), Reshape(bias, 1, 1, 1, maps))
}

// shufflePhase moves each row of x [batch, 1, w, channels] by shift [batch], whole numbers from -n to n, to later samples;
// what moves in is x reflected at its end, without the end itself:
//
//	y[b, i] = x[b, r(i - shift[b])],  r(i) = |i| for i < w, 2(w-1) - i beyond
//
// It panics unless n < w.
func shufflePhase(x, shift *Node, n int) *Node {
	d := x.Shape().Dimensions
	w := d[2]
	if n >= w {
		exceptions.Panicf("gan: a phase shuffle by %d does not fit into x %s", n, x.Shape())
	}
	left := Reverse(SliceAxis(x, 2, AxisRange(1, n+1)), 2)
	right := Reverse(SliceAxis(x, 2, AxisRange(w-1-n, w-1)), 2)
	padded := Concatenate([]*Node{left, x, right}, 2)
	shift = Reshape(shift, d[0], 1, 1, 1)
	y := x
	for k := -n; k <= n; k++ {
		if k == 0 {
			continue
		}
		moved := SliceAxis(padded, 2, AxisRange(n-k, n-k+w))
		y = Where(BroadcastToDims(Equal(shift, Scalar(x.Graph(), shift.DType(), float64(k))), d...), moved, y)
	}
	return y
}
