package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/weights"
)

// reference returns the path of a file that PyTorch wrote.
func reference(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../weights/testdata/ref", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func sameArrays(t *testing.T, what string, got, want map[string]weights.Array) {
	t.Helper()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("%s: got %q, want %q", what, g, w)
	}
	for name, w := range want {
		g := got[name]
		if g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) || !bytes.Equal(g.Data, w.Data) {
			t.Errorf("%s: %s is another array", what, name)
		}
	}
}

func TestWeightsInspect(t *testing.T) {
	path := reference(t, "torch_state_legacy.pth")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	var report fileReport
	execute(t, "", "weights", "inspect", path, "--json").document(t, &report)
	want := fileReport{File: path, Format: weights.TorchLegacy, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:]),
		Parameters: 4*2*3*3 + 4 + 4*4 + 2*(2*3) + 2, // convolution, batch norm, two linear layers
		Arrays: []arrayReport{
			{"blocks.0.weight", weights.F32, []int{2, 3}}, {"blocks.1.bias", weights.F32, []int{2}},
			{"blocks.1.weight", weights.F32, []int{2, 3}}, {"bn.bias", weights.F32, []int{4}},
			{"bn.num_batches_tracked", weights.I64, []int{}}, {"bn.running_mean", weights.F32, []int{4}},
			{"bn.running_var", weights.F32, []int{4}}, {"bn.weight", weights.F32, []int{4}},
			{"conv.bias", weights.F32, []int{4}}, {"conv.weight", weights.F32, []int{4, 2, 3, 3}},
		}}
	if !reflect.DeepEqual(report, want) {
		t.Errorf("reported\n%+v, want\n%+v", report, want)
	}
	text := execute(t, "", "weights", "inspect", path).ok(t).stdout
	for _, want := range []string{"torch-legacy", hex.EncodeToString(sum[:]), "conv.weight             F32   [4 2 3 3]", "10 arrays, 106 parameters\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nwant %q", text, want)
		}
	}
}

// What is no array is listed in a short form, and nothing of a file reaches the terminal as more than text.
func TestWeightsInspectValues(t *testing.T) {
	var report fileReport
	views := reference(t, "torch_views_zip.pth")
	execute(t, "", "weights", "inspect", views, "--json").document(t, &report)
	for name, want := range map[string]string{
		"args.lr": "0.002", "args.name": `"run"`, "args.betas": "[0, 0.99]", "none": "None", "long list": "20 values",
		"model.adam.param_groups.0.lr": "0.25", "pair.1": "3", "bytes": "4 bytes",
	} {
		if got := report.Values[name]; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if text := execute(t, "", "weights", "inspect", views).ok(t).stdout; !strings.Contains(text, "OTHER VALUES") {
		t.Errorf("%s\nwant the values", text)
	}

	dir := t.TempDir()
	var b bytes.Buffer
	hostile := map[string]weights.Array{"a\x1b[2J\n": weights.FromFloat32([]float32{1})}
	if err := weights.WriteSafetensors(&b, hostile, map[string]string{"note": strings.Repeat("long ", 100)}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "x"), b.Bytes())
	text := execute(t, dir, "weights", "inspect", "x").ok(t).stdout
	if !strings.Contains(text, `"a\x1b[2J\n"`) || strings.ContainsRune(text, '\x1b') || strings.Contains(text, strings.Repeat("long ", 30)) {
		t.Errorf("%q\nwant the name in quotes and the note cut", text)
	}
}

// Every form holds the same arrays, whatever they come from; equal arrays give equal files.
func TestWeightsConvert(t *testing.T) {
	dir := t.TempDir()
	for name, in := range map[string]string{"run": trainedRun(t), "file": reference(t, "torch_state_zip.pth")} {
		var want map[string]weights.Array
		for _, out := range [][]string{{".safetensors"}, {".pth"}, {".pt", "--legacy"}, {".npz"}} {
			if name == "run" && len(out) > 1 {
				continue // it has a state of 64-bit unsigned numbers
			}
			first, second := name+out[0], name+"-again"+out[0]
			for _, file := range []string{first, second} {
				execute(t, dir, append([]string{"weights", "convert", in, file}, out[1:]...)...).ok(t)
			}
			data, err := os.ReadFile(filepath.Join(dir, first))
			if err != nil {
				t.Fatal(err)
			}
			if again, err := os.ReadFile(filepath.Join(dir, second)); err != nil || !bytes.Equal(data, again) {
				t.Errorf("%s and %s differ (%v)", first, second, err)
			}
			got, err := weights.Inspect(filepath.Join(dir, first))
			if err != nil {
				t.Fatal(err)
			}
			if legacy := got.Format == weights.TorchLegacy; legacy != (len(out) > 1) {
				t.Errorf("%s is %s", first, got.Format)
			}
			if want == nil {
				want = got.Arrays
			}
			sameArrays(t, first, got.Arrays, want)
		}
	}
	original, err := weights.ReadTorch(reference(t, "torch_state_zip.pth"))
	if err != nil {
		t.Fatal(err)
	}
	back, err := weights.Read(filepath.Join(dir, "file.npz"))
	if err != nil {
		t.Fatal(err)
	}
	sameArrays(t, "file.npz", back, original)

	// The config of a run goes from one safetensors file to the next.
	execute(t, dir, "weights", "convert", "run.safetensors", "copy.safetensors").ok(t)
	a, err := os.ReadFile(filepath.Join(dir, "run.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "copy.safetensors")); err != nil || !bytes.Equal(a, b) {
		t.Errorf("a copy of a run's file is another file (%v)", err)
	}
}

// TestWeightsConvertAsDCGAN writes both networks of a run as the DCGAN example has them: the generator draws what the run
// draws, and the names of 28 px are those of the original with a layer less.
func TestWeightsConvertAsDCGAN(t *testing.T) {
	dir := t.TempDir()
	execute(t, dir, "weights", "convert", trainedRun(t), "netG.pth", "--as", "dcgan-g").ok(t)
	execute(t, dir, "weights", "convert", trainedRun(t), "netD.pth", "--as", "dcgan-d").ok(t)
	var drawn [][]byte
	for _, from := range []string{trainedRun(t), "netG.pth"} {
		execute(t, dir, "sample", from, "--seeds", "0-3", "--npz", "fakes.npz").ok(t)
		data, err := os.ReadFile(filepath.Join(dir, "fakes.npz"))
		if err != nil {
			t.Fatal(err)
		}
		drawn = append(drawn, data)
	}
	if !bytes.Equal(drawn[0], drawn[1]) {
		t.Error("netG.pth draws other pictures than the run")
	}
	got, err := weights.Read(filepath.Join(dir, "netD.pth"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"main.0.weight", "main.2.weight", "main.3.bias", "main.3.running_mean", "main.3.running_var", "main.3.weight", "main.5.weight"}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		t.Errorf("netD.pth has %v, want %v", names, want)
	}
	execute(t, dir, "weights", "convert", trainedRun(t), "x.pth", "--as", "sngan-g").fails(t, 1, "dcgan-g, dcgan-d")
	execute(t, dir, "weights", "convert", "netG.pth", "x.pth", "--as", "dcgan-g").fails(t, 1, "netG.pth", "another program")
}

// A failure leaves what was there.
func TestWeightsFailures(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(reference(t, "torch_state_zip.pth"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "good.pth"), whole)
	write(t, filepath.Join(dir, "cut.pth"), whole[:len(whole)/2])
	write(t, filepath.Join(dir, "page.pth"), []byte("<!DOCTYPE html><html>"))
	if err := os.Symlink("good.pth", filepath.Join(dir, "link.pth")); err != nil {
		t.Fatal(err)
	}
	types, hostile := reference(t, "torch_types_zip.pth"), reference(t, "bad_system.pth")
	for _, test := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"weights", "inspect", "nosuch"}, []string{"nosuch"}},
		{[]string{"weights", "inspect", "."}, []string{".", "not a regular file"}},
		{[]string{"weights", "inspect", "cut.pth"}, []string{"cut.pth", "truncated"}},
		{[]string{"weights", "inspect", "page.pth"}, []string{"page.pth", "web page"}},
		{[]string{"weights", "inspect", hostile}, []string{"bad_system.pth", `"posix.system"`, "state_dict()"}},
		{[]string{"weights", "convert", "nosuch", "out.npz"}, []string{"nosuch"}},
		{[]string{"weights", "convert", "cut.pth", "out.npz"}, []string{"cut.pth", "truncated"}},
		{[]string{"weights", "convert", hostile, "out.npz"}, []string{"bad_system.pth", `"posix.system"`}},
		{[]string{"weights", "convert", "good.pth", "./good.pth"}, []string{"good.pth", "another name"}},
		{[]string{"weights", "convert", "good.pth", "link.pth"}, []string{"link.pth", "another name"}},
		{[]string{"weights", "convert", types, "out.npz"}, []string{"out.npz", `"bf16"`, "convert to F32"}},
		{[]string{"weights", "convert", types, "out.pt", "--legacy"}, []string{"out.pt", "use the zip form"}},
		{[]string{"weights", "convert", trainedRun(t), "out.pt", "--legacy"}, []string{"out.pt", "U64", "use the zip form"}},
	} {
		execute(t, dir, test.args...).fails(t, 1, test.wants...)
	}
	if got, want := entries(t, dir), []string{"cut.pth", "good.pth", "link.pth", "page.pth"}; !slices.Equal(got, want) {
		t.Errorf("the failures left %v, want %v", got, want)
	}
	if now, err := os.ReadFile(filepath.Join(dir, "good.pth")); err != nil || !bytes.Equal(now, whole) {
		t.Errorf("good.pth changed (%v)", err)
	}
}
