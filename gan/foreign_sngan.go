package gan

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/weights"
)

// mimicryBlocks are the layers of a block and their names there.
var mimicryBlocks = map[string]string{"conv1": "c1", "conv2": "c2", "shortcut": "c_sc", "bn1": "b1", "bn2": "b2"}

func isSNGANGenerator(s foreign.State) bool {
	return s.Has("l1.weight") && s.Has("block2.c1.weight")
}

func isSNGANDiscriminator(s foreign.State) bool {
	return s.Has("block1.c1.weight") || s.Has("block1.c1.weight_orig")
}

// readSNGANGenerator reads SNGANGenerator32, 48 or 64 or CGANPDGenerator32 of kwotsin/mimicry (torch-mimicry 0.1.16). They
// differ from SNGANGenerator in that they upsample bilinearly and in ε of batch norm.
func readSNGANGenerator(s foreign.State) (*foreignNetwork, error) {
	name := func(i int) string { return fmt.Sprintf("block%d.c1.weight", i+2) }
	n := s.Count(name)
	dense, err := s.Dims("l1.weight", 2)
	if err != nil {
		return nil, err
	}
	first, err := s.Dims(name(0), 4)
	if err != nil {
		return nil, err
	}
	out, err := s.Dims(fmt.Sprintf("c%d.weight", n+2), 4)
	if err != nil {
		return nil, err
	}
	widest := first[1]
	size, err := mimicrySize(n, dense[0], widest)
	if err != nil {
		return nil, err
	}
	r := resnet{epsilon: blocks.BatchNormEpsilon, mimicry: true}
	if table, found := s["block2.b1.embed.weight"]; found && len(table.Shape) == 2 {
		r.classes = table.Shape[0]
	}
	width, start, channels := widest, 4, out[0]
	if size != 32 {
		width = widest >> n
	}
	if size == 48 {
		start = 6
	}
	ports := []foreign.Port{
		{Name: "l1.weight", Shape: []int{start * start * widest, dense[1]}, View: []int{widest, start, start, dense[1]},
			Perm: []int{3, 1, 2, 0}, Ours: []string{"000-dense/weight"}, Dims: []int{dense[1], start * start * widest}},
		{Name: "l1.bias", Shape: []int{start * start * widest}, View: []int{widest, start, start}, Perm: []int{1, 2, 0},
			Ours: []string{"000-dense/bias"}, Dims: []int{start * start * widest}},
	}
	in := widest
	for i := range n {
		maps := width
		if size != 32 {
			maps = in / 2
		}
		there, ours := fmt.Sprintf("block%d.", i+2), fmt.Sprintf("%03d-block/", i+1)
		ports = append(ports, convPorts(there, ours, "conv1", in, maps, 3)...)
		ports = append(ports, convPorts(there, ours, "conv2", maps, maps, 3)...)
		ports = append(ports, convPorts(there, ours, "shortcut", in, maps, 1)...)
		ports = append(ports, r.normPorts(there, ours, "bn1", in)...)
		ports = append(ports, r.normPorts(there, ours, "bn2", maps)...)
		in = maps
	}
	ports = append(ports, foreign.BatchNorm(fmt.Sprintf("b%d", n+2), fmt.Sprintf("%03d-bn", n+1), in)...)
	ports = append(ports, kernelPorts(fmt.Sprintf("c%d", n+2), fmt.Sprintf("%03d-conv", n+2), in, channels, 3)...)
	return &foreignNetwork{architecture: "resnet-sngan", size: size, channels: channels, latents: dense[1], classes: r.classes,
		width: width, ports: ports, network: r.snganGenerator(size, channels, width)}, nil
}

// mimicrySize tells the size of a generator's images from the number of its blocks and the side of its smallest map.
func mimicrySize(blocks, units, maps int) (int, error) {
	switch {
	case blocks == 3 && units == 16*maps:
		return 32, nil
	case blocks == 3 && units == 36*maps:
		return 48, nil
	case blocks == 4 && units == 16*maps:
		return 64, nil
	}
	return 0, fmt.Errorf("it has %d blocks after %d units for %d maps; generators of 32, 48 and 64 px are known", blocks, units, maps)
}

// readSNGANDiscriminator reads SNGANDiscriminator32, 48 or 64 or CGANPDDiscriminator32 of kwotsin/mimicry. They differ from
// SNGANDiscriminator in that the ReLU which opens a block acts in place and so on the shortcut, too, and in a bias at 32 px.
// The weights are already divided by their singular values; see withoutSpectralNorm.
func readSNGANDiscriminator(s foreign.State) (*foreignNetwork, error) {
	s, err := withoutSpectralNorm(s)
	if err != nil {
		return nil, err
	}
	n := s.Count(func(i int) string { return fmt.Sprintf("block%d.c1.weight", i+1) })
	first, err := s.Dims("block1.c1.weight", 4)
	if err != nil {
		return nil, err
	}
	width, channels := first[0], first[1]
	var size int
	switch {
	case n == 4:
		size = 32
	case n == 5 && s.Has("l6.weight"):
		size = 64
	case n == 5:
		size = 48
	default:
		return nil, fmt.Errorf("it has %d blocks; discriminators of 32, 48 and 64 px are known, with 4 or 5", n)
	}
	r := resnet{mimicry: true}
	var ports []foreign.Port
	in := channels
	for i := range n {
		maps, hidden := width, in
		if size != 32 {
			maps = width << i
		}
		if i == 0 {
			hidden = maps
		}
		there, ours := fmt.Sprintf("block%d.", i+1), fmt.Sprintf("%03d-block/", i)
		ports = append(ports, convPorts(there, ours, "conv1", in, hidden, 3)...)
		ports = append(ports, convPorts(there, ours, "conv2", hidden, maps, 3)...)
		if i < 2 || in != maps {
			ports = append(ports, convPorts(there, ours, "shortcut", in, maps, 1)...)
		}
		in = maps
	}
	linear := map[int]string{32: "l5", 48: "l5", 64: "l6"}[size]
	ports = append(ports,
		foreign.Port{Name: linear + ".weight", Shape: []int{1, in}, Perm: []int{1, 0}, Ours: []string{fmt.Sprintf("%03d-dense/weight", n)}},
		foreign.Port{Name: linear + ".bias", Shape: []int{1}, Ours: []string{fmt.Sprintf("%03d-dense/bias", n)}})
	if table, found := s["l_y.weight"]; found && len(table.Shape) == 2 {
		r.classes = table.Shape[0]
		ports = append(ports, foreign.Port{Name: "l_y.weight", Shape: []int{r.classes, in}, Ours: []string{fmt.Sprintf("%03d-embedding/weight", n+1)}})
	}
	return &foreignNetwork{architecture: "resnet-sngan", size: size, channels: channels, classes: r.classes, width: width,
		ports: ports, network: r.snganDiscriminator(size, width), state: s}, nil
}

// convPorts are kernel and bias of a convolution in a block.
func convPorts(there, ours, layer string, in, out, kernel int) []foreign.Port {
	return kernelPorts(there+mimicryBlocks[layer], ours+layer, in, out, kernel)
}

func kernelPorts(name, ours string, in, out, kernel int) []foreign.Port {
	return []foreign.Port{
		{Name: name + ".weight", Shape: []int{out, in, kernel, kernel}, Perm: foreign.KernelAxes, Ours: []string{ours + "/weight"}},
		{Name: name + ".bias", Shape: []int{out}, Ours: []string{ours + "/bias"}},
	}
}

// normPorts are the tensors of a batch norm in a block. If it is conditional, a row of the table has the scales and then
// the shifts of a class.
func (r resnet) normPorts(there, ours, layer string, channels int) []foreign.Port {
	name, ours := there+mimicryBlocks[layer], ours+layer
	if r.classes == 0 {
		return foreign.BatchNorm(name, ours, channels)
	}
	ports := foreign.BatchNorm(name+".bn", ours, channels)[2:] // the averages
	return append(ports, foreign.Port{Name: name + ".embed.weight", Shape: []int{r.classes, 2 * channels},
		View: []int{r.classes, 2, channels}, Perm: []int{1, 0, 2}, Ours: []string{ours + "/weight", ours + "/bias"}})
}

// withoutSpectralNorm divides weights by their singular values as evaluation mode does: with weight_orig, weight_u and
// weight_v, those of torch.nn.utils.spectral_norm, by u·W·v; with weight and sn_u, those of mimicry's own class, after a step of
// the power iteration. W is [out, n].
func withoutSpectralNorm(s foreign.State) (foreign.State, error) {
	out := maps.Clone(s)
	for _, name := range slices.Sorted(maps.Keys(s)) {
		layer, found := strings.CutSuffix(name, ".weight_orig")
		own := false
		if !found {
			if layer, own = strings.CutSuffix(name, ".sn_u"); !own {
				continue
			}
		}
		weight := layer + ".weight"
		vectors := []string{layer + ".weight_u", layer + ".weight_v"}
		if own {
			name, vectors = weight, []string{layer + ".sn_u"}
			delete(out, layer+".sn_sigma")
		}
		a, err := divided(s, name, vectors)
		if err != nil {
			return nil, err
		}
		for _, used := range append(vectors, name) {
			delete(out, used)
		}
		out[weight] = a
	}
	return out, nil
}

// divided returns a weight over u·W·v, where v is W's own for u if only u is given.
func divided(s foreign.State, name string, vectors []string) (weights.Array, error) {
	a, found := s[name]
	if !found || len(a.Shape) < 2 || a.Len() < 1 {
		return weights.Array{}, fmt.Errorf("it has no tensor %s for %s", name, vectors[0])
	}
	w, err := a.Float64s()
	if err != nil {
		return weights.Array{}, fmt.Errorf("tensor %s: %w", name, err)
	}
	m := matrix{values: w, rows: a.Shape[0], columns: len(w) / a.Shape[0]}
	sides := [][]float64{nil, nil}
	for i, vector := range vectors {
		have, found := s[vector]
		if !found {
			return weights.Array{}, fmt.Errorf("it has no tensor %s, but %s", vector, name)
		}
		if sides[i], err = have.Float64s(); err != nil {
			return weights.Array{}, fmt.Errorf("tensor %s: %w", vector, err)
		}
		if want := []int{m.rows, m.columns}[i]; len(sides[i]) != want {
			return weights.Array{}, fmt.Errorf("tensor %s is %v, want %d values for %s %v", vector, have.Shape, want, name, a.Shape)
		}
	}
	u, v := sides[0], sides[1]
	if v == nil {
		v = normalized(m.transposedTimes(u))
		u = normalized(m.times(v))
	}
	sigma := 0.0
	for i, x := range m.times(v) {
		sigma += u[i] * x
	}
	divided := make([]float32, len(w))
	for i, x := range w {
		divided[i] = float32(x / sigma)
	}
	return weights.FromFloat32(divided, a.Shape...), nil
}

// matrix has rows one after the other.
type matrix struct {
	values        []float64
	rows, columns int
}

func (m matrix) times(v []float64) []float64 {
	out := make([]float64, m.rows)
	for i, x := range m.values {
		out[i/m.columns] += x * v[i%m.columns]
	}
	return out
}

func (m matrix) transposedTimes(u []float64) []float64 {
	out := make([]float64, m.columns)
	for i, x := range m.values {
		out[i%m.columns] += x * u[i/m.columns]
	}
	return out
}

// normalized returns v over its length, or over the ε of both classes if that is larger.
func normalized(v []float64) []float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	length := max(math.Sqrt(sum), blocks.SpectralEpsilon)
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x / length
	}
	return out
}
