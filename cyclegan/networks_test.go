package cyclegan

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

var update = flag.Bool("update", false, "rewrite testdata/snap")

// sampled is the distance of the values of an output that make_cyclegan.py stores.
const sampled = 23

// originals are the networks of make_cyclegan.py.
var originals = []struct {
	name    string
	x       []int
	network gan.Network
}{
	{"resnet6", []int{2, 16, 24, 3}, ResNetGenerator(ResNet{3, 4, 6, InstanceNorm, Transposed, false})},
	{"resnet9", []int{1, 16, 16, 1}, ResNetGenerator(ResNet{1, 3, 9, InstanceNorm, Transposed, false})},
	{"resnet6_batch", []int{2, 16, 24, 3}, ResNetGenerator(ResNet{3, 3, 6, BatchNorm, Transposed, false})},
	{"unet128", []int{1, 128, 128, 3}, UNetGenerator(UNet{3, 2, 7, InstanceNorm, false})},
	{"unet256_batch", []int{2, 256, 256, 1}, UNetGenerator(UNet{1, 1, 8, BatchNorm, false})},
	{"patch3", []int{2, 40, 48, 3}, PatchGAN(Patch{3, 3, 3, InstanceNorm})},
	{"patch1", []int{1, 16, 16, 1}, PatchGAN(Patch{1, 3, 1, InstanceNorm})},
	{"patch4_batch", []int{2, 64, 64, 3}, PatchGAN(Patch{3, 2, 4, BatchNorm})},
	{"pixel", []int{2, 6, 8, 3}, PatchGAN(Patch{3, 3, 0, InstanceNorm})},
	{"pixel_batch", []int{2, 6, 8, 3}, PatchGAN(Patch{3, 3, 0, BatchNorm})},
}

// TestNetworksEqualTheOriginal compares outputs with those of the authors' classes on the same weights.
func TestNetworksEqualTheOriginal(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/networks.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range originals {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := build(t, test.network, test.x...)
			fill(t, store, "", 1)
			y := forward(t, testbackend.Go(t), store, test.network, 100, test.x...)
			if want := floats(t, ref, test.name+".shape"); !slices.EqualFunc(y.Shape().Dimensions, want,
				func(a int, b float64) bool { return a == int(b) }) {
				t.Fatalf("the output is %s, want %v", y.Shape(), want)
			}
			if got, want := count(store, ""), floats(t, ref, test.name+".params")[0]; got != int(want) {
				t.Errorf("%d parameters, want %g", got, want)
			}
			var some []float64
			for i, v := range flat(t, y) {
				if i%sampled == 0 {
					some = append(some, v)
				}
			}
			near(t, test.name, some, floats(t, ref, test.name), 1e-4, 0) // the contract for whole networks
		})
	}
}

// TestParameterCounts: those that the reference code prints, at full width.
func TestParameterCounts(t *testing.T) {
	for _, test := range []struct {
		name    string
		network gan.Network
		size    int
		want    int
	}{
		{"ResNet, 9 blocks", ResNetGenerator(ResNet{3, 64, 9, InstanceNorm, Transposed, false}), 16, 11378179},
		{"ResNet, 6 blocks", ResNetGenerator(ResNet{3, 64, 6, InstanceNorm, Transposed, false}), 16, 7837699},
		{"U-Net for 128 px", UNetGenerator(UNet{3, 64, 7, InstanceNorm, false}), 128, 41825667},
		{"PatchGAN", PatchGAN(Patch{3, 64, 3, InstanceNorm}), 64, 2764737},
	} {
		if got := count(build(t, test.network, 1, test.size, test.size, 3), ""); got != test.want {
			t.Errorf("%s has %d parameters, want %d", test.name, got, test.want)
		}
	}
}

// TestVariableLists keeps paths and shapes of all variables, because checkpoints and the files of the original are read by
// them.
func TestVariableLists(t *testing.T) {
	const file = "testdata/snap/variables.txt"
	var b bytes.Buffer
	for _, test := range []struct {
		name    string
		size    int
		network gan.Network
	}{
		{"ResNet, 2 blocks", 16, ResNetGenerator(ResNet{3, 2, 2, InstanceNorm, Transposed, false})},
		{"ResNet, 1 block, resize, batch norm", 16, ResNetGenerator(ResNet{3, 2, 1, BatchNorm, Resize, true})},
		{"U-Net, 6 levels", 64, UNetGenerator(UNet{1, 2, 6, InstanceNorm, true})},
		{"U-Net, 5 levels, batch norm", 32, UNetGenerator(UNet{1, 2, 5, BatchNorm, false})},
		{"PatchGAN, 3 layers", 32, PatchGAN(Patch{3, 2, 3, InstanceNorm})},
		{"PatchGAN, 1 layer, batch norm", 32, PatchGAN(Patch{3, 2, 1, BatchNorm})},
		{"PixelGAN", 32, PatchGAN(Patch{3, 2, 0, InstanceNorm})},
	} {
		fmt.Fprintf(&b, "# %s\n", test.name)
		channels := 3
		if strings.HasPrefix(test.name, "U-Net") {
			channels = 1
		}
		for _, v := range variables(build(t, test.network, 1, test.size, test.size, channels), "") {
			fmt.Fprintf(&b, "%s %s trained=%t\n", v.Path(), v.Shape(), v.Trainable)
		}
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("the variables are no longer those of %s (go test -update, if old checkpoints may break):\n%s", file, b.Bytes())
	}
}

// TestResizeDoublesLikeTransposed: the other way to double gives the same dimensions.
func TestResizeDoublesLikeTransposed(t *testing.T) {
	network := ResNetGenerator(ResNet{3, 2, 1, InstanceNorm, Resize, false})
	store := build(t, network, 1, 12, 16, 3)
	if y := forward(t, testbackend.Go(t), store, network, 1, 1, 12, 16, 3); !slices.Equal(y.Shape().Dimensions, []int{1, 12, 16, 3}) {
		t.Errorf("the output is %s", y.Shape())
	}
}

// TestDropout: with dropout two calls while training differ, afterwards they are those of the network without.
func TestDropout(t *testing.T) {
	for name, pair := range map[string]struct {
		with, without gan.Network
		size          int
	}{
		"resnet": {ResNetGenerator(ResNet{1, 2, 1, InstanceNorm, Transposed, true}),
			ResNetGenerator(ResNet{1, 2, 1, InstanceNorm, Transposed, false}), 16},
		"unet": {UNetGenerator(UNet{1, 2, 6, InstanceNorm, true}), UNetGenerator(UNet{1, 2, 6, InstanceNorm, false}), 64},
	} {
		store := build(t, pair.with, 1, pair.size, pair.size, 1)
		fill(t, store, "", 1)
		call := func(network gan.Network, training bool) []float64 {
			return flat(t, apply(t, testbackend.Go(t), store, network, training, 100, 1, pair.size, pair.size, 1))
		}
		if slices.Equal(call(pair.with, true), call(pair.with, true)) {
			t.Errorf("%s: two calls while training are equal", name)
		}
		if !slices.Equal(call(pair.with, false), call(pair.without, false)) {
			t.Errorf("%s: outside of training dropout changes something", name)
		}
	}
}

// TestNetworksPanic: what is wrong is named with what was given.
func TestNetworksPanic(t *testing.T) {
	for _, test := range []struct {
		network gan.Network
		x       []int
		words   string
	}{
		{ResNetGenerator(ResNet{3, 2, 1, InstanceNorm, Transposed, false}), []int{1, 18, 16, 3}, "multiples of 4"},
		{ResNetGenerator(ResNet{3, 2, 1, InstanceNorm, Transposed, false}), []int{1, 4, 16, 3}, "at least 8"},
		{ResNetGenerator(ResNet{3, 2, 1, InstanceNorm, Transposed, false}), []int{1, 16, 16, 1}, "[1, 16, 16, 1]"},
		{ResNetGenerator(ResNet{3, 2, 1, "layer", Transposed, false}), []int{1, 16, 16, 3}, `norm "layer"`},
		{ResNetGenerator(ResNet{3, 2, 1, InstanceNorm, "bilinear", false}), []int{1, 16, 16, 3}, `upsampling "bilinear"`},
		{UNetGenerator(UNet{1, 2, 4, InstanceNorm, false}), []int{1, 32, 32, 1}, "got 4"},
		{UNetGenerator(UNet{1, 2, 5, InstanceNorm, false}), []int{1, 48, 64, 1}, "multiples of 32"},
		{PatchGAN(Patch{3, 2, 1, InstanceNorm}), []int{1, 2, 2, 3}, "nothing is left"},
		{PatchGAN(Patch{3, 2, 3, InstanceNorm}), []int{8, 8, 3}, "[8, 8, 3]"},
	} {
		exec, err := model.NewExec(testbackend.Go(t), model.NewStore(), func(scope *model.Scope, g *Graph) *Node {
			return test.network(scope, IotaFull(g, shapes.Make(dtypes.Float32, test.x...)))
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.Compile(); err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("inputs %v: %v, want an error that says %q", test.x, err, test.words)
		}
		exec.Finalize()
	}
}

// build creates the variables of a network for pictures of the given dimensions.
func build(t *testing.T, network gan.Network, x ...int) *model.Store {
	t.Helper()
	store := model.NewStore()
	exec, err := model.NewExec(testbackend.Go(t), store, func(scope *model.Scope, g *Graph) *Node {
		return network(scope, Zeros(g, shapes.Make(dtypes.Float32, x...)))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	if _, err := exec.Compile(); err != nil {
		t.Fatal(err)
	}
	return store
}

// variables are those under a scope, sorted by their paths, without those of the random numbers.
func variables(store *model.Store, scope string) []*model.Variable {
	var out []*model.Variable
	for v := range store.Scope("/" + scope).IterVariables() {
		if strings.Contains(v.Path()[1:], "/") {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	return out
}

func count(store *model.Store, scope string) int {
	n := 0
	for _, v := range variables(store, scope) {
		if v.Trainable {
			n += v.Shape().Size()
		}
	}
	return n
}

// fill gives the variables under a scope the values of make_cyclegan.py, the first of them those of salt.
func fill(t *testing.T, store *model.Store, scope string, salt uint32) {
	t.Helper()
	for _, v := range variables(store, scope) {
		if !v.Trainable {
			continue
		}
		values := formula(salt, v.Path(), v.Shape().Dimensions)
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
			t.Fatal(err)
		}
		salt++
	}
}

// formula is the values that make_cyclegan.py gives a variable: 0.2·u, scales of norms 1 + 0.2·u.
func formula(salt uint32, path string, dims []int) []float32 {
	values := golden.Scaled(salt, size(dims), 0.2)
	if strings.HasSuffix(path, "/weight") && len(dims) == 1 {
		for i := range values {
			values[i]++
		}
	}
	return values
}

// forward is a network's output while training.
func forward(t *testing.T, backend compute.Backend, store *model.Store, network gan.Network, salt uint32, x ...int) *tensors.Tensor {
	t.Helper()
	return apply(t, backend, store, network, true, salt, x...)
}

func apply(t *testing.T, backend compute.Backend, store *model.Store, network gan.Network, training bool, salt uint32, x ...int) *tensors.Tensor {
	t.Helper()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		scope.SetTraining(x.Graph(), training)
		return network(scope, x)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(picture(salt, x...))
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// picture is formula(salt) of make_cyclegan.py.
func picture(salt uint32, dims ...int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(golden.Values(salt, size(dims)), dims...)
}

func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func flat(t *testing.T, x *tensors.Tensor) []float64 {
	t.Helper()
	var out []float64
	if err := tensors.ConstFlatData(x, func(values []float32) {
		for _, v := range values {
			out = append(out, float64(v))
		}
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func floats(t *testing.T, ref map[string]weights.Array, key string) []float64 {
	t.Helper()
	a, found := ref[key]
	if !found {
		t.Fatalf("the reference has no %s", key)
	}
	values, err := a.Float64s()
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// near fails unless got is within tolerance of the largest absolute value, or within floor.
func near(t *testing.T, what string, got, want []float64, tolerance, floor float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d values, want %d", what, len(got), len(want))
		return
	}
	worst, largest := 0.0, 0.0
	for i := range want {
		worst, largest = max(worst, math.Abs(got[i]-want[i])), max(largest, math.Abs(want[i]))
	}
	if !(worst <= max(tolerance*largest, floor)) {
		t.Errorf("%s: off by %.3g, largest value %.3g", what, worst, largest)
	}
}
