package blocks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gogan-ml/gogan/blocks"
)

// TestResampledConvolution compares convolutions that double or halve the image with the two operations one after the
// other, up to second derivatives, in float64, whose rounding 1e-12 is far above.
func TestResampledConvolution(t *testing.T) {
	for name, backend := range backends(t) {
		for _, c := range []struct {
			h, w, kernel, padding int
			lowering              blocks.Lowering
			pooled                bool
			compiled              bool // XLA runs it too
		}{
			{3, 4, 3, 1, blocks.Winograd, false, true},
			{4, 6, 3, 1, blocks.Winograd, true, true},
			{1, 1, 3, 1, blocks.Winograd, false, false},
			{2, 2, 3, 1, blocks.Winograd, true, false},
			{3, 4, 1, 0, blocks.Auto, false, false},
			{4, 6, 1, 0, blocks.Auto, true, false},
			{3, 2, 3, 1, blocks.Patches, false, false},
			{4, 2, 3, 1, blocks.Patches, true, false},
			{3, 3, 3, 2, blocks.Winograd, false, false},
			{4, 6, 3, 0, blocks.Winograd, true, false},
		} {
			if name == "xla" && !c.compiled {
				continue
			}
			spec := blocks.ConvSpec{Stride: 1, Padding: c.padding, Lowering: c.lowering, Upsampled: !c.pooled, Pooled: c.pooled}
			plain := blocks.ConvSpec{Stride: 1, Padding: c.padding, Lowering: blocks.Plain}
			t.Run(fmt.Sprintf("%s/%+v", name, c), func(t *testing.T) {
				out := call(t, backend, func(x, kernel *graph.Node) []*graph.Node {
					return slices.Concat(derivativesOf(x, kernel, func(x, kernel *graph.Node) *graph.Node {
						return blocks.Convolution(x, kernel, spec)
					}), derivativesOf(x, kernel, func(x, kernel *graph.Node) *graph.Node {
						if c.pooled {
							return blocks.AveragePool2(blocks.Convolution(x, kernel, plain))
						}
						return blocks.Convolution(blocks.UpsampleNearest2(x), kernel, plain)
					}))
				}, formula(1, 2, c.h, c.w, 2), formula(2, c.kernel, c.kernel, 2, 3))
				for i, key := range derivatives {
					near(t, key, flat(t, out[i]), flat(t, out[len(derivatives)+i]), 1e-12)
				}
			})
		}
	}
}

// TestWinogradSizes compares the lowering with the backend's convolution where tiles and image do not end together.
func TestWinogradSizes(t *testing.T) {
	for _, c := range []struct{ h, w, padding int }{{3, 3, 0}, {4, 5, 0}, {1, 1, 1}, {5, 2, 1}, {3, 4, 2}, {2, 3, 3}, {1, 2, 4}} {
		for _, transposed := range []bool{false, true} {
			if transposed && min(c.h, c.w) < 2*c.padding-1 {
				continue // nothing is left
			}
			spec := blocks.ConvSpec{Stride: 1, Padding: c.padding, Transposed: transposed}
			out := call(t, backends(t)["go"], func(x, kernel *graph.Node) []*graph.Node {
				var nodes []*graph.Node
				for _, l := range []blocks.Lowering{blocks.Winograd, blocks.Plain} {
					spec.Lowering = l
					nodes = append(nodes, differentiate(x, kernel, spec)...)
				}
				return nodes
			}, formula(1, 2, c.h, c.w, 2), formula(2, 3, 3, 2, 3))
			for i, key := range derivatives {
				near(t, fmt.Sprintf("%+v: %s", spec, key), flat(t, out[i]), flat(t, out[len(derivatives)+i]), 1e-12)
			}
		}
	}
}

// TestConvolutionPanics: what cannot be is said in words.
func TestConvolutionPanics(t *testing.T) {
	for _, c := range []struct {
		kernel int
		spec   blocks.ConvSpec
		words  string
	}{
		{3, blocks.ConvSpec{Stride: 1, Padding: 1, Upsampled: true, Pooled: true}, "only one of Transposed, Upsampled and Pooled"},
		{3, blocks.ConvSpec{Stride: 1, Padding: 1, Transposed: true, Upsampled: true}, "only one of Transposed, Upsampled and Pooled"},
		{4, blocks.ConvSpec{Stride: 1, Lowering: blocks.Winograd}, "kernels 3x3 of stride 1, not [4 4]"},
		{3, blocks.ConvSpec{Stride: 2, Lowering: blocks.Winograd}, "of stride 2"},
		{3, blocks.ConvSpec{Stride: 1, Pooled: true, Lowering: blocks.Winograd}, "even height and width"},
	} {
		exec, err := graph.NewExec(backends(t)["go"], func(x, kernel *graph.Node) *graph.Node {
			return blocks.Convolution(x, kernel, c.spec)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.Call(formula(1, 1, 5, 5, 1), formula(2, c.kernel, c.kernel, 1, 1)); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%+v: %v, want an error that says %q", c.spec, err, c.words)
		}
		exec.Finalize()
	}
}
