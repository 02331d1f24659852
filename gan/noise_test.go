package gan

import (
	"math"
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/graph"
)

// A step of InstanceNoise on zeros reports mean and variance of what was added, and how far a second draw is from it.
func TestInstanceNoise(t *testing.T) {
	const img, size = 250, 40 * 40 * 4
	cfg := Config{InstanceNoise: 0.4, InstanceNoiseKimg: 1}
	spec := scalarSpec(Phase{Name: "P", Player: "p", Fresh: true, Reals: true})
	inner := spec.Phases[0].Loss
	spec.Phases[0].Loss = func(s *Step) *graph.Node {
		x := graph.BroadcastToDims(graph.ScalarZero(s.Graph, s.X.DType()), 4, 40, 40, 1)
		first, second := InstanceNoise(s, x, s.Scalar(noiseScalar)), InstanceNoise(s, x, s.Scalar(noiseScalar))
		s.Report("mean", graph.ReduceAllMean(first))
		s.Report("variance", graph.ReduceAllMean(graph.Square(first)))
		s.Report("product", graph.ReduceAllMean(graph.Mul(first, second)))
		return inner(s)
	}
	spec.Controllers = cfg.controllers()
	trainer := newSpecTrainer(t, testbackend.Go(t), spec)
	trainer.img = img
	report, err := trainer.Step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := report.Values()
	if err != nil {
		t.Fatal(err)
	}
	// σ = 0.3 at a quarter of the way; five standard errors of a mean, a variance and a product of independent numbers.
	variance, n := 0.3*0.3, float64(size)
	near(t, "mean", got["mean"], 0, 5*0.3/math.Sqrt(n))
	near(t, "variance", got["variance"], variance, 5*variance*math.Sqrt(2/n))
	near(t, "product of two draws", got["product"], 0, 5*variance/math.Sqrt(n))
}
