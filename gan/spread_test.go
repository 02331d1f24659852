package gan

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// Two images of two pixels: the first pixel is 1 and 4, of standard deviation 1.5, the second 2 and 2, of none.
func TestSpread(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node {
		s := &Step{reports: map[string]*graph.Node{}}
		reportSpread(s, graph.Reshape(in[0], 2, 1, 2, 1), graph.Reshape(in[1], 2, 1, 2, 1))
		return []*graph.Node{s.reports["spread_real"], s.reports["spread_fake"]}
	}, []float32{1, 2, 4, 2}, []float32{3, 3, 3, 3})
	near(t, "spread_real", float64(got[0][0]), (1.5+0)/2, 1e-6)
	near(t, "spread_fake", float64(got[1][0]), 0, 0)
}

// One image in a batch has no spread, and nothing is divided by zero.
func TestSpreadOfOne(t *testing.T) {
	got := callGraph(t, func(in []*graph.Node) []*graph.Node { return []*graph.Node{spread(graph.Reshape(in[0], 1, 2))} }, []float32{1, 2})
	if v := got[0][0]; v != 0 {
		t.Errorf("got %g, want 0", v)
	}
}
