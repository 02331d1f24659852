package gan

import (
	"maps"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// Network is a model function: it maps its inputs, batch first, to one output, with variables under scope.
// A generator takes z [batch, latent_dim] (then labels [batch] if conditional) and returns x [batch, height, width,
// channels] in [-1, 1]; a discriminator takes x (then labels) and returns [batch, 1].
type Network = func(scope *model.Scope, inputs ...*Node) *Node

// A Step is what the loss of a phase sees while its graph is built.
type Step struct {
	// Phase is the phase being built.
	Phase *Phase
	// Graph is the graph under construction.
	Graph *Graph
	// X and Y are the reals [batch, height, width, channels], Labels the classes [batch]; nil where the phase or
	// the data has none.
	X, Y, Labels *Node
	// Z holds the latents [batch·BatchMultiple, latent_dim] and ZLabels the classes drawn for them
	// [batch·BatchMultiple]; nil if the run draws none.
	Z, ZLabels *Node

	root     *model.Scope
	unrolled Player // that Unrolled looks ahead at
	scalars  map[string]*Node
	rng      *Node
	reports  map[string]*Node
}

// Network calls f with the variables under /name: a player, or a part of one ("generator/G"). It may be called any number of
// times in a step.
func (s *Step) Network(name string, f Network, inputs ...*Node) *Node {
	return f(s.Scope(name), inputs...)
}

// Scope returns the scope of the variables under /name.
func (s *Step) Scope(name string) *model.Scope { return below(s.root, name).ResetVisited() }

// Scalar returns what a controller or the optimizer sent for this step, a float32 scalar. It panics if nothing of
// that name was sent.
func (s *Step) Scalar(name string) *Node {
	v, found := s.scalars[name]
	if !found {
		exceptions.Panicf("gan: phase %q asks for scalar %q, which no controller sends; there are %v",
			s.Phase.Name, name, slices.Sorted(maps.Keys(s.scalars)))
	}
	return v
}

// Report adds a scalar to the log of the run under name; a tick holds the mean over its steps.
func (s *Step) Report(name string, value *Node) {
	if !value.IsScalar() {
		exceptions.Panicf("gan: Report(%q) takes a scalar, got %s", name, value.Shape())
	}
	s.reports[name] = StopGradient(value)
}

// RandomNormal returns values of N(0, 1) as float32 of the given dimensions. The stream depends on the seed of the
// run, the phase and its position only, so nothing of it has to be saved.
func (s *Step) RandomNormal(dimensions ...int) *Node {
	var values *Node
	s.rng, values = RandomNormal(s.rng, shapes.Make(dtypes.Float32, dimensions...))
	return values
}

// RandomUniform returns values in [0, 1) as float32 of the given dimensions; see RandomNormal.
func (s *Step) RandomUniform(dimensions ...int) *Node {
	var values *Node
	s.rng, values = RandomUniform(s.rng, shapes.Make(dtypes.Float32, dimensions...))
	return values
}
