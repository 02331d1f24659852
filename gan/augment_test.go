package gan

import (
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// formulaDraws gives the draws of make_augment.py for 4 images.
func formulaDraws(g *graph.Graph) func(n int) *graph.Node {
	salt := uint32(9)
	return func(n int) *graph.Node {
		salt++
		values := golden.Values(salt, n*4)
		for i := range values {
			values[i] = (values[i] + 1) / 2
		}
		return graph.ConstTensor(g, tensors.FromFlatDataAndDimensions(values, n, 4))
	}
}

func TestDiffAugmentEqualsReference(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/augment.npz")
	if err != nil {
		t.Fatal(err)
	}
	for backendName, backend := range backends(t) {
		for name, test := range map[string]struct {
			channels int
			policy   string
		}{"all": {3, "color,translation,cutout"}, "grey": {1, "color,translation,cutout"}, "cut_first": {3, "cutout,translation"}} {
			x := formulaTensor[float32](1, 4, 10, 18, test.channels)
			got := flatOf[float32](t, callTensors(t, backend, func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{augment(in[0], test.policy, formulaDraws(in[0].Graph()))}
			}, []*tensors.Tensor{x})[0])
			want := floats(t, ref[name])
			for i, v := range got {
				near(t, backendName+" "+name, float64(v), want[i], 1e-6) // means over an image in float32
			}
		}
	}
}

// A penalty through the augmentation needs second derivatives: of the squared gradient of Σ sin(augment(x)) along a line.
func TestDiffAugmentHasSecondDerivatives(t *testing.T) {
	penalty := func(in []*graph.Node) *graph.Node {
		x := in[0]
		y := augment(x, "color,translation,cutout", func(n int) *graph.Node {
			return graph.ConvertDType(formulaDraws(x.Graph())(n), x.DType())
		})
		return graph.ReduceAllSum(graph.Square(graph.Gradient(graph.ReduceAllSum(graph.Sin(y)), x)[0]))
	}
	for name, backend := range backends(t) {
		checkSlope(t, name, backend, penalty, []*tensors.Tensor{formulaTensor[float64](1, 4, 8, 8, 3)}, 0)
	}
}

// The draws of a run: every image its own, and the whole range of whole numbers.
func TestDiffAugmentDraws(t *testing.T) {
	spec := scalarSpec(Phase{Name: "P", Player: "p", Fresh: true, Reals: true})
	inner := spec.Phases[0].Loss
	spec.Phases[0].Loss = func(s *Step) *graph.Node {
		x := graph.BroadcastToDims(graph.ScalarOne(s.Graph, s.X.DType()), 512, 8, 8, 1)
		// The mean of an image of ones moves by the brightness, U - 1/2; the other two changes of color do nothing to it.
		brightness := graph.ReduceMean(DiffAugment(s, x, "color"), 1, 2, 3)
		s.Report("brightness_mean", graph.ReduceAllMean(brightness))
		s.Report("brightness_min", graph.ReduceAllMin(brightness))
		s.Report("brightness_max", graph.ReduceAllMax(brightness))
		// Where a column of ones in the middle is after a translation tells how far it went: by one pixel at most.
		column := graph.ConvertDType(graph.Equal(graph.Iota(s.Graph, x.Shape(), 2), graph.Scalar(s.Graph, x.DType(), 4)), x.DType())
		moved := graph.ReduceMean(DiffAugment(s, column, "translation"), 0, 3)
		for i, name := range []string{"left", "middle", "right"} {
			s.Report(name, graph.Reshape(graph.Slice(moved, graph.AxisElem(4), graph.AxisElem(3+i))))
		}
		s.Report("uncut", graph.ReduceAllMean(DiffAugment(s, x, "cutout")))
		s.Report("same", graph.ReduceAllMean(DiffAugment(s, x, "")))
		return inner(s)
	}
	report, err := newSpecTrainer(t, testbackend.Go(t), spec).Step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := report.Values()
	if err != nil {
		t.Fatal(err)
	}
	// Five standard errors over 512 images.
	near(t, "mean brightness", got["brightness_mean"], 1, 5*math.Sqrt(1.0/12/512))
	near(t, "least brightness", got["brightness_min"], 0.5, 5.0/512)
	near(t, "most brightness", got["brightness_max"], 1.5, 5.0/512)
	for _, place := range []string{"left", "middle", "right"} {
		near(t, place, got[place], 1.0/3, 5*math.Sqrt(2.0/9/512))
	}
	// The 9 places of a rectangle's centre leave 2, 3, 4, 4, 4, 4, 4, 3 and 2 of 8 pixels to cut on each axis.
	cut := 30.0 / 9 / 8
	near(t, "uncut", got["uncut"], 1-cut*cut, 5*0.1/math.Sqrt(512))
	near(t, "no policy", got["same"], 1, 0)
}

func TestDiffAugmentNamesItsChanges(t *testing.T) {
	if err := validatePolicy("color,cutout"); err != nil {
		t.Error(err)
	}
	if err := validatePolicy("color,colour"); err == nil || !strings.Contains(err.Error(), `"colour"; there are color, cutout, translation`) {
		t.Errorf("got %v", err)
	}
}
