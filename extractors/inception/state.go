package inception

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/weights"
)

// A state is a state dict of the network under the names of Parameters, checked.
type state struct {
	arrays map[string]weights.Array
	depth  int  // the first stages that it has, 1 to 4
	head   bool // it has the last layer
}

// blockNames says what pytorch-fid's class InceptionV3 calls the layers: it keeps them in blocks.
var blockNames = [stages][]string{
	{"Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"},
	{"Conv2d_3b_1x1", "Conv2d_4a_3x3"},
	{"Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"},
	{"Mixed_7a", "Mixed_7b", "Mixed_7c"},
}

// newState checks a state dict: that of the published file, of torch-fidelity's FeatureExtractorInceptionV3 (the same
// names), or of pytorch-fid's InceptionV3, which has no last layer and, where fewer outputs were asked for, fewer stages.
func newState(arrays map[string]weights.Array) (*state, error) {
	s := &state{arrays: map[string]weights.Array{}}
	inBlocks := false
	for name, a := range arrays {
		if strings.HasSuffix(name, ".num_batches_tracked") || strings.HasPrefix(name, "AuxLogits.") {
			continue // a counter of training, and a branch that only training has
		}
		plain, ok := fromBlocks(name)
		inBlocks = inBlocks || ok
		s.arrays[plain] = a
	}
	if fc, ok := s.arrays["fc.weight"]; ok && slices.Equal(fc.Shape, []int{1000, Features}) {
		return nil, errors.New("these are torchvision's weights of Inception v3 (1000 classes): another network than that of " +
			"FID, with which scores cannot be compared; FID needs " + fileName)
	}
	want := map[string][]int{}
	for stage := range stages {
		parameters := stageParameters(stage)
		if inBlocks && !slices.ContainsFunc(parameters, s.has) {
			break
		}
		s.depth = stage + 1
		for _, p := range parameters {
			want[p.Name] = p.Shape
		}
	}
	if s.head = !inBlocks; s.head {
		for _, p := range headParameters() {
			want[p.Name] = p.Shape
		}
	}
	return s, s.check(want)
}

// fromBlocks translates a name of pytorch-fid's class: "blocks.2.3.branch3x3.conv.weight" is
// "Mixed_6a.branch3x3.conv.weight".
func fromBlocks(name string) (plain string, ok bool) {
	for stage, layers := range blockNames {
		for i, layer := range layers {
			if rest, ok := strings.CutPrefix(name, fmt.Sprintf("blocks.%d.%d.", stage, i)); ok {
				return layer + "." + rest, true
			}
		}
	}
	return name, false
}

func (s *state) has(p Parameter) bool {
	_, ok := s.arrays[p.Name]
	return ok
}

// check compares names, shapes and types; the error names the first that is wrong.
func (s *state) check(want map[string][]int) error {
	missing := 0
	first := ""
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, ok := s.arrays[name]; !ok {
			if missing == 0 {
				first = name
			}
			missing++
		}
	}
	if missing > 0 {
		return fmt.Errorf("this is no state dict of the 2015 Inception network: %d of its %d arrays are missing, the first is %s",
			missing, len(want), first)
	}
	for _, name := range slices.Sorted(maps.Keys(s.arrays)) {
		shape, ok := want[name]
		a := s.arrays[name]
		switch {
		case !ok:
			return fmt.Errorf("the 2015 Inception network has no array %s %v", name, a.Shape)
		case !slices.Equal(shape, a.Shape):
			return fmt.Errorf("%s has the shape %v, want %v", name, a.Shape, shape)
		}
		if _, err := (weights.Array{DType: a.DType, Shape: []int{0}}).Float32s(); err != nil {
			return fmt.Errorf("%s is %s, want numbers in floating point", name, a.DType)
		}
	}
	return nil
}

// epsilon is what the network's batch norm adds to a variance.
const epsilon = 1e-3

// A kernel is a convolution of the graph: [height, width, in, out], and a bias [out]. Batch norm is in it: computing with
// running statistics it is an affine map, so
//
//	kernel = γ/√(σ²+ε) · W,  bias = β - μ·γ/√(σ²+ε)
type kernel struct {
	shape   []int
	weights []float32
	bias    []float32
}

// fold computes the kernel of a layer in float64. The error names an array with a number that is not finite.
func (s *state) fold(c conv) (*kernel, error) {
	values := map[string][]float64{}
	for _, part := range []string{"conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"} {
		v, err := s.finite(c.name + "." + part)
		if err != nil {
			return nil, err
		}
		values[part] = v
	}
	h, w := c.kernel[0], c.kernel[1]
	k := &kernel{shape: []int{h, w, c.in, c.out}, weights: make([]float32, h*w*c.in*c.out), bias: make([]float32, c.out)}
	from := values["conv.weight"]
	for o := range c.out {
		variance := values["bn.running_var"][o]
		if variance < 0 {
			return nil, fmt.Errorf("%s.bn.running_var[%d] is %g, a variance cannot be negative", c.name, o, variance)
		}
		scale := values["bn.weight"][o] / math.Sqrt(variance+epsilon)
		k.bias[o] = float32(values["bn.bias"][o] - values["bn.running_mean"][o]*scale)
		for i := range c.in {
			for p := range h * w {
				k.weights[(p*c.in+i)*c.out+o] = float32(from[(o*c.in+i)*h*w+p] * scale)
			}
		}
	}
	return k, nil
}

// finite returns an array as float64.
func (s *state) finite(name string) ([]float64, error) {
	values, err := s.arrays[name].Float64s()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s holds %g at place %d", name, v, i)
		}
	}
	return values, nil
}

// beside puts 1x1 kernels of one input side by side.
func beside(kernels []*kernel) *kernel {
	in, out := kernels[0].shape[2], 0
	for _, k := range kernels {
		out += k.shape[3]
	}
	all := &kernel{shape: []int{1, 1, in, out}, weights: make([]float32, in*out)}
	at := 0
	for _, k := range kernels {
		n := k.shape[3]
		for i := range in {
			copy(all.weights[i*out+at:], k.weights[i*n:(i+1)*n])
		}
		all.bias = append(all.bias, k.bias...)
		at += n
	}
	return all
}
