package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Defaults of BatchNorm, those of PyTorch's BatchNorm2d. GoMLX's own layer has 1e-3 and 0.99 (counted the other way).
const (
	BatchNormEpsilon  = 1e-5
	BatchNormMomentum = 0.1
)

// BatchNorm is batch normalization with PyTorch's defaults: x [batch, ..., channels] to the same shape.
// See BatchNormLayer.
func BatchNorm(scope *model.Scope, x *graph.Node) *graph.Node {
	return BatchNormLayer(scope, x).Done()
}

// BatchNormBuilder configures batch normalization; see BatchNormLayer.
type BatchNormBuilder struct {
	scope             *model.Scope
	x                 *graph.Node
	epsilon, momentum float64
	scaleInit         Initializer
	labels            *graph.Node
	classes           int
}

// BatchNormLayer starts a batch normalization over all axes but the last of x [batch, ..., channels]; Done builds it.
// It follows PyTorch's BatchNorm2d:
//
//	y = (x - mean) / sqrt(var + epsilon) · weight + bias
//
// While training (Scope.IsTraining) mean and var are the batch's own, var the biased one (divided by n), and the
// averages move: running = (1-momentum)·running + momentum·batch, with the unbiased variance (divided by n-1). A second
// call in the same graph (reals, then fakes) moves them again. Otherwise mean and var are the running averages.
// It is written in elementary operations, so that gradients of every order exist.
//
// Variables: "weight" and "bias" trainable, "running_mean" and "running_var" not, all [channels]. Labels makes it
// conditional.
//
// Ioffe and Szegedy 2015, Algorithms 1 and 2, https://arxiv.org/abs/1502.03167; the averages are PyTorch's.
func BatchNormLayer(scope *model.Scope, x *graph.Node) *BatchNormBuilder {
	return &BatchNormBuilder{
		scope: scope, x: x, epsilon: BatchNormEpsilon, momentum: BatchNormMomentum, scaleInit: Constant(1),
	}
}

// Epsilon sets what is added to the variance. Default: BatchNormEpsilon.
func (b *BatchNormBuilder) Epsilon(epsilon float64) *BatchNormBuilder {
	b.epsilon = epsilon
	return b
}

// Momentum sets the share of the batch in the running averages. Default: BatchNormMomentum.
func (b *BatchNormBuilder) Momentum(momentum float64) *BatchNormBuilder {
	b.momentum = momentum
	return b
}

// ScaleInit sets the initial values of "weight". Default: 1.
func (b *BatchNormBuilder) ScaleInit(init Initializer) *BatchNormBuilder {
	b.scaleInit = init
	return b
}

// Labels gives each class a scale and a shift of its own: labels are integers [batch] in [0, classes), "weight" and "bias"
// are [classes, channels]; mean and variance are still those of the whole batch. 0 classes, the default, is plain batch
// norm, and labels are not looked at.
//
// Dumoulin et al. 2017, https://arxiv.org/abs/1610.07629; for GANs Miyato and Koyama 2018,
// https://arxiv.org/abs/1802.05637.
func (b *BatchNormBuilder) Labels(labels *graph.Node, classes int) *BatchNormBuilder {
	b.labels, b.classes = labels, classes
	return b
}

// Done builds the layer. It panics if x has no channel axis, or has one value a channel while training.
func (b *BatchNormBuilder) Done() *graph.Node {
	x, g := b.x, b.x.Graph()
	if x.Rank() < 2 {
		exceptions.Panicf("blocks: BatchNorm needs x [batch, ..., channels], got %s", x.Shape())
	}
	channels := x.Shape().Dim(-1)
	weight, bias := b.affine(channels)
	runningMean := Buffer(b.scope, "running_mean", Constant(0), channels)
	runningVar := Buffer(b.scope, "running_var", Constant(1), channels)

	var mean, variance, centred *graph.Node
	if b.scope.IsTraining(g) {
		n := x.Shape().Size() / channels
		if n < 2 {
			exceptions.Panicf("blocks: BatchNorm needs more than one value a channel while training, got %s", x.Shape())
		}
		axes := make([]int, x.Rank()-1)
		for i := range axes {
			axes[i] = i
		}
		mean = graph.ReduceMean(x, axes...)
		centred = graph.Sub(x, perChannel(mean, x))
		variance = graph.ReduceMean(graph.Square(centred), axes...)
		b.update(runningMean, mean)
		b.update(runningVar, graph.MulScalar(variance, float64(n)/float64(n-1)))
	} else {
		mean, variance = valueLike(runningMean, x), valueLike(runningVar, x)
		centred = graph.Sub(x, perChannel(mean, x))
	}
	deviation := graph.Sqrt(graph.AddScalar(variance, b.epsilon))
	if b.classes > 0 {
		deviation = perChannel(deviation, weight)
	}
	scale := graph.Div(weight, deviation)
	return addChannels(graph.Mul(centred, perChannel(scale, x)), bias)
}

// affine returns scale and shift, [channels] or, with labels, [batch, channels].
func (b *BatchNormBuilder) affine(channels int) (weight, bias *graph.Node) {
	dims := []int{channels}
	if b.classes > 0 {
		dims = []int{b.classes, channels}
	}
	weight = valueLike(Param(b.scope, "weight", b.scaleInit, dims...), b.x)
	bias = valueLike(Param(b.scope, "bias", Constant(0), dims...), b.x)
	if b.classes > 0 {
		weight, bias = rowsOf(weight, b.labels), rowsOf(bias, b.labels)
		if batch := b.x.Shape().Dim(0); weight.Shape().Dim(0) != batch {
			exceptions.Panicf("blocks: BatchNorm has %d labels for x %s", weight.Shape().Dim(0), b.x.Shape())
		}
	}
	return weight, bias
}

// update moves a running average by the momentum towards the batch's value.
func (b *BatchNormBuilder) update(average *model.Variable, batch *graph.Node) {
	old := average.NodeValue(batch.Graph())
	batch = graph.StopGradient(graph.ConvertDType(batch, old.DType()))
	average.SetNodeValue(graph.Add(graph.MulScalar(old, 1-b.momentum), graph.MulScalar(batch, b.momentum)))
}
