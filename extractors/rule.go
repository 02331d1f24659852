package extractors

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// A rule is one program's way from 8-bit samples to the numbers that a network takes: resample, clip, scale, shift.
type rule struct {
	windows      func(in, out int) []window
	low, high    float32 // what the samples are clipped to after resampling
	scale, shift float32
}

var infinity = float32(math.Inf(1))

// rules are those of four programs, each checked against it by testdata/ref/make_preprocess.py.
var rules = map[Preprocess]rule{
	// torch-fidelity 0.3.0, interpolate_bilinear_2d_like_tensorflow1x; then (x-128)/128.
	TF1: {windowsTF1, -infinity, infinity, 1. / 128, -1},
	// pytorch-fid 0.3.0, torch.nn.functional.interpolate(mode="bilinear", align_corners=False) of x/255; then 2x-1.
	PytorchFID: {windowsTorch, -infinity, infinity, 2. / 255, -1},
	// clean-fid 0.1.35, Pillow's BICUBIC of float32 samples and clip to [0, 255]; then (x-128)/128.
	Clean: {windowsPillow, 0, 255, 1. / 128, -1},
	// torchmetrics 1.9.0, torch.nn.functional.interpolate(mode="bilinear", antialias=True); then (x-128)/128.
	Torchmetrics: {windowsTorchAntialias, -infinity, infinity, 1. / 128, -1},
}

// rule returns the arithmetic of a rule, or an error that lists those there are.
func (p Preprocess) rule() (rule, error) {
	r, ok := rules[p]
	if !ok {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(rules)) {
			names = append(names, string(name))
		}
		return rule{}, fmt.Errorf("extractors: there is no preprocessing %q; there are %s", p, strings.Join(names, ", "))
	}
	return r, nil
}

// A window says which samples of a line make one sample of the resized line: Σ_k weights[k]·x[first+k].
type window struct {
	first   int
	weights []float32
}

// between is the window of two neighbours: x[first] + (x[first+1] - x[first])·d. Beyond the last sample there is none.
func between(first int, d float32, in int) window {
	if first >= in-1 {
		return window{in - 1, []float32{1}}
	}
	return window{first, []float32{1 - d, d}}
}

// windowsTF1 is TensorFlow 1's ResizeBilinear with align_corners=False: sample i of the result lies at i·in/out, so
// that the picture moves by up to half a pixel; index arithmetic in float32.
func windowsTF1(in, out int) []window {
	scale := float32(float64(in) / float64(out))
	windows := make([]window, out)
	for i := range windows {
		at := float32(i) * scale
		first := int(at)
		windows[i] = between(first, at-float32(first), in)
	}
	return windows
}

// windowsTorch is PyTorch's bilinear interpolation with half-pixel centres on a CPU: sample i lies at
// (i+1/2)·in/out - 1/2, not below 0; index arithmetic in float32.
func windowsTorch(in, out int) []window {
	scale := float32(in) / float32(out)
	windows := make([]window, out)
	for i := range windows {
		at := max(float32(scale*(float32(i)+0.5))-0.5, 0)
		first := min(int(at), in-1)
		windows[i] = between(first, min(at-float32(first), 1), in)
	}
	return windows
}

// windowsTorchAntialias is the same with a triangle that is as wide as one pixel of the smaller picture; weights in
// float32.
func windowsTorchAntialias(in, out int) []window {
	scale := float32(in) / float32(out)
	support, inverse := float32(1), float32(1)
	if scale > 1 {
		support, inverse = scale, 1/scale
	}
	windows := make([]window, out)
	for i := range windows {
		center := scale * (float32(i) + 0.5)
		first := max(int(center-support+0.5), 0)
		end := min(int(center+support+0.5), in)
		w := window{first: first, weights: make([]float32, end-first)}
		var sum float32
		for k := range w.weights {
			x := float32(float32(k+first)-center+0.5) * inverse
			w.weights[k] = max(0, 1-float32(math.Abs(float64(x))))
			sum += w.weights[k]
		}
		for k := range w.weights {
			w.weights[k] /= sum
		}
		windows[i] = w
	}
	return windows
}

// windowsPillow is Pillow's BICUBIC (Keys' kernel, a = -1/2, stretched when shrinking); weights in float64. Package
// imaging has the same for 8-bit samples, where Pillow rounds the weights to 22 bits.
func windowsPillow(in, out int) []window {
	const radius = 2
	scale := float64(in) / float64(out)
	stretch := max(scale, 1)
	windows := make([]window, out)
	for i := range windows {
		center := (float64(i) + 0.5) * scale
		first := max(int(center-radius*stretch+0.5), 0)
		end := min(int(center+radius*stretch+0.5), in)
		values := make([]float64, end-first)
		var sum float64
		for k := range values {
			values[k] = cubic((float64(k+first) - center + 0.5) / stretch)
			sum += values[k]
		}
		w := window{first: first, weights: make([]float32, len(values))}
		for k, v := range values {
			w.weights[k] = float32(v / sum)
		}
		windows[i] = w
	}
	return windows
}

// cubic is Keys' interpolation kernel with a = -1/2 (IEEE Trans. ASSP 29, 1981, eq. 15).
func cubic(x float64) float64 {
	const a = -0.5
	switch x = math.Abs(x); {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	}
	return 0
}
