package gan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/weights"
)

// A port says which variables a tensor of another program's state dict becomes.
type port struct {
	name  string // of the tensor
	shape []int
	// view is the shape that the tensor is taken in, and perm the order of its axes here; nil: as they are.
	view, perm []int
	// ours are the variables below the player: the tensor or, if there are more, the parts along its first axis then.
	ours []string
	// dims is the shape of each of them; nil: as it is then.
	dims []int
}

// The orders of the axes of kernels: PyTorch has [out, in, k, k], and [in, out, k, k] if they are transposed.
var (
	kernelAxes     = []int{2, 3, 1, 0}
	transposedAxes = []int{2, 3, 0, 1}
)

// batchNormPorts are the tensors of a batch norm of PyTorch.
func batchNormPorts(name, ours string, channels int) []port {
	var ports []port
	for _, leaf := range []string{"weight", "bias", "running_mean", "running_var"} {
		ports = append(ports, port{name: name + "." + leaf, shape: []int{channels}, ours: []string{ours + "/" + leaf}})
	}
	return ports
}

// stateDict are the tensors of a file, by their names in the network.
type stateDict map[string]weights.Array

// newStateDict takes off what training programs put around the names: a checkpoint's model_state_dict, beside which other
// things may be, and the module that torch.nn.DataParallel saves.
func newStateDict(arrays map[string]weights.Array) stateDict {
	state := stateDict(arrays)
	for _, prefix := range []string{"model_state_dict.", "module."} {
		inside := stateDict{}
		for name, a := range state {
			if short, found := strings.CutPrefix(name, prefix); found {
				inside[short] = a
			}
		}
		if len(inside) > 0 && (prefix != "module." || len(inside) == len(state)) {
			state = inside
		}
	}
	return state
}

// dims returns the shape of a tensor that must be there with so many axes, none of them empty.
func (s stateDict) dims(name string, axes int) ([]int, error) {
	a, found := s[name]
	if !found {
		return nil, fmt.Errorf("it has no tensor %s", name)
	}
	if len(a.Shape) != axes || slices.Min(a.Shape) < 1 {
		return nil, fmt.Errorf("tensor %s is %v, want %d axes", name, a.Shape, axes)
	}
	return a.Shape, nil
}

// through returns the variables, named below prefix. The error names the first tensor that is missing or has another shape,
// in the order of the network, or one that the network has not.
func (s stateDict) through(ports []port, prefix string) (map[string]weights.Array, error) {
	out := map[string]weights.Array{}
	known := map[string]bool{}
	for _, p := range ports {
		known[p.name] = true
		a, found := s[p.name]
		if !found {
			return nil, fmt.Errorf("it has no tensor %s, which should be %v", p.name, p.shape)
		}
		if !slices.Equal(a.Shape, p.shape) {
			return nil, fmt.Errorf("tensor %s is %v, which should be %v", p.name, a.Shape, p.shape)
		}
		values, err := a.Float32s()
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", p.name, err)
		}
		p.into(out, prefix, values)
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !known[name] && !strings.HasSuffix(name, ".num_batches_tracked") { // a counter of PyTorch's batch norm
			return nil, fmt.Errorf("it has a tensor %s %v, which the network has not", name, s[name].Shape)
		}
	}
	return out, nil
}

// into adds the variables that a tensor becomes.
func (p port) into(out map[string]weights.Array, prefix string, values []float32) {
	shape := p.shape
	if p.view != nil {
		shape = p.view
	}
	if p.perm != nil {
		values, shape = permuted(values, shape, p.perm)
	}
	if len(p.ours) > 1 {
		shape = shape[1:]
	}
	if p.dims != nil {
		shape = p.dims
	}
	part := len(values) / len(p.ours)
	for i, name := range p.ours {
		out[prefix+name] = weights.FromFloat32(values[i*part:(i+1)*part], shape...)
	}
}

// backwards returns the tensors that became the variables below prefix, for ports of one variable each that take a tensor
// in its own shape.
func backwards(arrays map[string]weights.Array, ports []port, prefix string) (map[string]weights.Array, error) {
	out := map[string]weights.Array{}
	for _, p := range ports {
		name := prefix + p.ours[0]
		a, found := arrays[name]
		if !found {
			return nil, fmt.Errorf("gan: the checkpoint has no variable %s", name)
		}
		values, err := a.Float32s()
		if err != nil {
			return nil, fmt.Errorf("gan: variable %s: %w", name, err)
		}
		shape := a.Shape
		if p.perm != nil {
			inverse := make([]int, len(p.perm))
			for i, axis := range p.perm {
				inverse[axis] = i
			}
			values, shape = permuted(values, shape, inverse)
		}
		if !slices.Equal(shape, p.shape) {
			return nil, fmt.Errorf("gan: variable %s would be %v as %s, which is %v", name, shape, p.name, p.shape)
		}
		out[p.name] = weights.FromFloat32(values, shape...)
	}
	return out, nil
}

// permuted returns an array with its axes in the order of perm: axis i of the result is axis perm[i] of values.
func permuted(values []float32, shape, perm []int) ([]float32, []int) {
	n := len(shape)
	strides := make([]int, n)
	for axis, stride := n-1, 1; axis >= 0; axis-- {
		strides[axis] = stride
		stride *= shape[axis]
	}
	dims := make([]int, n)
	for i, axis := range perm {
		dims[i] = shape[axis]
	}
	out := make([]float32, len(values))
	at := make([]int, n)
	for i := range out {
		from := 0
		for k, axis := range perm {
			from += at[k] * strides[axis]
		}
		out[i] = values[from]
		for k := n - 1; k >= 0; k-- {
			if at[k]++; at[k] < dims[k] {
				break
			}
			at[k] = 0
		}
	}
	return out, dims
}

// has says whether there is a tensor of the name.
func (s stateDict) has(name string) bool {
	_, found := s[name]
	return found
}

// maxForeignLayers bounds the numbers that layers of a known network have.
const maxForeignLayers = 16

// count returns one more than the largest i for which there is a tensor name(i), so that one that is missing before it is
// found out by name.
func (s stateDict) count(name func(i int) string) int {
	n := 0
	for i := range maxForeignLayers {
		if s.has(name(i)) {
			n = i + 1
		}
	}
	return n
}
