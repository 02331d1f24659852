package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// generatorFile is a small file of CycleGAN's authors' code.
func generatorFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs("../../cyclegan/testdata/ref/foreign/" + name + ".pth")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A folder, and one file of it, are translated to the same pictures; what the network is, and what is wrong, is said.
func TestTranslate(t *testing.T) {
	dir := t.TempDir()
	picture(t, filepath.Join(dir, "photos", "a.png"), 20, 14)
	picture(t, filepath.Join(dir, "photos", "deep", "b.png"), 9, 16)
	model := generatorFile(t, "old_net_G_A")
	var report translateReport
	r := execute(t, dir, "translate", model, "photos", "out/y", "--json")
	r.document(t, &report)
	const network = "ResNet generator of 6 blocks, 2 maps, instance norm, pictures of 3 channels"
	if want := (translateReport{N: 2, Out: "out/y", Direction: "AtoB", Network: network}); report != want {
		t.Errorf("reported %+v, want %+v", report, want)
	}
	for _, want := range []string{"old_net_G_A.pth: " + network, "2 pictures in "} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%v\nwant %q", r, want)
		}
	}
	first, text := readPicture(t, filepath.Join(dir, "out", "y", "deep", "b.png"))
	if first.H != 16 || first.W != 9 || text["run"] != "old_net_G_A.pth" || text["original"] != "deep/b.png" || text["network"] != network ||
		text["version"] != gan.Version {
		t.Errorf("a picture of %dx%d says %v", first.W, first.H, text)
	}
	if r := execute(t, dir, "translate", model, "photos/deep/b.png", "one").ok(t); r.stdout != "one: 1 pictures\n" {
		t.Errorf("%v\nwant how many pictures", r)
	}
	if again, _ := readPicture(t, filepath.Join(dir, "one", "b.png")); !bytes.Equal(again.Pix, first.Pix) {
		t.Error("the file alone is translated to another picture")
	}
	execute(t, dir, "translate", model, "photos/a.png", "padded", "--pad-to", "64", "--tile", "16").ok(t)
	if padded, _ := readPicture(t, filepath.Join(dir, "padded", "a.png")); padded.H != 14 || padded.W != 20 {
		t.Errorf("in tiles it has %dx%d", padded.W, padded.H)
	}

	write(t, filepath.Join(dir, "photos", "bad.jpg"), []byte("text"))
	if r := execute(t, dir, "translate", model, "photos", "some"); r.code != 1 || !strings.Contains(r.stderr, "left out bad.jpg: ") ||
		!strings.Contains(r.stderr, "gogan: cyclegan: photos: 1 of 3 pictures could not be translated, the first is bad.jpg") {
		t.Errorf("%v\nwant the file that was left out", r)
	}
	if got := entries(t, filepath.Join(dir, "some")); len(got) != 2 {
		t.Errorf("beside a bad file %v were translated", got)
	}
}

func TestTranslateRefuses(t *testing.T) {
	dir := t.TempDir()
	picture(t, filepath.Join(dir, "photos", "a.png"), 16, 16)
	model := generatorFile(t, "latest_net_G")
	data, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cut.pth"), data[:len(data)/2])
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{2, "translate FILE|RUN SRC OUTDIR", []string{model, "photos"}},
		{2, "AtoB, BtoA", []string{model, "photos", "out", "--direction", "XtoY"}},
		{2, "numbers of pixels", []string{model, "photos", "out", "--tile", "-1"}},
		{1, "multiples of 4", []string{model, "photos", "out", "--tile", "30"}},
		{1, "holds one generator", []string{model, "photos", "out", "--direction", "BtoA"}},
		{1, "photos is not empty", []string{model, "photos", "photos"}},
		{1, "truncated", []string{"cut.pth", "photos", "out"}},
		{1, "nosuch.pth", []string{"nosuch.pth", "photos", "out"}},
		{1, "nosuch", []string{model, "nosuch", "out"}},
		{1, "a discriminator", []string{generatorFile(t, "latest_net_D_A"), "photos", "out"}},
	} {
		r := execute(t, dir, append([]string{"translate"}, test.args...)...)
		lines := strings.Split(strings.TrimSpace(r.stderr), "\n") // before the error the network may be told
		if last := lines[len(lines)-1]; r.code != test.code || !strings.HasPrefix(last, "gogan: ") || !strings.Contains(last, test.want) || r.stdout != "" {
			t.Errorf("%v\nwant exit status %d and %q in the last line", r, test.code, test.want)
		}
	}
	if got := entries(t, dir); len(got) != 2 {
		t.Errorf("the failures left %v", got)
	}
}

// cycleganRun trains a run of two steps on pictures of clothes.
func cycleganRun(t *testing.T) string {
	t.Helper()
	cfg := cyclegan.CycleGAN64Small()
	cfg.NBlocks, cfg.BaseChannels, cfg.DiscriminatorChannels, cfg.DiscriminatorLayers, cfg.Batch = 1, 2, 2, 1, 2
	x, err := datasets.Open("fashion-mini:train", datasets.WithLimit(8))
	if err != nil {
		t.Fatal(err)
	}
	y, err := datasets.Open("fashion-mini:test", datasets.WithLimit(8))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "cycle")
	r, err := cyclegan.OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg, x, y)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.TrainTo(t.Context(), 4, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A run has both directions, and so has the file that is made of it; as a file of CycleGAN's authors' code it has one.
func TestTranslateRun(t *testing.T) {
	dir, run := t.TempDir(), cycleganRun(t)
	picture(t, filepath.Join(dir, "photos", "a.png"), 30, 22)
	execute(t, dir, "weights", "convert", run, "both.safetensors").ok(t)
	execute(t, dir, "weights", "convert", run, "G.pth", "--as", "cyclegan-g", "--network", "G").ok(t)
	execute(t, dir, "weights", "convert", run, "F.pth", "--as", "cyclegan-g", "--network", "F").ok(t)
	execute(t, dir, "weights", "convert", run, "DY.pth", "--as", "cyclegan-d", "--network", "DY").ok(t)
	made := map[string]*imaging.Image8{}
	for out, args := range map[string][]string{
		"run": {run}, "file": {"both.safetensors"}, "G": {"G.pth"},
		"run-back": {run, "--direction", "BtoA"}, "file-back": {"both.safetensors", "--direction", "BtoA"}, "F": {"F.pth"},
	} {
		execute(t, dir, append([]string{"translate", args[0], "photos", out}, args[1:]...)...).ok(t)
		var text map[string]string
		made[out], text = readPicture(t, filepath.Join(dir, out, "a.png"))
		if want := map[bool]string{false: "AtoB", true: "BtoA"}[len(args) > 1]; args[0] == run && (text["direction"] != want ||
			text["preset"] != "cyclegan-64-small" || text["data"] != "fashion-mini:train and fashion-mini:test" || text["run"] != "cycle") {
			t.Errorf("%s says %v", out, text)
		}
	}
	for _, same := range [][]string{{"run", "file", "G"}, {"run-back", "file-back", "F"}} {
		for _, other := range same[1:] {
			if !bytes.Equal(made[same[0]].Pix, made[other].Pix) {
				t.Errorf("%s and %s differ", same[0], other)
			}
		}
	}
	if bytes.Equal(made["run"].Pix, made["run-back"].Pix) {
		t.Error("both directions are one")
	}
	execute(t, dir, "weights", "inspect", "DY.pth").ok(t)
	execute(t, dir, "weights", "convert", run, "x.pth", "--as", "cyclegan-g").fails(t, 1, "G (X to Y) or F (Y to X)")
	execute(t, dir, "weights", "convert", run, "x.pth", "--as", "dcgan-g").fails(t, 1, "cyclegan.Load")
	execute(t, dir, "weights", "convert", run, "x.pth", "--network", "G").fails(t, 2, "--as cyclegan-g")
	execute(t, dir, "sample", run, "--seeds", "0", "--out", "o").fails(t, 1, "draws nothing from seeds")
}
