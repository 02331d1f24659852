package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
)

// readPicture returns the pixels and the text of a PNG.
func readPicture(t *testing.T, path string) (*imaging.Image8, map[string]string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := imaging.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := imaging.PNGText(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return imaging.ToImage8(img, 1), text
}

// All outputs of `sample` show the same pictures, and every PNG says where it comes from.
func TestSample(t *testing.T) {
	dir, run := t.TempDir(), trainedRun(t)
	var report sampleReport
	execute(t, dir, "sample", run, "--seeds", "0-62,63", "--out", "p/q", "--grid", "grid.png", "--npz", "all.npz", "--json").
		document(t, &report)
	if want := (sampleReport{N: 64, Out: "p/q", Grid: "grid.png", NPZ: "all.npz"}); report != want {
		t.Errorf("reported %+v, want %+v", report, want)
	}
	arrays, err := weights.ReadNPZ(filepath.Join(dir, "all.npz"))
	if err != nil {
		t.Fatal(err)
	}
	array := arrays["arr_0"]
	pix, err := array.Uint8s()
	if err != nil || len(arrays) != 1 || array.DType != "U8" || !slices.Equal(array.Shape, []int{64, 28, 28, 1}) {
		t.Fatalf("all.npz has %d arrays, arr_0 is %s %v (%v)", len(arrays), array.DType, array.Shape, err)
	}
	var pictures []*imaging.Image8
	for seed := range 64 {
		picture, text := readPicture(t, filepath.Join(dir, "p/q", fmt.Sprintf("seed%08d.png", seed)))
		if !bytes.Equal(picture.Pix, pix[seed*28*28:(seed+1)*28*28]) {
			t.Errorf("the PNG of seed %d is not the picture in the npz", seed)
		}
		if text["seed"] != fmt.Sprint(seed) || text["run"] != "shared" || text["version"] != gan.Version || text["run_seed"] != "3" {
			t.Errorf("seed %d says %v", seed, text)
		}
		for key, value := range text {
			if strings.ContainsRune(value, filepath.Separator) {
				t.Errorf("%s = %q holds a path", key, value)
			}
		}
		pictures = append(pictures, picture)
	}
	if bytes.Equal(pictures[0].Pix, pictures[1].Pix) {
		t.Error("seeds 0 and 1 give one picture")
	}
	grid, text := readPicture(t, filepath.Join(dir, "grid.png"))
	if !bytes.Equal(grid.Pix, imaging.Grid(pictures, 8, 2).Pix) || text["seed"] != "0-62,63" {
		t.Errorf("the grid does not show the 64 pictures in 8 columns, or says %v", text)
	}
	// The grid that training drew last shows the same seeds.
	if drawn, _ := readPicture(t, filepath.Join(run, "samples", "fakes_000000064.png")); !bytes.Equal(grid.Pix, drawn.Pix) {
		t.Error("seeds 0-63 are not those of the run's own grid")
	}
	if got := entries(t, dir); !slices.Equal(got, []string{"all.npz", "grid.png", "p"}) {
		t.Errorf("wrote %v", got)
	}
}

// A converted file draws what its run draws, whatever is drawn with it; equal states give equal files.
func TestConvert(t *testing.T) {
	dir, run := t.TempDir(), trainedRun(t)
	var report struct {
		File  string `json:"file"`
		Bytes int    `json:"bytes"`
	}
	execute(t, dir, "weights", "convert", run, "model.safetensors", "--json").document(t, &report)
	data, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
	if err != nil || report.File != "model.safetensors" || report.Bytes != len(data) {
		t.Fatalf("reported %+v, wrote %d bytes (%v)", report, len(data), err)
	}
	if !bytes.Equal(data, converted(t, dir, run)) {
		t.Error("converting twice gives two files")
	}
	if bytes.Contains(data, []byte(filepath.Dir(run))) {
		t.Error("the file holds the path of its run")
	}
	execute(t, dir, "sample", "model.safetensors", "--seeds", "9", "--out", "file").ok(t)
	execute(t, dir, "sample", run, "--seeds", "1-20", "--out", "run").ok(t)
	a, _ := readPicture(t, filepath.Join(dir, "file", "seed00000009.png"))
	b, _ := readPicture(t, filepath.Join(dir, "run", "seed00000009.png"))
	if !bytes.Equal(a.Pix, b.Pix) {
		t.Error("seed 9 of the file is another picture than seed 9 of the run")
	}
}

func TestRuns(t *testing.T) {
	dir := t.TempDir()
	execute(t, dir, tiny("train", "dcgan", "--run", "runs/a", "--until", "16")...).ok(t)
	execute(t, dir, tiny("train", "mlp-gan", "--run", "runs/deep/b", "--until", "8", "--set", "loss=hinge")...).ok(t)
	var list struct {
		Runs []summaryJSON `json:"runs"`
	}
	execute(t, dir, "runs", "runs", "runs/a", "--json").document(t, &list)
	var got []string
	for _, r := range list.Runs {
		got = append(got, fmt.Sprintf("%s %s %s %d %s", r.Dir, r.Preset, r.Data, r.Img, r.State))
	}
	want := []string{"runs/a dcgan fashion-mini:train 16 stopped", "runs/deep/b mlp-gan fashion-mini:train 8 stopped",
		"runs/a dcgan fashion-mini:train 16 stopped"}
	if !slices.Equal(got, want) {
		t.Errorf("listed\n%v, want\n%v", got, want)
	}
	if len(list.Runs[0].Findings) != 0 {
		t.Errorf("findings in a log of a few lines: %v", list.Runs[0].Findings)
	}
	table := execute(t, dir, "runs", "runs").ok(t).stdout
	if lines := strings.Split(table, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[0], "RUN") || !strings.Contains(lines[1], "0.016") {
		t.Errorf("the table is\n%s", table)
	}

	type difference struct {
		Field string `json:"field"`
		A     string `json:"a"`
		B     string `json:"b"`
	}
	var diff struct {
		A           string       `json:"a"`
		B           string       `json:"b"`
		Differences []difference `json:"differences"`
	}
	execute(t, dir, "runs", "diff", "runs/a", "runs/deep/b", "--json").document(t, &diff)
	for _, want := range []difference{{"preset", `"dcgan"`, `"mlp-gan"`}, {"loss", `"non-saturating"`, `"hinge"`}} {
		if !slices.Contains(diff.Differences, want) {
			t.Errorf("no %v among the differences %v", want, diff.Differences)
		}
	}
	if slices.ContainsFunc(diff.Differences, func(d difference) bool { return d.Field == "batch" }) {
		t.Errorf("batch is the same in both: %v", diff.Differences)
	}
	if table := execute(t, dir, "runs", "diff", "runs/a", "runs/deep/b").ok(t).stdout; !strings.Contains(table, "architecture") {
		t.Errorf("the table is\n%s", table)
	}
	execute(t, dir, "runs", "diff", "runs/a", "runs/a", "--json").document(t, &diff)
	if len(diff.Differences) != 0 {
		t.Errorf("a run differs from itself: %v", diff.Differences)
	}
}

func TestData(t *testing.T) {
	dir := t.TempDir()
	var list struct {
		Data []namedData `json:"data"`
	}
	execute(t, dir, "data", "list", "--json").document(t, &list)
	i := slices.IndexFunc(list.Data, func(d namedData) bool { return d.Name == "fashion-mini" })
	if i < 0 || !list.Data[i].Ready || !slices.Equal(list.Data[i].Splits, []dataSplit{{"train", 12000}, {"test", 2000}}) {
		t.Errorf("listed %+v", list.Data)
	}
	if r := execute(t, dir, "data", "list").ok(t); !strings.Contains(r.stdout, "fashion-mnist") {
		t.Error(r)
	}
	if r := execute(t, dir, "data", "fetch", "fashion-mini").ok(t); r.stdout != "fashion-mini: embedded\n" {
		t.Error(r)
	}
	var info sourceInfo
	execute(t, dir, "data", "info", "fashion-mini:test", "--json").document(t, &info)
	if info.N != 2000 || info.Height != 28 || info.Channels != 1 || len(info.Classes) != 10 || len(info.Fingerprint) != 64 {
		t.Errorf("%+v", info)
	}
	picture(t, filepath.Join(dir, "photos", "a.png"), 40, 50)
	picture(t, filepath.Join(dir, "photos", "b.png"), 64, 32)
	write(t, filepath.Join(dir, "photos", "c.png"), []byte("no picture"))
	execute(t, dir, "data", "info", "photos", "--json").document(t, &info)
	if info.N != 2 || info.Height != 50 || info.Width != 40 || !strings.Contains(info.Odd, "b.png") ||
		len(info.Unreadable) != 1 || info.Unreadable[0].Name != "c.png" {
		t.Errorf("%+v", info)
	}
	if r := execute(t, dir, "data", "info", "photos").ok(t); !strings.Contains(r.stdout, "unreadable") || !strings.Contains(r.stdout, "b.png") {
		t.Error(r)
	}
}

func TestDataOfPairs(t *testing.T) {
	dir := t.TempDir()
	var list struct {
		Data []namedData `json:"data"`
	}
	execute(t, dir, "data", "list", "--json").document(t, &list)
	i := slices.IndexFunc(list.Data, func(d namedData) bool { return d.Name == "horse2zebra" })
	if i < 0 || list.Data[i].Kind != kindPair || !strings.Contains(list.Data[i].Licence, "ImageNet") {
		t.Errorf("listed %+v", list.Data)
	}
	if r := execute(t, dir, "data", "list").ok(t); !strings.Contains(r.stdout, "trainB 4000") {
		t.Error(r)
	}
	if r := execute(t, dir, "data", "fetch", "glyphs").ok(t); r.stdout != "glyphs: made by code\n" || r.stderr != "" {
		t.Error(r)
	}
	for i, side := range []string{"trainA", "trainB", "testA"} {
		picture(t, filepath.Join(dir, "photos", side, "a.png"), 40+i, 50)
	}
	var info pairInfo
	execute(t, dir, "data", "info", "photos", "--json").document(t, &info)
	if info.Kind != kindPair || info.X.Name != "photos:trainA" || info.X.Width != 40 || info.Y.Name != "photos:trainB" || info.Y.Width != 41 {
		t.Errorf("%+v", info)
	}
	if r := execute(t, dir, "data", "info", "photos").ok(t); !strings.Contains(r.stdout, "photos:trainA") || !strings.Contains(r.stdout, "photos:trainB") {
		t.Error(r)
	}
	execute(t, dir, "data", "info", "photos:test").fails(t, 1, "testA", "no testB")
	execute(t, dir, "train", "dcgan", "--data", "glyphs", "--run", "r").fails(t, 1, "pair", "glyphs:trainA")
}

// A conditional run shows the class that --class names, else the one of the seed; a run without classes has none.
func TestSampleClass(t *testing.T) {
	dir := t.TempDir()
	execute(t, dir, "train", "sngan-projection-32-small", "--data", "fashion-mini", "--run", "r", "--until", "16", "--set", "base_channels=2",
		"--set", "discriminator_channels=2", "--set", "batch=8", "--set", "n_critic=1", "--set", "generator_optimizer.lr=0.1").ok(t)
	execute(t, dir, "sample", "r", "--seeds", "0-9", "--out", "each").ok(t)
	execute(t, dir, "sample", "r", "--seeds", "0-9", "--class", "3", "--out", "third").ok(t)
	for seed := range 10 {
		name := fmt.Sprintf("seed%08d.png", seed)
		each, _ := readPicture(t, filepath.Join(dir, "each", name))
		third, _ := readPicture(t, filepath.Join(dir, "third", name))
		if same := bytes.Equal(each.Pix, third.Pix); same != (seed == 3) {
			t.Errorf("seed %d of its own class and of class 3 are the same picture: %v", seed, same)
		}
	}
	execute(t, dir, "sample", "r", "--seeds", "0-2", "--interpolate", "--class", "3", "--steps", "2", "--grid", "walk.png").ok(t)
	walk, _ := readPicture(t, filepath.Join(dir, "walk.png"))
	first, _ := readPicture(t, filepath.Join(dir, "third", "seed00000000.png"))
	if !bytes.Equal(crop(walk, 0, 0, 32), first.Pix) {
		t.Error("a walk with --class begins with another picture than that of its seed and class")
	}
	execute(t, dir, "sample", "r", "--seeds", "0", "--class", "10", "--out", "x").fails(t, 1, "class 10", "0 to 9")
	execute(t, dir, "sample", trainedRun(t), "--seeds", "0", "--class", "0", "--out", "x").fails(t, 1, "without classes")
}
