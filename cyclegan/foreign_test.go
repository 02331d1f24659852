package cyclegan

import (
	"context"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
)

func foreignFile(name string) string { return "testdata/ref/foreign/" + name + ".pth" }

func goDevice(t *testing.T) *accel.Device {
	t.Helper()
	return &accel.Device{Backend: testbackend.Go(t)}
}

// foreignFiles are those of make_foreign.py: what went in, and what is found.
var foreignFiles = []struct {
	name, kind string
	x          []int
	what       string
}{
	{"latest_net_G", KindG, []int{2, 3, 16, 24}, "ResNet generator of 6 blocks, 2 maps, instance norm, pictures of 3 channels"},
	{"latest_net_G_A", KindG, []int{1, 1, 20, 16}, "ResNet generator of 9 blocks, 1 map, instance norm, dropout, pictures of 1 channel"},
	{"old_net_G_A", KindG, []int{1, 3, 24, 16}, "ResNet generator of 6 blocks, 2 maps, instance norm, pictures of 3 channels"},
	{"old_net_G_B", KindG, []int{1, 3, 16, 16}, "ResNet generator of 9 blocks, 1 map, instance norm, dropout, 3 channels to 1"},
	{"batch_net_G_A", KindG, []int{2, 3, 16, 24}, "ResNet generator of 6 blocks, 1 map, batch norm, pictures of 3 channels"},
	{"batch_net_G_B", KindG, []int{1, 3, 16, 24}, "ResNet generator of 2 blocks, 2 maps, batch norm, dropout, pictures of 3 channels"},
	{"unet128_net_G", KindG, []int{1, 3, 128, 256}, "U-Net generator of 7 levels, 1 map, instance norm, pictures of 3 channels"},
	{"unet64_net_G", KindG, []int{1, 1, 64, 128}, "U-Net generator of 6 levels, 1 map, batch norm, 1 channel to 3"},
	{"old_unet_net_G", KindG, []int{1, 1, 64, 32}, "U-Net generator of 5 levels, 1 map, instance norm, pictures of 1 channel"},
	{"latest_net_D_A", KindD, []int{2, 3, 40, 64}, "PatchGAN discriminator of 3 layers, 2 maps, instance norm, pictures of 3 channels"},
	{"old_net_D_A", KindD, []int{1, 3, 48, 40}, "PatchGAN discriminator of 3 layers, 2 maps, instance norm, pictures of 3 channels"},
	{"batch_net_D_A", KindD, []int{1, 3, 128, 96}, "PatchGAN discriminator of 5 layers, 1 map, batch norm, pictures of 3 channels"},
	{"one_net_D", KindD, []int{1, 1, 12, 16}, "PatchGAN discriminator of 1 layer, 3 maps, instance norm, pictures of 1 channel"},
	{"pixel_net_D", KindD, []int{2, 3, 9, 7}, "PixelGAN discriminator, 4 maps, instance norm, pictures of 3 channels"},
	{"pixel_batch_net_D", KindD, []int{2, 3, 9, 7}, "PixelGAN discriminator, 4 maps, batch norm, pictures of 3 channels"},
}

// TestForeignEqualsOriginal guesses, reads and runs files of the authors' classes: 1e-4, where images are in [-1, 1] and
// outputs of discriminators up to 10; measured 1e-6 of that.
func TestForeignEqualsOriginal(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/foreign.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range foreignFiles {
		t.Run(test.name, func(t *testing.T) {
			arrays, err := weights.Read(foreignFile(test.name))
			if err != nil {
				t.Fatal(err)
			}
			if got := GuessForeign(arrays); got != test.kind {
				t.Fatalf("taken as %q, want %q", got, test.kind)
			}
			f, err := OpenForeign(goDevice(t), foreignFile(test.name), test.kind)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.String() != test.what {
				t.Errorf("found %q, want %q", f, test.what)
			}
			n := 1
			for _, d := range test.x {
				n *= d
			}
			out, err := f.Forward(context.Background(), map[string]weights.Array{"x": weights.FromFloat32(golden.Values(100, n), test.x...)})
			if err != nil {
				t.Fatal(err)
			}
			if want := floats(t, ref, test.name+".shape"); !slices.EqualFunc(out["y"].Shape, want, func(a int, b float64) bool { return a == int(b) }) {
				t.Errorf("y is %v, the original's %v", out["y"].Shape, want)
			}
			if _, isPicture := out["img"]; isPicture != (test.kind == KindG) {
				t.Errorf("the output has the arrays %v", out)
			}
			worst, want := 0.0, floats(t, ref, test.name+".y")
			for i, v := range floats(t, out, "y") {
				if i%127 == 0 {
					worst = max(worst, math.Abs(v-want[i/127]))
				}
			}
			if !(worst <= 1e-4) {
				t.Errorf("off by %g", worst)
			}
			t.Logf("off by %.2g", worst)
		})
	}
}

// rewritten writes a file of the original with other tensors.
func rewritten(t *testing.T, name string, change func(arrays map[string]weights.Array)) string {
	t.Helper()
	arrays, err := weights.Read(foreignFile(name))
	if err != nil {
		t.Fatal(err)
	}
	change(arrays)
	path := filepath.Join(t.TempDir(), "changed.pth")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := weights.WriteTorch(file, arrays); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestForeignErrors: one line that names file and tensor.
func TestForeignErrors(t *testing.T) {
	without := func(names ...string) func(map[string]weights.Array) {
		return func(arrays map[string]weights.Array) {
			for _, name := range names {
				delete(arrays, name)
			}
		}
	}
	with := func(name string, shape ...int) func(map[string]weights.Array) {
		return func(arrays map[string]weights.Array) {
			n := 1
			for _, d := range shape {
				n *= d
			}
			arrays[name] = weights.FromFloat32(make([]float32, n), shape...)
		}
	}
	for _, test := range []struct {
		file, kind string
		change     func(map[string]weights.Array)
		want       string
	}{
		{"latest_net_G", KindG, without("model.1.bias"), "neither a bias of model.1"},
		{"latest_net_G", KindG, without("model.12.conv_block.5.bias"), "no tensor model.12.conv_block.5.bias, which should be [8]"},
		{"latest_net_G", KindG, without("model.12.conv_block.1.weight"), "no tensor model.12.conv_block.1.weight"},
		{"latest_net_G", KindG, without("model.23.weight"), "no tensor model.23.weight"},
		{"latest_net_G", KindG, with("model.4.weight", 4, 3, 3, 3), "model.4.weight is [4 3 3 3], which should be [4 2 3 3]"},
		{"latest_net_G", KindG, with("model.1.weight", 2, 3, 5, 5), "model.1.weight is [2 3 5 5], which should be [2 3 7 7]"},
		{"latest_net_G", KindG, with("model.1.weight", 2), "model.1.weight is [2], want 4 axes"},
		{"latest_net_G", KindG, with("fc.weight", 1), "a tensor fc.weight [1]"},
		{"batch_net_G_A", KindG, without("model.2.running_var"), "no tensor model.2.running_var"},
		{"unet128_net_G", KindG, func(arrays map[string]weights.Array) {
			maps.DeleteFunc(arrays, func(name string, _ weights.Array) bool { return strings.Count(name, "model.3") > 1 })
		}, "a U-Net of 3 levels"},
		{"unet128_net_G", KindG, without("model.model.3.bias"), "no tensor model.model.3.bias"},
		{"unet128_net_G", KindD, without(), "no tensor model.0.weight"},
		{"latest_net_D_A", KindD, without("model.8.weight"), "no tensor model.8.weight"},
		{"latest_net_D_A", KindD, without("model.5.weight", "model.8.weight", "model.11.weight"), "2 convolutions"},
		{"latest_net_D_A", KindG, without(), "no tensor model.1.weight"},
		{"pixel_net_D", KindD, without("net.5.weight"), "no tensor net.5.weight"},
		{"pixel_net_D", "pix2pix", without(), "there are cyclegan-g, cyclegan-d"},
	} {
		path := rewritten(t, test.file, test.change)
		_, err := OpenForeign(goDevice(t), path, test.kind)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want one line that names the file and says %q", test.file, err, test.want)
		}
	}
}

// TestForeignBadInputs: the array that does not fit is named; afterwards the network runs.
func TestForeignBadInputs(t *testing.T) {
	open := func(name, kind string) *Foreign {
		f, err := OpenForeign(goDevice(t), foreignFile(name), kind)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	g, u, d := open("latest_net_G", KindG), open("old_unet_net_G", KindG), open("latest_net_D_A", KindD)
	x := func(dims ...int) map[string]weights.Array {
		n := 1
		for _, d := range dims {
			n *= d
		}
		return map[string]weights.Array{"x": weights.FromFloat32(make([]float32, n), dims...)}
	}
	for _, test := range []struct {
		f    *Foreign
		in   map[string]weights.Array
		want string
	}{
		{g, map[string]weights.Array{"z": {}}, "no array x among the inputs, but z"},
		{g, x(1, 1, 16, 16), "x is [1 1 16 16], this network's is [n, 3, height, width]"},
		{g, x(3, 16, 16), "x is [3 16 16]"},
		{g, x(0, 3, 16, 16), "x is [0 3 16 16]"},
		{g, map[string]weights.Array{"x": weights.FromInt64(make([]int64, 3*64), 1, 3, 8, 8)}, "input x"},
		{g, x(1, 3, 16, 18), "16x18 pixels (height x width), this network takes multiples of 4, at least 8"},
		{g, x(1, 3, 4, 16), "at least 8"},
		{u, x(1, 1, 48, 64), "multiples of 32"},
		{d, x(1, 3, 23, 64), "23x64 pixels (height x width), this network takes at least 24"},
	} {
		if _, err := test.f.Forward(context.Background(), test.in); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want a line that says %q", err, test.want)
		}
	}
	for f, in := range map[*Foreign]map[string]weights.Array{g: x(1, 3, 8, 12), d: x(1, 3, 24, 24)} { // the smallest
		if _, err := f.Forward(context.Background(), in); err != nil {
			t.Error(err)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.Forward(cancelled, x(1, 3, 8, 12)); err != context.Canceled {
		t.Errorf("after a cancellation: %v", err)
	}
	g.Close()
	if _, err := g.Forward(context.Background(), x(1, 3, 8, 12)); err == nil {
		t.Error("a closed network runs")
	}
}
