package gan

import (
	"context"
	"io"
	"maps"
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

// foreignFile is a checkpoint that make_foreign.py wrote with the original's class.
func foreignFile(name string) string { return filepath.Join("testdata/ref/foreign", name+".pth") }

func openForeign(t *testing.T, path, kind string) *Foreign {
	t.Helper()
	f, err := OpenForeign(&accel.Device{Backend: testbackend.Go(t)}, path, kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// foreignInputs are what make_foreign.py gave to a network.
func foreignInputs(t *testing.T, ref map[string]weights.Array, name string, channels, size int) map[string]weights.Array {
	t.Helper()
	in := map[string]weights.Array{}
	for _, key := range []string{"z", "c"} {
		if a, found := ref[name+"."+key]; found {
			in[key] = a
		}
	}
	if in["z"].Shape == nil {
		const rows = 18
		in["x"] = weights.FromFloat32(golden.Values(1, rows*channels*size*size), rows, channels, size, size)
	}
	return in
}

// compareForeign runs a network and compares what comes out with the original's: 1e-4 of the largest value, the contract for
// whole networks, measured 1e-6 and less.
func compareForeign(t *testing.T, f *Foreign, in map[string]weights.Array, ref map[string]weights.Array, name string) {
	t.Helper()
	out, err := f.Forward(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{name: name, ref: ref, stride: 127}
	if img, found := out["img"]; found {
		p.compare(t, "img", p.sampled(floats(t, img)), 1e-4, 0)
		return
	}
	p.compare(t, "y", floats(t, out["y"]), 1e-4, 0)
	if want := ref[name+".y"].Shape; !slices.Equal(out["y"].Shape, want) {
		t.Errorf("y is %v, the original's %v", out["y"].Shape, want)
	}
}

// TestForeignEqualsOriginal guesses, reads and runs files of the original classes.
func TestForeignEqualsOriginal(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/foreign.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, kind     string
		channels, size int
	}{
		{"netG_epoch_0", "dcgan-g", 1, 64}, {"netD_epoch_0", "dcgan-d", 1, 64},
		{"netG_32", "sngan-g", 3, 32}, {"netD_32", "sngan-d", 3, 32},
		{"netG_48", "sngan-g", 3, 48}, {"netD_48", "sngan-d", 3, 48},
		{"netG_64", "sngan-g", 3, 64}, {"netD_64", "sngan-d", 3, 64},
		{"netG_cond", "sngan-g", 3, 32}, {"netD_cond", "sngan-d", 3, 32},
	} {
		t.Run(test.name, func(t *testing.T) {
			arrays, err := weights.Read(foreignFile(test.name))
			if err != nil {
				t.Fatal(err)
			}
			if got := GuessForeign(arrays); got != test.kind {
				t.Fatalf("taken as %q, want %q", got, test.kind)
			}
			f := openForeign(t, foreignFile(test.name), test.kind)
			compareForeign(t, f, foreignInputs(t, ref, test.name, test.channels, test.size), ref, test.name)
		})
	}
}

// rewritten writes a file of the originals with other tensors and opens nothing.
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
	if err := weights.WriteTorch(io.Writer(file), arrays); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestForeignVariants: files from DataParallel and from PyTorch before 0.4.1, which did not count batches, hold the same
// network; so do mimicry's own class of spectral norm and PyTorch's.
func TestForeignVariants(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/foreign.npz")
	if err != nil {
		t.Fatal(err)
	}
	path := rewritten(t, "netG_epoch_0", func(arrays map[string]weights.Array) {
		for _, name := range slices.Collect(maps.Keys(arrays)) {
			if a := arrays[name]; !strings.HasSuffix(name, "num_batches_tracked") {
				arrays["module."+name] = a
			}
			delete(arrays, name)
		}
	})
	in := foreignInputs(t, ref, "netG_epoch_0", 1, 64)
	compareForeign(t, openForeign(t, path, "dcgan-g"), in, ref, "netG_epoch_0")
	in["z"] = weights.Array{DType: in["z"].DType, Shape: []int{18, 5, 1, 1}, Data: in["z"].Data} // as the original takes it
	in["c"] = weights.FromFloat32(nil, 18, 0)
	compareForeign(t, openForeign(t, path, "dcgan-g"), in, ref, "netG_epoch_0")
}

// TestForeignSamples draws from such a file as from a run: latents of seeds through the original's network.
func TestForeignSamples(t *testing.T) {
	device := &accel.Device{Backend: testbackend.Go(t)}
	for name, want := range map[string]Config{
		"netG_epoch_0": {Architecture: "dcgan", ImageSize: 64, Channels: 1, BaseChannels: 2, Latents: Latents{5, "normal"}},
		"netG_48":      {Architecture: "resnet-sngan", ImageSize: 48, Channels: 3, BaseChannels: 1, Latents: Latents{5, "normal"}},
		"netG_cond":    {Architecture: "resnet-sngan", ImageSize: 32, Channels: 3, BaseChannels: 3, Latents: Latents{5, "normal"}, Conditional: true, Classes: 3},
	} {
		g, err := LoadOn(device, foreignFile(name))
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		got := g.Config()
		if got.Architecture != want.Architecture || got.ImageSize != want.ImageSize || got.Channels != want.Channels ||
			got.BaseChannels != want.BaseChannels || got.Latents != want.Latents || got.Conditional != want.Conditional || got.Classes != want.Classes {
			t.Errorf("%s: the config is %+v, want %+v", name, got, want)
		}
		pictures, err := g.Sample(context.Background(), Seeds(0, 3))
		if err != nil {
			t.Fatal(err)
		}
		in := map[string]weights.Array{"z": weights.FromFloat32(want.Latents.Seeded(Seeds(0, 3)), 3, 5)}
		if want.Classes > 0 {
			in["c"] = weights.FromFloat32([]float32{1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3) // classes of seeds 0, 1, 2
		}
		out, err := openForeign(t, foreignFile(name), GuessForeign(mustRead(t, foreignFile(name)))).Forward(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		img, size := floats(t, out["img"]), want.ImageSize
		for i, picture := range pictures {
			if b := picture.Bounds(); b.Dx() != size || b.Dy() != size {
				t.Fatalf("%s: a picture is %v, want %d px", name, b, size)
			}
			red, _, _, _ := picture.At(5, 7).RGBA()
			value := img[i*want.Channels*size*size+7*size+5]
			if d := float64(red>>8) - (value+1)*127.5; d > 0.51 || d < -0.51 { // rounding to a level
				t.Errorf("%s: seed %d has red %d at (5, 7), the network %g", name, i, red>>8, value)
			}
		}
	}
}

func mustRead(t *testing.T, path string) map[string]weights.Array {
	t.Helper()
	arrays, err := weights.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}

// TestForeignErrors: one line that names the tensor.
func TestForeignErrors(t *testing.T) {
	device := &accel.Device{Backend: testbackend.Go(t)}
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
		{"netG_epoch_0", "dcgan-g", without("main.6.weight"), "no tensor main.6.weight, which should be [8 4 4 4]"},
		{"netG_epoch_0", "dcgan-g", without("main.4.running_var"), "no tensor main.4.running_var, which should be [8]"},
		{"netG_epoch_0", "dcgan-g", with("main.3.weight", 16, 9, 4, 4), "main.3.weight is [16 9 4 4], which should be [16 8 4 4]"},
		{"netG_epoch_0", "dcgan-g", with("main.0.weight", 5, 3, 4, 4), "main.0.weight is [5 3 4 4], which should be [5 0 4 4]"},
		{"netG_epoch_0", "dcgan-g", with("main.0.weight", 5, 16, 6, 6), "main.0.weight is [5 16 6 6]"},
		{"netG_epoch_0", "dcgan-g", with("main.0.weight", 5, 16), "main.0.weight is [5 16], want 4 axes"},
		{"netG_epoch_0", "dcgan-g", with("main.0.bias", 16), "a tensor main.0.bias [16], which the network has not"},
		{"netG_epoch_0", "dcgan-g", func(arrays map[string]weights.Array) {
			arrays["main.1.bias"] = weights.FromInt64(make([]int64, 16), 16)
		},
			"main.1.bias: "},
		{"netD_epoch_0", "dcgan-d", without("module.main.5.weight"), "no tensor main.5.weight"},
		{"netD_epoch_0", "dcgan-d", with("module.main.11.weight", 2, 16, 4, 4), "main.11.weight is [2 16 4 4], which should be [1 16 4 4]"},
		{"netG_epoch_0", "sngan-g", without(), "no tensor l1.weight"},
		{"netG_epoch_0", "resnet", without(), "there are dcgan-g, dcgan-d, sngan-g, sngan-d"},
		{"netG_48", "sngan-g", without("block3.b2.running_mean"), "no tensor block3.b2.running_mean, which should be [2]"},
		{"netG_48", "sngan-g", with("l1.weight", 100, 5), "3 blocks after 100 units for 8 maps"},
		{"netG_48", "sngan-g", with("b6.weight", 1), "a tensor b6.weight [1]"},
		{"netG_cond", "sngan-g", with("block3.b1.embed.weight", 4, 6), "block3.b1.embed.weight is [4 6], which should be [3 6]"},
		{"netD_48", "sngan-d", without("block2.c1.weight_u"), "no tensor block2.c1.weight_u, but block2.c1.weight_orig"},
		{"netD_48", "sngan-d", with("block2.c1.weight_v", 7), "block2.c1.weight_v is [7], want 9 values"},
		{"netD_48", "sngan-d", without("l5.bias"), "no tensor l5.bias"},
		{"netD_48", "sngan-d", with("block7.c1.weight", 1, 1, 3, 3), "7 blocks"},
		{"netD_cond", "sngan-d", without("l_y.weight"), "no tensor l_y.weight for l_y.sn_u"},
	} {
		path := rewritten(t, test.file, test.change)
		_, err := OpenForeign(device, path, test.kind)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want one line that names the file and says %q", test.file, err, test.want)
		}
	}
	data, err := os.ReadFile(foreignFile("netG_epoch_0"))
	if err != nil {
		t.Fatal(err)
	}
	truncated := filepath.Join(t.TempDir(), "truncated.pth")
	if err := os.WriteFile(truncated, data[:len(data)-100], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenForeign(device, truncated, "dcgan-g"); err == nil || !strings.Contains(err.Error(), "truncated.pth") {
		t.Errorf("a truncated file: %v", err)
	}
	for _, path := range []string{truncated, foreignFile("netD_32")} {
		if _, err := LoadOn(device, path); err == nil || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("a generator out of %s: %v", path, err)
		}
	}
}

// TestForeignBadInputs: the array that does not fit is named.
func TestForeignBadInputs(t *testing.T) {
	g, cond, d := openForeign(t, foreignFile("netG_32"), "sngan-g"), openForeign(t, foreignFile("netG_cond"), "sngan-g"),
		openForeign(t, foreignFile("netD_32"), "sngan-d")
	array := func(values []float32, shape ...int) weights.Array { return weights.FromFloat32(values, shape...) }
	z := array(make([]float32, 10), 2, 5)
	for _, test := range []struct {
		f    *Foreign
		in   map[string]weights.Array
		want string
	}{
		{g, map[string]weights.Array{"x": z}, "no array z among the inputs, but x"},
		{g, map[string]weights.Array{"z": array(make([]float32, 12), 2, 6)}, "z is [2 6]"},
		{g, map[string]weights.Array{"z": array(nil, 0, 5)}, "z is [0 5]"},
		{g, map[string]weights.Array{"z": weights.FromInt64(make([]int64, 5), 1, 5)}, "input z"},
		{g, map[string]weights.Array{"z": z, "c": array(make([]float32, 6), 2, 3)}, "c is [2 3]"},
		{cond, map[string]weights.Array{"z": z}, "3 classes"},
		{cond, map[string]weights.Array{"z": z, "c": array(nil, 2, 0)}, "c is [2 0]"},
		{cond, map[string]weights.Array{"z": z, "c": array([]float32{1, 0, 0, 0, 0, 0}, 2, 3)}, "row 1 of input c"},
		{cond, map[string]weights.Array{"z": z, "c": array([]float32{1, 0, 0, 1, 1, 0}, 2, 3)}, "row 1 of input c"},
		{d, map[string]weights.Array{"x": array(make([]float32, 3*28*28), 1, 3, 28, 28)}, "x is [1 3 28 28]"},
	} {
		if _, err := test.f.Forward(context.Background(), test.in); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want an error that says %q", err, test.want)
		}
	}
	g.Close()
	if _, err := g.Forward(context.Background(), map[string]weights.Array{"z": z}); err == nil {
		t.Error("a closed network runs")
	}
}
