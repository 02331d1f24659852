package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// EmbeddingBuilder configures an embedding; see Embedding.
type EmbeddingBuilder struct {
	scope          *model.Scope
	labels         *graph.Node
	classes, units int
	init           Initializer
	spectral       bool
}

// Embedding starts a table with one row for each class: labels, integers [batch] in [0, classes), to float32
// [batch, units]; Done builds it. Variable: "weight" [classes, units].
func Embedding(scope *model.Scope, labels *graph.Node, classes, units int) *EmbeddingBuilder {
	return &EmbeddingBuilder{scope: scope, labels: labels, classes: classes, units: units, init: Normal(0, 1)}
}

// Init sets the initial values of "weight" [classes, units]. Default: Normal(0, 1), that of PyTorch.
func (b *EmbeddingBuilder) Init(init Initializer) *EmbeddingBuilder {
	b.init = init
	return b
}

// SpectralNorm says whether the table is divided by its largest singular value; see Conv.SpectralNorm. The vector "u"
// has a value for each class. Default: false.
func (b *EmbeddingBuilder) SpectralNorm(use bool) *EmbeddingBuilder {
	b.spectral = use
	return b
}

// Done builds the layer and returns its output [batch, units]. It panics if labels are not integers [batch].
func (b *EmbeddingBuilder) Done() *graph.Node {
	weight := Param(b.scope, "weight", b.init, b.classes, b.units).NodeValue(b.labels.Graph())
	if b.spectral {
		weight = graph.Transpose(spectralNorm(b.scope, graph.Transpose(weight, 0, 1)), 0, 1)
	}
	return rowsOf(weight, b.labels)
}

// rowsOf returns the rows of a table [classes, n] that labels [batch] say, [batch, n]: a matrix product, so that
// gradients of every order exist.
func rowsOf(table, labels *graph.Node) *graph.Node {
	if labels.Rank() != 1 || !labels.DType().IsInt() {
		exceptions.Panicf("blocks: labels must be integers [batch], got %s", labels.Shape())
	}
	return graph.MatMul(graph.OneHot(labels, table.Shape().Dim(0), table.DType()), table)
}
