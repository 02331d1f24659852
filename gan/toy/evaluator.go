package toy

import (
	"fmt"
	"strings"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// callRows is the number of rows of one call of a device: fixed, so that a row's value does not depend on the others.
const callRows = 500

// evaluator runs one network of a run with the weights of a moment, not as in training: batch norms take their averages.
type evaluator struct {
	backend compute.Backend
	player  string
	network gan.Network
	in      int // values in a row
	store   *model.Store
	exec    *model.Exec
}

func newEvaluator(backend compute.Backend, player string, network gan.Network, in int) (*evaluator, error) {
	e := &evaluator{backend: backend, player: player, network: network, in: in, store: model.NewStore()}
	if err := e.newExec(); err != nil {
		return nil, err
	}
	return e, e.compile()
}

func (e *evaluator) newExec() (err error) {
	e.exec, err = model.NewExec(e.backend, e.store, func(scope *model.Scope, x *graph.Node) *graph.Node {
		scope.SetTraining(x.Graph(), false)
		return e.network(scope.At("%s", e.player).ResetVisited(), x)
	})
	return err
}

// compile builds the graph, which creates the variables.
func (e *evaluator) compile() error {
	return exceptions.TryCatch[error](func() {
		if _, err := e.exec.Compile(shapes.Make(dtypes.Float32, callRows, e.in)); err != nil {
			panic(err)
		}
	})
}

// set takes the network's variables out of the state of a run.
func (e *evaluator) set(state map[string]weights.Array) error {
	for v := range e.store.Scope("/" + e.player).IterVariables() {
		name := strings.TrimPrefix(v.Path(), "/")
		a, found := state[name]
		if !found {
			return fmt.Errorf("toy: the run has no variable %s", name)
		}
		value, err := tensors.FromRaw(e.backend, 0, v.Shape(), a.Data)
		if err == nil {
			err = v.SetValue(value)
		}
		if err != nil {
			return fmt.Errorf("toy: variable %s: %w", name, err)
		}
	}
	if e.backend.Capabilities().PreferConstantsForVariables {
		// The program holds the values that it was compiled with (pure Go).
		e.exec.Finalize()
		return e.newExec()
	}
	return nil
}

// call returns the outputs for rows of x, flat.
func (e *evaluator) call(x []float32) ([]float32, error) {
	var out []float32
	n := len(x) / e.in
	for at := 0; at < n; at += callRows {
		chunk := make([]float32, callRows*e.in) // the last call is filled up with zeros
		copy(chunk, x[at*e.in:min(n, at+callRows)*e.in])
		y, err := e.exec.Call(tensors.FromFlatDataAndDimensions(chunk, callRows, e.in))
		if err != nil {
			return nil, fmt.Errorf("toy: %w", err)
		}
		values, err := tensors.CopyFlatData[float32](y[0])
		if err != nil {
			return nil, fmt.Errorf("toy: %w", err)
		}
		out = append(out, values[:len(values)/callRows*min(callRows, n-at)]...)
	}
	return out, nil
}

func (e *evaluator) close() {
	e.exec.Finalize()
	e.store.Finalize()
}
