package cyclegan

import (
	"math"
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	. "github.com/gomlx/gomlx/core/graph"
)

// TestObjectives: the losses of maps of two patches, by hand with the formulas of the reference code.
func TestObjectives(t *testing.T) {
	real, fake := []float32{1.5, -0.5}, []float32{0.25, -2}
	softplus := func(x float64) float64 { return math.Log1p(math.Exp(x)) }
	for name, want := range map[string]struct{ d, g float64 }{
		LSGAN:   {0.5*(0.25+2.25)/2 + 0.5*(0.0625+4)/2, (0.5625 + 9) / 2},
		Vanilla: {0.5 * (softplus(-1.5) + softplus(0.5) + softplus(0.25) + softplus(-2)) / 2, (softplus(-0.25) + softplus(2)) / 2},
		WGANGP:  {0.5 * (-1.75 - 1) / 2, 1.75 / 2},
	} {
		o := objectives[name]
		exec := MustNewExec(testbackend.Go(t), func(real, fake *Node) []*Node {
			return []*Node{MulScalar(o.loss.D(real, fake), o.d), MulScalar(o.loss.G(nil, fake), o.g)}
		})
		out := exec.MustCall(real, fake)
		for i, want := range []float64{want.d, want.g} {
			if got := float64(out[i].Value().(float32)); math.Abs(got-want) > 1e-6 { // rounding of float32
				t.Errorf("%s: loss %d is %g, want %g", name, i, got, want)
			}
		}
		exec.Finalize()
	}
}

// TestCorrelation: of a picture with itself, brighter, its negative, and a flat one.
func TestCorrelation(t *testing.T) {
	a := [][]float32{{-1, 0.5, 0.25, 1}, {0.5, -0.5, 0.5, -0.5}}
	for name, test := range map[string]struct {
		b    [][]float32
		want float64
	}{
		"itself":        {a, 1},
		"another scale": {[][]float32{{0, 0.75, 0.625, 1}, {0.75, 0.25, 0.75, 0.25}}, 1},
		"the negative":  {[][]float32{{1, -0.5, -0.25, -1}, {-0.5, 0.5, -0.5, 0.5}}, -1},
		"one of two":    {[][]float32{{-1, 0.5, 0.25, 1}, {-0.5, 0.5, -0.5, 0.5}}, 0},
		"flat":          {[][]float32{{0.5, 0.5, 0.5, 0.5}, {-1, -1, -1, -1}}, 0},
		"orthogonal":    {[][]float32{{-1, 0.5, 0.25, 1}, {0.5, 0.5, -0.5, -0.5}}, 0.5},
	} {
		exec := MustNewExec(testbackend.Go(t), Correlation)
		if got := float64(exec.MustCall(a, test.b)[0].Value().(float32)); math.Abs(got-test.want) > 1e-5 { // rounding of float32
			t.Errorf("%s: %g, want %g", name, got, test.want)
		}
		exec.Finalize()
	}
}
