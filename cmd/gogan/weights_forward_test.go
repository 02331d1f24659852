package main

import (
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/inceptionweights"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
)

// forwardGolden holds what torch-fidelity's class returns for some pictures; its script says which.
const forwardGolden = "../../extractors/inception/testdata/ref/inception.npz"

func writeNPZ(t *testing.T, path string, arrays map[string]weights.Array) {
	t.Helper()
	if err := writeFile(path, func(w io.Writer) error { return weights.WriteNPZ(w, arrays, false) }); err != nil {
		t.Fatal(err)
	}
}

// firstPicture is picture 0 of the golden file as an array [1, 3, 6, 9].
func firstPicture() weights.Array {
	const h, w = 6, 9
	pix := make([]uint8, 3*h*w)
	for i, v := range golden.Values(1, len(pix)) {
		pix[i%3*h*w+i/3] = uint8(128 * (v + 1))
	}
	return weights.FromUint8(pix, 1, 3, h, w)
}

// TestWeightsForward compares the verb's features with those of torch-fidelity's class, to float32's rounding through 94
// layers.
func TestWeightsForward(t *testing.T) {
	testbackend.XLA(t) // pure Go would take a minute
	dir := t.TempDir()
	writeNPZ(t, filepath.Join(dir, "x.npz"), map[string]weights.Array{"x": firstPicture()})
	cmd := command(dir, []string{"weights", "forward", inceptionweights.File(t), "--in", "x.npz", "--out", "y.npz", "--json"},
		compute.ConfigEnvVar+"=xla:cpu")
	var report forwardReport
	r := finish(t, cmd)
	r.document(t, &report)
	if !strings.Contains(r.stderr, "taken as inception") || report.Kind != "inception" || len(report.Arrays) != 4 {
		t.Errorf("%v\nwant the guessed kind and four arrays", r)
	}
	got, err := weights.ReadNPZ(filepath.Join(dir, "y.npz"))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := weights.ReadNPZ(forwardGolden)
	if err != nil {
		t.Fatal(err)
	}
	for name, reference := range map[string]string{"features": "tf1.pool", "logits_unbiased": "tf1.logits"} {
		values, err := got[name].Float32s()
		if err != nil {
			t.Fatal(err)
		}
		want, err := stored[reference].Float32s()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if d := math.Abs(float64(v - want[i])); !(d <= 1e-4) { // values are up to 10
				t.Fatalf("%s[%d] is %g, want %g", name, i, v, want[i])
			}
		}
	}
}

// TestWeightsForwardGAN runs a checkpoint of mimicry; gan's tests compare all kinds.
func TestWeightsForwardGAN(t *testing.T) {
	const golden = "../../gan/testdata/ref/foreign"
	stored, err := weights.ReadNPZ(golden + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeNPZ(t, filepath.Join(dir, "in.npz"), map[string]weights.Array{"z": stored["netG_cond.z"], "c": stored["netG_cond.c"]})
	file, err := filepath.Abs(golden + "/netG_cond.pth")
	if err != nil {
		t.Fatal(err)
	}
	var report forwardReport
	r := execute(t, dir, "weights", "forward", file, "--in", "in.npz", "--out", "out.npz", "--json")
	r.document(t, &report)
	if !strings.Contains(r.stderr, "taken as sngan-g") || !slices.Equal(report.Arrays["img"], []int{18, 3, 32, 32}) {
		t.Errorf("%v\nwant the guessed kind and 18 images", r)
	}
	out, err := weights.ReadNPZ(filepath.Join(dir, "out.npz"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := out["img"].Float32s()
	if err != nil {
		t.Fatal(err)
	}
	want, err := stored["netG_cond.img"].Float32s()
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if d := math.Abs(float64(got[127*i] - w)); !(d <= 1e-4) { // values are in [-1, 1]
			t.Fatalf("img[%d] is %g, want %g", 127*i, got[127*i], w)
		}
	}
	execute(t, dir, "sample", file, "--seeds", "0-2", "--npz", "fakes.npz").ok(t)
	if fakes, err := weights.ReadNPZ(filepath.Join(dir, "fakes.npz")); err != nil || !slices.Equal(fakes["arr_0"].Shape, []int{3, 32, 32, 3}) {
		t.Errorf("fakes are %v (%v), want 3 images of 32 px", fakes["arr_0"].Shape, err)
	}
}

// TestWeightsForwardCycleGAN runs an old file of the authors' code; the tests of cyclegan compare all networks.
func TestWeightsForwardCycleGAN(t *testing.T) {
	const directory = "../../cyclegan/testdata/ref/foreign"
	stored, err := weights.ReadNPZ(directory + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeNPZ(t, filepath.Join(dir, "in.npz"), map[string]weights.Array{"x": weights.FromFloat32(golden.Values(100, 3*24*16), 1, 3, 24, 16)})
	file, err := filepath.Abs(directory + "/old_net_G_A.pth")
	if err != nil {
		t.Fatal(err)
	}
	var report forwardReport
	r := execute(t, dir, "weights", "forward", file, "--in", "in.npz", "--out", "out.npz", "--json")
	r.document(t, &report)
	for _, want := range []string{"taken as cyclegan-g", "ResNet generator of 6 blocks, 2 maps, instance norm"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%v\nwant %q", r, want)
		}
	}
	if !slices.Equal(report.Arrays["img"], []int{1, 3, 24, 16}) {
		t.Errorf("reported %+v", report)
	}
	out, err := weights.ReadNPZ(filepath.Join(dir, "out.npz"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := out["img"].Float32s()
	if err != nil {
		t.Fatal(err)
	}
	want, err := stored["old_net_G_A.y"].Float32s()
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if d := math.Abs(float64(got[127*i] - w)); !(d <= 1e-4) { // values are in [-1, 1]
			t.Fatalf("img[%d] is %g, want %g", 127*i, got[127*i], w)
		}
	}
	execute(t, dir, "weights", "forward", file, "--as", "cyclegan-d", "--in", "in.npz", "--out", "y.npz").fails(t, 1, "old_net_G_A.pth is no cyclegan-d")
}

func TestWeightsForwardErrors(t *testing.T) {
	dir := t.TempDir()
	writeNPZ(t, filepath.Join(dir, "x.npz"), map[string]weights.Array{"x": firstPicture()})
	writeNPZ(t, filepath.Join(dir, "z.npz"), map[string]weights.Array{"z": firstPicture()})
	forward := func(args ...string) []string { return append([]string{"weights", "forward"}, args...) }
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{forward("x.npz", "--in", "x.npz"), 2, `"out"`},
		{forward("x.npz", "--as", "resnet", "--in", "x.npz", "--out", "y.npz"), 2, "--as takes inception, dcgan-g, dcgan-d, sngan-g, sngan-d, cyclegan-g, cyclegan-d"},
		{forward("x.npz", "--as", "dcgan-g", "--in", "x.npz", "--out", "y.npz"), 1, "x.npz is no dcgan-g: it has no tensor main.0.weight"},
		{forward("x.npz", "--preprocess", "tf2", "--in", "x.npz", "--out", "y.npz"), 2, "torchmetrics"},
		{forward("x.npz", "--in", "x.npz", "--out", "y.npz"), 1, "no known network"},
		{forward("nosuch.pth", "--in", "x.npz", "--out", "y.npz"), 1, "nosuch.pth"},
		{forward("x.npz", "--as", "inception", "--in", "nosuch.npz", "--out", "y.npz"), 1, "nosuch.npz"},
		{forward("x.npz", "--as", "inception", "--in", "z.npz", "--out", "y.npz"), 1, "has no array x, but z"},
		{forward("x.npz", "--as", "inception", "--in", "x.npz", "--out", "y.npz"), 1, "the first is Conv2d_1a_3x3"},
	} {
		execute(t, dir, test.args...).fails(t, test.code, test.want)
	}
	if got := entries(t, dir); len(got) != 2 {
		t.Errorf("the failures left %v", got)
	}
}
