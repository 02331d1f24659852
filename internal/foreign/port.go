// Package foreign reads networks out of the files of other programs, and writes them back: which tensor of a state dict is
// which variable here.
package foreign

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/weights"
)

// A Port says which variables a tensor of another program's state dict becomes.
type Port struct {
	Name  string // of the tensor
	Shape []int
	// View is the shape that the tensor is taken in, and Perm the order of its axes here; nil: as they are.
	View, Perm []int
	// Ours are the variables below the player: the tensor or, if there are more, the parts along its first axis then.
	Ours []string
	// Dims is the shape of each of them; nil: as it is then.
	Dims []int
}

// The orders of the axes of kernels: PyTorch has [out, in, k, k], and [in, out, k, k] if they are transposed.
var (
	KernelAxes     = []int{2, 3, 1, 0}
	TransposedAxes = []int{2, 3, 0, 1}
)

// BatchNorm are the tensors of a batch norm of PyTorch.
func BatchNorm(name, ours string, channels int) []Port {
	var ports []Port
	for _, leaf := range []string{"weight", "bias", "running_mean", "running_var"} {
		ports = append(ports, Port{Name: name + "." + leaf, Shape: []int{channels}, Ours: []string{ours + "/" + leaf}})
	}
	return ports
}

// State are the tensors of a file, by their names in the network.
type State map[string]weights.Array

// NewState takes off what training programs put around the names: a checkpoint's model_state_dict, beside which other
// things may be, and the module that torch.nn.DataParallel saves.
func NewState(arrays map[string]weights.Array) State {
	state := State(arrays)
	for _, prefix := range []string{"model_state_dict.", "module."} {
		inside := State{}
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

// Dims returns the shape of a tensor that must be there with so many axes, none of them empty.
func (s State) Dims(name string, axes int) ([]int, error) {
	a, found := s[name]
	if !found {
		return nil, fmt.Errorf("it has no tensor %s", name)
	}
	if len(a.Shape) != axes || slices.Min(a.Shape) < 1 {
		return nil, fmt.Errorf("tensor %s is %v, want %d axes", name, a.Shape, axes)
	}
	return a.Shape, nil
}

// Through returns the variables, named below prefix. The error names the first tensor that is missing or has another shape,
// in the order of the network, or one that the network has not.
func (s State) Through(ports []Port, prefix string) (map[string]weights.Array, error) {
	out := map[string]weights.Array{}
	known := map[string]bool{}
	for _, p := range ports {
		known[p.Name] = true
		a, found := s[p.Name]
		if !found {
			return nil, fmt.Errorf("it has no tensor %s, which should be %v", p.Name, p.Shape)
		}
		if !slices.Equal(a.Shape, p.Shape) {
			return nil, fmt.Errorf("tensor %s is %v, which should be %v", p.Name, a.Shape, p.Shape)
		}
		values, err := a.Float32s()
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", p.Name, err)
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
func (p Port) into(out map[string]weights.Array, prefix string, values []float32) {
	shape := p.Shape
	if p.View != nil {
		shape = p.View
	}
	if p.Perm != nil {
		values, shape = Permuted(values, shape, p.Perm)
	}
	if len(p.Ours) > 1 {
		shape = shape[1:]
	}
	if p.Dims != nil {
		shape = p.Dims
	}
	part := len(values) / len(p.Ours)
	for i, name := range p.Ours {
		out[prefix+name] = weights.FromFloat32(values[i*part:(i+1)*part], shape...)
	}
}

// Backwards returns the tensors that became the variables below prefix, for ports of one variable each that take a tensor
// in its own shape.
func Backwards(arrays map[string]weights.Array, ports []Port, prefix string) (map[string]weights.Array, error) {
	out := map[string]weights.Array{}
	for _, p := range ports {
		name := prefix + p.Ours[0]
		a, found := arrays[name]
		if !found {
			return nil, fmt.Errorf("the checkpoint has no variable %s", name)
		}
		values, err := a.Float32s()
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		shape := a.Shape
		if p.Perm != nil {
			inverse := make([]int, len(p.Perm))
			for i, axis := range p.Perm {
				inverse[axis] = i
			}
			values, shape = Permuted(values, shape, inverse)
		}
		if !slices.Equal(shape, p.Shape) {
			return nil, fmt.Errorf("variable %s would be %v as %s, which is %v", name, shape, p.Name, p.Shape)
		}
		out[p.Name] = weights.FromFloat32(values, shape...)
	}
	return out, nil
}

// Permuted returns an array with its axes in the order of perm: axis i of the result is axis perm[i] of values.
func Permuted(values []float32, shape, perm []int) ([]float32, []int) {
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

// Has says whether there is a tensor of the name.
func (s State) Has(name string) bool {
	_, found := s[name]
	return found
}

// maxLayers bounds the numbers that layers of a known network have.
const maxLayers = 64

// Count returns one more than the largest i for which there is a tensor name(i), so that one that is missing before it is
// found out by name.
func (s State) Count(name func(i int) string) int {
	n := 0
	for i := range maxLayers {
		if s.Has(name(i)) {
			n = i + 1
		}
	}
	return n
}
