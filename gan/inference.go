package gan

import (
	"errors"
	"strings"

	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// An Inference runs networks with the variables of a checkpoint, outside of training. It is not safe for concurrent use.
type Inference struct {
	backend compute.Backend
	f       func(scope *model.Scope, inputs []*graph.Node) []*graph.Node
	scopes  []string
	store   *model.Store
	exec    *model.Exec
}

// NewInference builds f for inputs of the given shapes; scopes are the roots of its variables, which have no meaning before
// SetWeights. Nothing is compiled before the first Call.
func NewInference(backend compute.Backend, scopes []string, f func(scope *model.Scope, inputs []*graph.Node) []*graph.Node,
	inputs ...shapes.Shape) (*Inference, error) {
	i := &Inference{backend: backend, scopes: scopes, store: model.NewStore()}
	i.f = func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		scope.SetTraining(inputs[0].Graph(), false)
		return f(scope, inputs)
	}
	if err := trace(backend, i.store, i.f, inputs...); err != nil {
		return nil, err
	}
	return i, i.newExec()
}

// newExec makes the program, which is compiled when it is first used.
func (i *Inference) newExec() (err error) {
	i.exec, err = model.NewExec(i.backend, i.store, i.f)
	return err
}

// SetWeights takes the variables below the scopes out of a checkpoint. The error names the first one that differs from
// what the networks have.
func (i *Inference) SetWeights(arrays map[string]weights.Array) error {
	mine := map[string]weights.Array{}
	for name, a := range arrays {
		for _, scope := range i.scopes {
			if strings.HasPrefix(name, scope+"/") {
				mine[name] = a
			}
		}
	}
	if err := (Variables{i.store}).setArrays(i.backend, mine); err != nil {
		return err
	}
	if i.backend.Capabilities().PreferConstantsForVariables {
		// The program holds the values that it was compiled with (pure Go).
		i.exec.Finalize()
		return i.newExec()
	}
	return nil
}

// Call runs the networks.
func (i *Inference) Call(args ...any) ([]*tensors.Tensor, error) {
	out, err := i.exec.Call(args...)
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	return out, nil
}

// Close frees the device's memory.
func (i *Inference) Close() {
	i.exec.Finalize()
	i.store.Finalize()
}
