package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/inceptionweights"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/metrics"
)

// scoreJSON is a result as `score --json` prints it.
type scoreJSON struct {
	Name            string      `json:"name"`
	Value           float64     `json:"value"`
	Std             *float64    `json:"std"`
	StdOf           string      `json:"std_of"`
	CI              *[2]float64 `json:"ci"`
	NReal           int         `json:"n_real"`
	NFake           int         `json:"n_fake"`
	Extractor       string      `json:"extractor"`
	WeightsSHA256   string      `json:"weights_sha256"`
	WeightsOfficial bool        `json:"weights_official"`
	Preprocess      string      `json:"preprocess"`
	Seed            int64       `json:"seed"`
	DDoF            int         `json:"ddof"`
	Time            string      `json:"time"`
	Img             int64       `json:"img"`
}

// results decodes the document of `score --json`.
func (r result) results(t *testing.T) []scoreJSON {
	t.Helper()
	var document struct {
		Results []scoreJSON `json:"results"`
	}
	r.document(t, &document)
	return document.Results
}

// value returns the value of the only result.
func (r result) value(t *testing.T) float64 {
	t.Helper()
	results := r.results(t)
	if len(results) != 1 {
		t.Fatalf("%v\nwant one result", r)
	}
	return results[0].Value
}

// clothes writes pictures first to first+n-1 of a split of fashion-mini into a file arr_0 of bytes.
func clothes(t *testing.T, path, split string, first, n int) {
	t.Helper()
	set, err := datasets.Open("fashion-mini:" + split)
	if err != nil {
		t.Fatal(err)
	}
	var images []*imaging.Image8
	for i := range n {
		img, _, err := set.At(first + i)
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, imaging.ToImage8(img, 1))
	}
	var file bytes.Buffer
	if err := writeImages(&file, images); err != nil {
		t.Fatal(err)
	}
	write(t, path, file.Bytes())
}

// cloth are the arguments that measure with the extractor which needs no download.
func cloth(verb string, args ...string) []string {
	return append([]string{verb, "--extractor", "fashion-cnn"}, args...)
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestScore(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "reals.npz"), "test", 0, 70)
	clothes(t, filepath.Join(dir, "fakes.npz"), "train", 0, 60)
	args := cloth("score", "--real", "reals.npz", "--fake", "fakes.npz", "--metrics", "fd,kd,classifier_score,prdc",
		"--kid-subset-size", "30", "--kid-subsets", "7", "--bootstrap", "20", "--seed", "5")
	r := execute(t, dir, append(args, "--json")...)
	results := r.results(t)
	var names []string
	for _, s := range results {
		names = append(names, s.Name)
		if s.NFake != 60 || s.Extractor != "fashion-cnn" || len(s.WeightsSHA256) != 64 || !s.WeightsOfficial || s.Seed != 5 ||
			s.DDoF != 1 || s.Preprocess != "fashion-cnn" || s.Time == "" {
			t.Errorf("%+v", s)
		}
	}
	want := []string{"fd_fashion_cnn", "kd_fashion_cnn", "classifier_score_fashion_cnn", "prdc_precision_fashion_cnn",
		"prdc_recall_fashion_cnn", "prdc_density_fashion_cnn", "prdc_coverage_fashion_cnn"}
	if !slices.Equal(names, want) {
		t.Fatalf("got %v, want %v", names, want)
	}
	fd, kd, score := results[0], results[1], results[2]
	if fd.Value <= 0 || fd.CI == nil || fd.Std != nil || fd.NReal != 70 || kd.Std == nil || kd.StdOf != "subsets" ||
		score.StdOf != "splits" || score.NReal != 0 || score.Value < 1 || score.Value > 10 {
		t.Errorf("%+v", results)
	}
	if !strings.Contains(r.stderr, "warning: 60 fakes for") || !strings.Contains(r.stderr, "reals: 70 pictures in ") ||
		strings.ContainsAny(r.stderr, "\r\x1b") {
		t.Errorf("stderr: %q", r.stderr)
	}

	table := execute(t, dir, append(args, "--cite")...).ok(t).stdout
	for _, text := range []string{"SCORE", fmt.Sprintf("fd_fashion_cnn %18.5g", fd.Value)[:14], "over subsets", "70     60", "seed 5",
		`fd\_fashion\_cnn $\downarrow$ &`, ` \\`, "of 60 generated and 70 real images", "gogan 0."} {
		if !strings.Contains(table, text) {
			t.Errorf("no %q in\n%s", text, table)
		}
	}
	// A set has no distance to itself; ddof and order change nothing in that.
	itself := execute(t, dir, cloth("score", "--real", "reals.npz", "--fake", "reals.npz", "--json", "--ddof", "0", "--seed", "0")...)
	near(t, "distance to itself", itself.value(t), 0, 1e-6)
	if s := itself.results(t)[0]; s.DDoF != 0 || s.Seed != 0 {
		t.Errorf("%+v", s)
	}
	// Without reals.
	alone := execute(t, dir, cloth("score", "--fake", "fakes.npz", "--metrics", "classifier_score", "--json", "--seed", "5")...)
	near(t, "classifier score alone", alone.value(t), score.Value, 1e-9)
}

// A run and a file of one draw their pictures when they are read, as many as there are reals or as --samples says.
func TestScoreOfRun(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "reals.npz"), "test", 0, 40)
	if err := os.CopyFS(filepath.Join(dir, "run"), os.DirFS(trainedRun(t))); err != nil {
		t.Fatal(err)
	}
	args := cloth("score", "--real", "reals.npz", "--json", "--fake")
	of := func(more ...string) scoreJSON {
		t.Helper()
		results := execute(t, dir, append(args, more...)...).results(t)
		if len(results) != 1 {
			t.Fatalf("%+v", results)
		}
		return results[0]
	}
	got := of("run")
	if got.NFake != 40 || got.NReal != 40 || got.Img != 64 {
		t.Errorf("%+v", got)
	}
	execute(t, dir, "weights", "convert", "run", "run.safetensors").ok(t)
	file := of("run.safetensors")
	near(t, "score of the file", file.Value, got.Value, 1e-9)
	if file.Img != 0 {
		t.Errorf("a file has the length %d", file.Img)
	}
	execute(t, dir, "sample", "run", "--seeds", "0-29", "--npz", "fakes.npz").ok(t)
	near(t, "score of the pictures drawn before", of("run", "--samples", "30").Value, of("fakes.npz").Value, 1e-9)

	execute(t, dir, append(args, "run", "--best")...).fails(t, 1, "run", "best")

	scores := filepath.Join(dir, "run", "scores.jsonl")
	if _, err := os.Stat(scores); err == nil {
		t.Error("scores were recorded and nobody asked")
	}
	recorded := of("run", "--record")
	d, err := run.Open(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := d.Scores()
	if err != nil || len(kept) != 1 || kept[0].Value != recorded.Value || kept[0].Img != 64 {
		t.Errorf("recorded %+v (%v), want %+v", kept, err, recorded)
	}
	// A run that is being written keeps its scores to itself; the result is not lost.
	config, err := d.ConfigJSON()
	if err != nil {
		t.Fatal(err)
	}
	writer, err := run.Create(filepath.Join(dir, "run"), rawJSON(config), run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	locked := execute(t, dir, append(args, "run", "--record")...)
	if locked.code != 1 || !strings.Contains(locked.stdout, "fd_fashion_cnn") || !strings.Contains(locked.stderr, "gogan: the scores are not recorded") {
		t.Error(locked)
	}
}

// rawJSON is text that is JSON already.
type rawJSON []byte

func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// One damaged picture is an error that names it and says how to go on; so is everything else that is wrong with a source.
func TestScoreOfBadSources(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "reals.npz"), "test", 0, 20)
	for i := range 12 {
		picture(t, filepath.Join(dir, "photos", fmt.Sprintf("%02d.png", i)), 20+i, 20)
	}
	damage(t, filepath.Join(dir, "photos", "07.png"))
	args := cloth("score", "--real", "reals.npz", "--fake")
	r := execute(t, dir, append(args, "photos")...)
	if line := lastLine(r.stderr); r.code != 1 || r.stdout != "" || !strings.HasPrefix(line, "gogan: ") || !strings.Contains(line, "07.png") ||
		!strings.Contains(line, "--skip-bad") || strings.Contains(line, "policy") {
		t.Error(r)
	}
	r = execute(t, dir, append(args, "photos", "--skip-bad", "--json")...)
	if results := r.results(t); results[0].NFake != 11 || !strings.Contains(r.stderr, "left out 07.png") {
		t.Errorf("%v\nwant 11 pictures and a word about one", r)
	}
	write(t, filepath.Join(dir, "header", "a.png"), []byte("no picture"))
	execute(t, dir, append(args, "header")...).fails(t, 1, "a.png", "--skip-bad")
	bomb(t, filepath.Join(dir, "bomb.zip"))
	execute(t, dir, append(args, "bomb.zip")...).fails(t, 1, "a.png", "zip bomb")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	picture(t, filepath.Join(dir, "one", "a.png"), 28, 28)
	write(t, filepath.Join(dir, "text.npz"), []byte("no archive"))
	for _, test := range []struct {
		args  []string
		wants []string
	}{
		{append(args, "empty"), []string{"empty", "no picture"}},
		{append(args, "nosuch"), []string{"nosuch", "fashion-mini"}},
		{append(args, "one"), []string{"2 fakes", "there are 1"}},
		{append(args, "reals.npz", "--metrics", "kd"), []string{"kd", "1000 fakes", "--kid-subset-size"}},
		{append(args, "reals.npz", "--metrics", "classifier_score", "--is-splits", "30"), []string{"30 fakes", "--is-splits"}},
		{cloth("score", "--real-stats", "text.npz", "--fake", "reals.npz"), []string{"text.npz"}},
		{cloth("stats", "empty", "--out", "x.npz"), []string{"empty"}},
		{cloth("stats", "reals.npz", "--out", "x.npz", "--shard", "21/21"), []string{"21", "20 parts"}},
		{[]string{"stats", "merge", "text.npz", "--out", "x.npz"}, []string{"text.npz"}},
		{[]string{"score", "--real", "reals.npz", "--fake", "reals.npz", "--weights", "nosuch.pth"}, []string{"nosuch.pth"}},
	} {
		execute(t, dir, test.args...).fails(t, 1, test.wants...)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.npz")); err == nil {
		t.Error("a failure wrote a file")
	}
}

// lastLine returns the last line of what was printed.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}

// damage cuts a picture short behind its header.
func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, data[:len(data)-30])
}

// bomb writes a zip with a picture that would unpack to 70 MB of zeros.
func bomb(t *testing.T, path string) {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	w, err := z.Create("a.png")
	if err == nil {
		_, err = io.Copy(w, io.LimitReader(zeros{}, 70<<20))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, file.Bytes())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestScoreUsage(t *testing.T) {
	score := func(args ...string) []string { return append([]string{"score", "--real", "a", "--fake", "b"}, args...) }
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"score"}, "fake"},
		{[]string{"score", "--fake", "b"}, "--real"},
		{[]string{"score", "a", "b"}, "gogan score"},
		{score("--real-stats", "c"), "real-stats"},
		{score("--fake-stats", "c"), "fake-stats"},
		{score("--metrics", "fod"), "fid, is, kid, sfid, prdc"},
		{score("--metrics", "precision"), "vgg16"},
		{score("--metrics", "fid", "--extractor", "fashion-cnn"), "ask for fd"},
		{score("--metrics", "fd"), "ask for fid"},
		{score("--extractor", "vgg16"), "fashion-cnn"},
		{score("--extractor", "clip"), "fashion-cnn"},
		{score("--preprocess", "lanczos"), "torchmetrics"},
		{score("--preprocess", "tf1", "--extractor", "fashion-cnn"), "tf1"},
		{score("--preprocess", "all", "--extractor", "fashion-cnn"), "inception-2015"},
		{score("--preprocess", "all", "--ddof", "0"), "--ddof"},
		{score("--preprocess", "all", "--cite"), "--cite"},
		{score("--preprocess", "all", "--metrics", "prdc"), "prdc"},
		{score("--weights", "w", "--extractor", "fashion-cnn"), "weights"},
		{score("--is-splits", "0"), "--is-splits 0"},
		{score("--kid-subset-size", "1"), "2"},
		{score("--seed", "-1"), "--seed"},
		{score("--seed", "4294967296"), "4294967296"},
		{score("--ddof", "-1"), "--ddof"},
		{score("--bootstrap", "1"), "tens"},
		{score("--samples", "-3"), "--samples"},
		{score("--samples", "9"), "a"}, // neither is a run
		{score("--best"), "--best"},
		{score("--record"), "--record"},
		{score("--json", "--cite"), "cite"},
		{[]string{"score", "--real", "m.safetensors", "--fake", "b"}, "--fake, not --real"},
		{[]string{"stats"}, "SRC"},
		{[]string{"stats", "a", "--out", "b", "--samples", "9"}, "--samples"},
		{[]string{"stats", "a"}, `"out"`},
		{[]string{"stats", "a", "--out", "b", "--shard", "9/8"}, "1/8 to 8/8"},
		{[]string{"stats", "a", "--out", "b", "--shard", "3"}, "1/8 to 8/8"},
		{[]string{"stats", "a", "--out", "b", "--extractor", "fashion-cnn", "--spatial"}, "sfid"},
		{[]string{"stats", "a", "--out", "b", "--preprocess", "x"}, "tf1"},
		{[]string{"stats", "merge", "--out", "b"}, "FILE"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a"), nil)
		execute(t, dir, test.args...).fails(t, 2, test.want)
		if left := entries(t, dir); len(left) != 1 {
			t.Errorf("%v: wrote %v", test.args, left)
		}
	}
}

func TestScoreCompletion(t *testing.T) {
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"score", "--extractor", ""}, "fashion-cnn"},
		{[]string{"score", "--preprocess", ""}, "pytorch-fid"},
		{[]string{"score", "--preprocess", ""}, "all"},
		{[]string{"score", "--metrics", "fid,k"}, "fid,kid"},
		{[]string{"score", "--extractor", "fashion-cnn", "--metrics", ""}, "classifier_score"},
		{[]string{"score", "--real", ""}, "fashion-mini"},
		{[]string{"stats", "--preprocess", ""}, "clean"},
		{[]string{"stats", ""}, "fashion-mini"},
		{[]string{"stats", "m"}, "merge"},
	} {
		r := execute(t, "", append([]string{"__complete"}, test.words...)...).ok(t)
		if !slices.ContainsFunc(strings.Split(r.stdout, "\n"), func(line string) bool {
			word, _, _ := strings.Cut(line, "\t")
			return word == test.want
		}) {
			t.Errorf("%v\nwant %q", r, test.want)
		}
	}
	if r := execute(t, "", "__complete", "stats", "--preprocess", "").ok(t); strings.Contains(r.stdout, "all\n") {
		t.Errorf("%v\nstats has one rule at a time", r)
	}
}

// On XLA, with the Inception network: what each program would report, from one reading of each side.
func TestScoreInception(t *testing.T) {
	testbackend.XLA(t) // skips, or fails under CI, without it
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "reals.npz"), "test", 0, 6)
	clothes(t, filepath.Join(dir, "fakes.npz"), "train", 0, 5)
	args := []string{"score", "--real", "reals.npz", "--fake", "fakes.npz", "--weights", inceptionweights.File(t),
		"--preprocess", "all", "--metrics", "fid,kid", "--kid-subset-size", "4", "--kid-subsets", "3", "--json"}
	all := finish(t, command(dir, args, compute.ConfigEnvVar+"=xla:cpu"))
	values := map[string]float64{}
	for _, s := range all.results(t) {
		values[fmt.Sprint(s.Name, s.Preprocess, s.DDoF)] = s.Value
		if s.Extractor != "inception-2015" || s.WeightsOfficial || s.NReal != 6 || s.NFake != 5 {
			t.Errorf("%+v", s)
		}
	}
	if len(values) != 4+1+3+1 { // FID by 4 rules and once with ddof 0; KID by the rules of 3 programs, and that of ddof 0
		t.Errorf("%d values: %v", len(values), values)
	}
	if !strings.Contains(all.stderr, "not the published ones") {
		t.Errorf("no warning about weights: %s", all.stderr)
	}
	if values["fidtf11"] == values["fidtf10"] || values["fidtf11"] == values["fidpytorch-fid1"] {
		t.Errorf("protocols that differ give one value: %v", values)
	}
}

// The table of --preprocess all has a row for each program that reports anything.
func TestPrintReports(t *testing.T) {
	result := func(name string, value float64) metrics.Result {
		return metrics.Result{Name: name, Value: value, NReal: 6, NFake: 5, Extractor: "inception-2015", WeightsSHA256: "0123456789", Seed: 2020}
	}
	var b strings.Builder
	err := printReports(&b, []metrics.Report{
		{Program: metrics.Program{Name: "a", Preprocess: metrics.TF1, DDoF: 1}, Results: []metrics.Result{result("fid", 12.34567), result("kid", 0.5)}},
		{Program: metrics.Program{Name: "b", Preprocess: metrics.Clean}, Results: []metrics.Result{result("fid", 2)}},
		{Program: metrics.Program{Name: "c", Preprocess: metrics.Clean}},
	})
	want := `PROGRAM  PREPROCESS  DDOF  FID     KID
a        tf1         1     12.346  0.5
b        clean       0     2       -

6 reals, 5 fakes, inception-2015 01234567, seed 2020
`
	if err != nil || b.String() != want {
		t.Errorf("got\n%s(%v), want\n%s", b.String(), err, want)
	}
}
