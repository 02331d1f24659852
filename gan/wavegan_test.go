package gan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// TestWaveGANEqualsPyTorch compares forward passes and one step of each player under the penalty; see make_wavegan.py.
func TestWaveGANEqualsPyTorch(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/wavegan.npz")
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{name: "wavegan", ref: ref, g: WaveGANGenerator(256, 1, 3), d: WaveGANCritic(256, 3, 0), sound: true,
		batch: 4, latents: 6, size: 256, saltD: 201, stride: 1, loss: Wasserstein, penalty: wganPenalty}
	p.compareForward(t, testbackend.Go(t))
	for name, backend := range backends(t) {
		t.Run(name, func(t *testing.T) { p.compareSteps(t, backend) })
	}
}

// TestWaveGANParameters: what the layers of the authors' code add up to (wavegan.py: a dense layer 100 -> 16·1024, then kernels of 25,
// all with biases), at the paper's size and width; and at 4096 samples, where the widest layers are left out.
func TestWaveGANParameters(t *testing.T) {
	for _, test := range []struct {
		cfg  Config
		g, d int64
	}{
		{WaveGAN(), 19065345, 17427969},
		// 100·16·128+2048, 25·128·64+64, 25·64·32+32, 25·32·16+16, 25·16+1; 25·16+16, 25·16·32+32, 25·32·64+64,
		// 25·64·128+128, 16·128+1
		{WaveGANSmall(), 206848 + 204864 + 51232 + 12816 + 401, 416 + 12832 + 51264 + 204928 + 2049},
	} {
		test.cfg.Batch = 1
		layers, err := Networks(test.cfg, hiss{test.cfg.ImageSize, test.cfg.SampleRate})
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int64{}
		for _, l := range layers {
			n := int64(1)
			for _, d := range l.Shape {
				n *= int64(d)
			}
			counts[l.Player] += n
		}
		if counts[GeneratorPlayer] != test.g || counts[DiscriminatorPlayer] != test.d {
			t.Errorf("%s has %v parameters, want %d and %d", test.cfg.Preset, counts, test.g, test.d)
		}
	}
}

// TestShufflePhase compares each shift with NumPy's reflecting pad, and all at once in a batch.
func TestShufflePhase(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/wavegan.npz")
	if err != nil {
		t.Fatal(err)
	}
	var x []float32
	var want []float64
	for shift := -2; shift <= 2; shift++ {
		x = append(x, golden.Values(103, 12)...)
		want = append(want, floats(t, ref[fmt.Sprintf("shuffle.%d", shift)])...)
	}
	exec, err := NewExec(testbackend.Go(t), func(x *Node) *Node {
		return shufflePhase(x, Const(x.Graph(), []float32{-2, -1, 0, 1, 2}), 2)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(x, 5, 1, 6, 2))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if float64(got[i]) != want[i] { // numbers are moved, not computed
			t.Fatalf("value %d is %g, want %g", i, got[i], want[i])
		}
	}
}

// The critic's shuffle moves in training only, each sound of a batch by itself, and every shift comes about.
func TestPhaseShuffleIsDrawn(t *testing.T) {
	const batch = 64
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(3); err != nil {
		t.Fatal(err)
	}
	outputs := func(training bool) []float32 {
		exec, err := model.NewExec(testbackend.Go(t), store, func(scope *model.Scope, g *Graph) *Node {
			scope.SetTraining(g, training)
			sound := Const(g, golden.Values(1, 256))
			x := BroadcastToDims(Reshape(sound, 1, 1, 256, 1), batch, 1, 256, 1)
			return WaveGANCritic(256, 2, 1)(scope.At("d").ResetVisited(), x)
		})
		if err != nil {
			t.Fatal(err)
		}
		defer exec.Finalize()
		out, err := exec.Call()
		if err != nil {
			t.Fatal(err)
		}
		values, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	still := outputs(false)
	if slices.Min(still) != slices.Max(still) {
		t.Error("sounds are moved outside of training")
	}
	distinct := func(values []float32) int { return len(slices.Compact(slices.Sorted(slices.Values(values)))) }
	moved, again := outputs(true), outputs(true)
	// One layer that moves by -1, 0 or 1. All 64 alike, or one of the three absent, has a chance below 1e-10.
	if distinct(moved) != 3 || slices.Equal(moved, again) {
		t.Errorf("%d different outputs, want 3; drawn anew: %t", distinct(moved), !slices.Equal(moved, again))
	}
	if !slices.Contains(moved, still[0]) {
		t.Error("no sound stays where it is")
	}
}

func TestWaveGANShapes(t *testing.T) {
	for name, build := range map[string]func(scope *model.Scope, g *Graph) *Node{
		"a length of 100": func(scope *model.Scope, g *Graph) *Node {
			return WaveGANGenerator(100, 1, 2)(scope, Const(g, [][]float32{{1}}))
		},
		"a length of 16": func(scope *model.Scope, g *Graph) *Node {
			return WaveGANGenerator(16, 1, 2)(scope, Const(g, [][]float32{{1}}))
		},
		"z of rank 1": func(scope *model.Scope, g *Graph) *Node {
			return WaveGANGenerator(64, 1, 2)(scope, Const(g, []float32{1}))
		},
		"a picture": func(scope *model.Scope, g *Graph) *Node {
			return WaveGANCritic(64, 2, 0)(scope, Zeros(g, shapes.Make(dtypes.Float32, 1, 8, 8, 1)))
		},
	} {
		exec, err := model.NewExec(testbackend.Go(t), model.NewStore(), build)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.Call(); err == nil || strings.Contains(firstLine(err), "nil pointer") {
			t.Errorf("%s: got %v", name, err)
		}
		exec.Finalize()
	}
}
