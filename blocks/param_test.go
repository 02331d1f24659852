package blocks_test

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

func seeded(seed int64) *model.Scope {
	store := model.NewStore()
	store.SetParam(model.ParamInitialSeed, seed)
	return store.RootScope()
}

func values(t *testing.T, v *model.Variable) []float32 {
	t.Helper()
	flat, err := tensors.CopyFlatData[float32](v.MustValue())
	if err != nil {
		t.Fatal(err)
	}
	return flat
}

// TestParamDependsOnSeedAndPathAlone: neither on what else was created nor on the order.
func TestParamDependsOnSeedAndPathAlone(t *testing.T) {
	init := blocks.Normal(0, 1)
	first := seeded(7)
	a := values(t, blocks.Param(first.At("a"), "weight", init, 3, 4))
	b := values(t, blocks.Param(first.At("b"), "weight", init, 3, 4))
	second := seeded(7)
	b2 := values(t, blocks.Param(second.At("b"), "weight", init, 3, 4))
	if !slices.Equal(b, b2) {
		t.Errorf("created first, /b/weight is %v, created second %v", b2, b)
	}
	if slices.Equal(a, b) {
		t.Error("two paths have the same values")
	}
	if c := values(t, blocks.Param(seeded(8).At("a"), "weight", init, 3, 4)); slices.Equal(a, c) {
		t.Error("two seeds give the same values")
	}
	// The documented stream; another one would change every run that was ever recorded.
	sum := sha256.Sum256([]byte("\x07\x00\x00\x00\x00\x00\x00\x00/a/weight"))
	rng := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])))
	for i, got := range a {
		if want := float32(rng.NormFloat64()); got != want {
			t.Fatalf("/a/weight[%d] with seed 7 is %v, want %v", i, got, want)
		}
	}
}

func TestParamIsReused(t *testing.T) {
	scope := seeded(0)
	v := blocks.Param(scope, "weight", blocks.Constant(2), 2)
	if again := blocks.Param(scope, "weight", blocks.Constant(3), 2); again != v {
		t.Error("a second Param made another variable")
	}
	if !v.Trainable || blocks.Buffer(scope, "mean", blocks.Constant(0)).Trainable {
		t.Error("Param must be trainable, Buffer not")
	}
	mustPanic(t, "another shape", func() { blocks.Param(scope, "weight", blocks.Constant(2), 3) },
		"blocks:", "/weight", "[2]", "[3]")
	mustPanic(t, "an empty shape", func() { blocks.Param(scope, "none", blocks.Constant(2), 3, 0) }, "/none", "[3 0]")
	mustPanic(t, "no initializer", func() { blocks.Param(scope, "none", nil, 3) }, "/none", "initializer")
	mustPanic(t, "a wrong initializer", func() { blocks.Param(scope, "none", fixed([]float64{1}), 3) }, "/none", "[3]")
}

// TestInitializers checks mean and spread over 40,000 values; five standard errors are about 0.025 standard deviations
// for the mean, 0.018 for the deviation itself.
func TestInitializers(t *testing.T) {
	for _, c := range []struct {
		name      string
		init      blocks.Initializer
		mean, std float64
		bound     float64
	}{
		{"normal", blocks.Normal(1, 0.02), 1, 0.02, math.Inf(1)},
		{"uniform", blocks.Uniform(0.5), 0, 0.5 / math.Sqrt(3), 0.5},
		{"pytorch", blocks.PyTorchDefault(16), 0, 0.25 / math.Sqrt(3), 0.25},
	} {
		v := values(t, blocks.Param(seeded(1), c.name, c.init, 200, 200))
		mean, square, largest := 0.0, 0.0, 0.0
		for _, x := range v {
			mean += float64(x) / float64(len(v))
			largest = max(largest, math.Abs(float64(x)))
		}
		for _, x := range v {
			square += (float64(x) - mean) * (float64(x) - mean) / float64(len(v))
		}
		if math.Abs(mean-c.mean) > 0.025*c.std || math.Abs(math.Sqrt(square)-c.std) > 0.018*c.std {
			t.Errorf("%s has mean %g and deviation %g, want %g and %g", c.name, mean, math.Sqrt(square), c.mean, c.std)
		}
		if largest > c.bound {
			t.Errorf("%s goes up to %g, want at most %g", c.name, largest, c.bound)
		}
	}
}

// TestLayersStartAsPyTorch checks bounds of weights and biases: 1/sqrt(fan-in), reached to a few percent by the largest
// of hundreds of values.
func TestLayersStartAsPyTorch(t *testing.T) {
	store := model.NewStore()
	run(t, testbackend.Go(t), store, func(scope *model.Scope, x *graph.Node) []*graph.Node {
		return []*graph.Node{
			blocks.Conv2D(scope.In("conv"), x).Channels(64).Kernel(3).Done(),
			blocks.ConvTranspose2D(scope.In("transposed"), x).Channels(64).Kernel(3).Done(),
			blocks.Dense(scope.In("dense"), x, 64),
		}
	}, formula(1, 1, 4, 4, 8))
	for path, fanIn := range map[string]int{"/conv": 9 * 8, "/transposed": 9 * 64, "/dense": 8} {
		bound := 1 / math.Sqrt(float64(fanIn))
		for _, name := range []string{"/weight", "/bias"} {
			largest := 0.0
			for _, x := range values(t, store.GetVariable(path+name)) {
				largest = max(largest, math.Abs(float64(x)))
			}
			if largest > bound || largest < 0.85*bound {
				t.Errorf("%s%s goes up to %g, want %g", path, name, largest, bound)
			}
		}
	}
}

func TestLayersPanicOnWrongShapes(t *testing.T) {
	backend := testbackend.Go(t)
	build := func(f func(scope *model.Scope, x *graph.Node) *graph.Node, dims ...int) func() {
		return func() {
			exec := model.MustNewExec(backend, model.NewStore(), func(scope *model.Scope, x *graph.Node) *graph.Node {
				scope.SetTraining(x.Graph(), true)
				return f(scope, x)
			})
			defer exec.Finalize()
			exec.MustCall(formula(1, dims...))
		}
	}
	conv := func(c func(*blocks.Conv) *blocks.Conv) func(scope *model.Scope, x *graph.Node) *graph.Node {
		return func(scope *model.Scope, x *graph.Node) *graph.Node {
			return c(blocks.Conv2D(scope, x).Channels(1).Kernel(3)).Done()
		}
	}
	mustPanic(t, "rank 3", build(conv(func(c *blocks.Conv) *blocks.Conv { return c }), 4, 4, 1), "blocks:", "[4, 4, 1]")
	mustPanic(t, "nothing left", build(conv(func(c *blocks.Conv) *blocks.Conv { return c }), 1, 2, 4, 1), "[1, 2, 4, 1]", "[3, 3, 1, 1]")
	mustPanic(t, "stride 0", build(conv(func(c *blocks.Conv) *blocks.Conv { return c.Stride(0) }), 1, 4, 4, 1), "stride 0")
	mustPanic(t, "output padding", build(conv(func(c *blocks.Conv) *blocks.Conv { return c.OutputPadding(1) }), 1, 4, 4, 1),
		"output padding 1")
	mustPanic(t, "two paddings", build(func(_ *model.Scope, x *graph.Node) *graph.Node {
		kernel := graph.Ones(x.Graph(), shapes.Make(x.DType(), 3, 3, 1, 1))
		return blocks.Convolution(x, kernel, blocks.ConvSpec{Stride: 1, Padding: 1, PaddingHW: [2]int{0, 1}})
	}, 1, 4, 4, 1), "padding 1 and [0 1]")
	mustPanic(t, "lowering", build(conv(func(c *blocks.Conv) *blocks.Conv { return c.Lowering(99) }), 1, 4, 4, 1), "lowering 99")
	mustPanic(t, "one value", build(blocks.BatchNorm, 1, 3), "[1, 3]")
	mustPanic(t, "no channels", build(blocks.BatchNorm, 3), "[3]")
}
