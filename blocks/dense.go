package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Dense is a fully connected layer with bias and PyTorch's initial values: x [..., in] to [..., units].
//
//	y = x·W + b    (Param "weight" [in, units], "bias" [units])
func Dense(scope *model.Scope, x *graph.Node, units int) *graph.Node {
	return DenseLayer(scope, x, units).Done()
}

// DenseBuilder configures a dense layer; see DenseLayer.
type DenseBuilder struct {
	scope          *model.Scope
	x              *graph.Node
	units          int
	bias, spectral bool
	init, biasInit Initializer
}

// DenseLayer starts a dense layer; Done builds it. See Dense.
func DenseLayer(scope *model.Scope, x *graph.Node, units int) *DenseBuilder {
	return &DenseBuilder{scope: scope, x: x, units: units, bias: true}
}

// Bias says whether a bias is added. Default: true.
func (b *DenseBuilder) Bias(use bool) *DenseBuilder {
	b.bias = use
	return b
}

// Init sets the initial values of "weight" [in, units]. Default: PyTorchDefault(in).
func (b *DenseBuilder) Init(init Initializer) *DenseBuilder {
	b.init = init
	return b
}

// BiasInit sets the initial values of "bias" [units]. Default: PyTorchDefault(in).
func (b *DenseBuilder) BiasInit(init Initializer) *DenseBuilder {
	b.biasInit = init
	return b
}

// SpectralNorm says whether the weight is divided by its largest singular value; see Conv.SpectralNorm. Default: false.
func (b *DenseBuilder) SpectralNorm(use bool) *DenseBuilder {
	b.spectral = use
	return b
}

// Done builds the layer and returns its output [..., units]. It panics if x is a scalar.
func (b *DenseBuilder) Done() *graph.Node {
	x := b.x
	if x.Rank() < 1 {
		exceptions.Panicf("blocks: Dense needs x [..., in], got %s", x.Shape())
	}
	in := x.Shape().Dim(-1)
	weight := valueLike(Param(b.scope, "weight", orDefault(b.init, in), in, b.units), x)
	if b.spectral {
		weight = spectralNorm(b.scope, weight)
	}
	dims := append([]int(nil), x.Shape().Dimensions...)
	dims[len(dims)-1] = b.units
	y := graph.Reshape(graph.Dot(graph.Reshape(x, -1, in), weight).Product(), dims...)
	if b.bias {
		y = addChannels(y, valueLike(Param(b.scope, "bias", orDefault(b.biasInit, in), b.units), x))
	}
	return y
}

// orDefault returns init, or PyTorch's initializer if init is nil.
func orDefault(init Initializer, fanIn int) Initializer {
	if init == nil {
		return PyTorchDefault(fanIn)
	}
	return init
}

// perChannel reshapes values [c] to [1, ..., 1, c] and [batch, c] to [batch, 1, ..., 1, c], of the rank of x.
func perChannel(values, x *graph.Node) *graph.Node {
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[len(dims)-1] = values.Shape().Dim(-1)
	if values.Rank() == 2 {
		dims[0] = values.Shape().Dim(0)
	}
	return graph.Reshape(values, dims...)
}

// addChannels adds values [c] or [batch, c] to the last axis of x [batch, ..., c].
func addChannels(x, values *graph.Node) *graph.Node {
	return graph.Add(x, perChannel(values, x))
}
