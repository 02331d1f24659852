package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/compute"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// summaryJSON is a run as `train --json` and `runs --json` print it.
type summaryJSON struct {
	Dir     string             `json:"dir"`
	Preset  string             `json:"preset"`
	Data    string             `json:"data"`
	State   string             `json:"state"`
	Img     int64              `json:"img"`
	Seconds float64            `json:"seconds"`
	Best    *struct{}          `json:"best"`
	Values  map[string]float64 `json:"values"`

	Findings []run.Finding `json:"findings"`
}

// Ctrl-C saves after the running step and ends with status 130; the same command goes on from there, and the run ends
// with the same bits as one that nobody stopped.
func TestInterruptAndResume(t *testing.T) {
	dir := t.TempDir()
	args := func(run string) []string {
		return tiny("train", "dcgan", "--run", run, "--until", "800", "--seed", "7", "--json")
	}
	var stdout, stderr bytes.Buffer
	cmd := command(dir, args("stopped"))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForStep(t, filepath.Join(dir, "stopped"))
	// A second writer gets one line that names the first.
	execute(t, dir, args("stopped")...).fails(t, 1, "stopped", fmt.Sprintf("process %d", cmd.Process.Pid))
	var running struct {
		Runs []summaryJSON `json:"runs"`
	}
	execute(t, dir, "runs", ".", "--json").document(t, &running)
	if len(running.Runs) != 1 || running.Runs[0].State != "running" {
		t.Errorf("while it runs: %+v", running)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is looked at below
	lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
	last := lines[len(lines)-1]
	if code := cmd.ProcessState.ExitCode(); code != 130 || stdout.Len() > 0 || strings.Count(stderr.String(), "gogan: ") != 1 ||
		!strings.HasPrefix(last, "gogan: stopped at ") || !strings.Contains(last, "the same command goes on") {
		t.Fatalf("exit status %d, stdout %q, stderr %s", code, stdout.String(), stderr.String())
	}

	var resumed, straight summaryJSON
	r := execute(t, dir, args("stopped")...)
	r.document(t, &resumed)
	if !strings.Contains(r.stderr, "continued at ") || strings.Contains(r.stderr, "continued at 0\n") {
		t.Errorf("%v\nwant it continued beyond the start", r)
	}
	execute(t, dir, args("straight")...).document(t, &straight)
	if resumed.Img != 800 || straight.Img != 800 || resumed.State != "stopped" || resumed.Preset != "dcgan" ||
		resumed.Data != "fashion-mini:train" {
		t.Errorf("resumed %+v, straight %+v", resumed, straight)
	}
	if a, b := converted(t, dir, "stopped"), converted(t, dir, "straight"); !bytes.Equal(a, b) {
		t.Error("the run that was stopped and continued ended with other bits than the straight one")
	}
	// Long enough already: nothing happens.
	var again summaryJSON
	execute(t, dir, tiny("train", "dcgan", "--run", "stopped", "--until", "400", "--seed", "7", "--json")...).document(t, &again)
	if again.Img != 800 {
		t.Errorf("a shorter length moved the run to %d", again.Img)
	}
}

// waitForStep returns when the run has logged its first step.
func waitForStep(t *testing.T, dir string) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(2 * time.Millisecond) {
		if info, err := os.Stat(filepath.Join(dir, "log.jsonl")); err == nil && info.Size() > 0 {
			return
		}
	}
	t.Fatalf("%s logged no step in 30 s", dir)
}

// converted returns the file that `gogan weights convert` makes of a run.
func converted(t *testing.T, dir, run string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.safetensors")
	execute(t, dir, "weights", "convert", run, out).ok(t)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A run goes on only with its own config and data; what differs is named, with both values.
func TestResumeWithAnotherConfig(t *testing.T) {
	dir := t.TempDir()
	base := tiny("train", "dcgan", "--run", "r", "--until", "16")
	execute(t, dir, base...).ok(t)
	before := converted(t, dir, "r")
	for _, test := range []struct {
		more  []string
		wants []string
	}{
		{[]string{"--set", "base_channels=8"}, []string{"base_channels", "4", "8"}},
		{[]string{"--set", "generator_optimizer.lr=0.001"}, []string{"generator_optimizer.lr", "0.0002", "0.001"}},
		{[]string{"--seed", "5"}, []string{"seed", "5"}},
		{[]string{"--set", "flip=true"}, []string{"data_sha256"}},
	} {
		execute(t, dir, append(slices.Clone(base), test.more...)...).fails(t, 1, test.wants...)
	}
	other := slices.Clone(base)
	other[slices.Index(other, "fashion-mini")] = "fashion-mini:test"
	execute(t, dir, other...).fails(t, 1, "fashion-mini:train", "fashion-mini:test")
	if !bytes.Equal(before, converted(t, dir, "r")) {
		t.Error("a refused command changed the run")
	}
	// The time between checkpoints may change.
	execute(t, dir, append(base, "--snapshot", "5s", "--until", "24")...).ok(t)
}

// --seeds trains one run a seed and tells their spread; each is the run that --seed alone makes.
func TestSeeds(t *testing.T) {
	dir := t.TempDir()
	type spreadJSON struct {
		Name string  `json:"name"`
		Mean float64 `json:"mean"`
		Std  float64 `json:"std"`
		N    int     `json:"n"`
	}
	var got struct {
		Runs   []summaryJSON `json:"runs"`
		Spread []spreadJSON  `json:"spread"`
	}
	args := tiny("train", "dcgan", "--run", "many", "--until", "32", "--seeds", "1-3")
	execute(t, dir, append(args, "--json")...).document(t, &got)
	if want := []string{"seed-1", "seed-2", "seed-3"}; !slices.Equal(entries(t, filepath.Join(dir, "many")), want) || len(got.Runs) != 3 {
		t.Fatalf("made %v with %+v, want %v", entries(t, filepath.Join(dir, "many")), got.Runs, want)
	}
	i := slices.IndexFunc(got.Spread, func(s spreadJSON) bool { return s.Name == "loss_g" })
	if i < 0 {
		t.Fatalf("no spread of loss_g in %+v", got.Spread)
	}
	a, b, c := got.Runs[0].Values["loss_g"], got.Runs[1].Values["loss_g"], got.Runs[2].Values["loss_g"]
	// The variance from the differences of all pairs: an independent formula for the same number, in float64.
	mean, std := (a+b+c)/3, math.Sqrt(((a-b)*(a-b)+(b-c)*(b-c)+(a-c)*(a-c))/6)
	if s := got.Spread[i]; math.Abs(s.Mean-mean) > 1e-12 || math.Abs(s.Std-std) > 1e-12 || s.N != 3 || std == 0 {
		t.Errorf("the spread of %v, %v, %v is %+v, want mean %v and std %v", a, b, c, s, mean, std)
	}
	execute(t, dir, tiny("train", "dcgan", "--run", "one", "--until", "32", "--seed", "2")...).ok(t)
	if !bytes.Equal(converted(t, dir, "one"), converted(t, dir, "many/seed-2")) {
		t.Error("seed 2 of many is another run than seed 2 alone")
	}
	table := execute(t, dir, args...).ok(t).stdout // trained already: it only sums up
	for _, want := range []string{"many/seed-3", "loss_g", "n = 3", "STATE"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in the summary:\n%s", want, table)
		}
	}
}

// The data settings of --set reach the data, in their order.
func TestDataSettings(t *testing.T) {
	dir := t.TempDir()
	picture(t, filepath.Join(dir, "photos", "a.png"), 40, 50)
	picture(t, filepath.Join(dir, "photos", "b.png"), 64, 32)
	write(t, filepath.Join(dir, "photos", "c.png"), []byte("no picture"))
	plan := func(more ...string) gan.Plan {
		t.Helper()
		var p gan.Plan
		args := []string{"train", "dcgan", "--data", "photos", "--dry-run", "--json", "--set", "base_channels=2",
			"--set", "batch=2", "--set", "unreadable=skip"}
		r := execute(t, dir, append(args, more...)...)
		if !strings.Contains(r.stderr, "left out c.png") {
			t.Errorf("%v\nwant a line about c.png", r)
		}
		if err := json.Unmarshal([]byte(r.ok(t).stdout), &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	small, cropped := plan("--set", "resize=28"), plan("--set", "crop=32", "--set", "resize=28:box")
	if small.Config.ImageSize != 28 || cropped.Config.ImageSize != 28 || small.Config.DataSHA256 == cropped.Config.DataSHA256 {
		t.Errorf("resized %+v\ncropped %+v", small.Config, cropped.Config)
	}
	if p := plan("--set", "resize=30", "--set", "channels=3"); p.Config.ImageSize != 32 || p.Config.Channels != 3 ||
		len(p.Notes) == 0 || !strings.Contains(p.Notes[0], "padded") {
		t.Errorf("30 px in colour: %+v", p)
	}
	if p := plan("--set", "resize=28", "--set", "flip=true", "--until", "paper"); p.Until != 4*25 {
		t.Errorf("25 epochs of 2 pictures and their mirror images are %d, want 100", p.Until)
	}
	if p := plan("--set", "short_side=32", "--set", "random_crop=28", "--set", "random_flip=true"); p.Config.ImageSize != 28 {
		t.Errorf("random crops of 28 pixels: %+v", p.Config)
	}
	execute(t, dir, "train", "dcgan", "--data", "photos", "--run", "r", "--set", "resize=28").fails(t, 1, "c.png")
	if got := entries(t, dir); !slices.Equal(got, []string{"photos"}) {
		t.Errorf("a dry run wrote: %v", got)
	}
}

// On XLA: the plan of the DCGAN of the paper's reference code has its published numbers of parameters, and a run works.
func TestXLA(t *testing.T) {
	testbackend.XLA(t) // skips, or fails under CI, without it
	backend := "xla:cpu"
	if named := os.Getenv(compute.ConfigEnvVar); strings.HasPrefix(named, "xla:") {
		backend = named
	}
	dir := t.TempDir()
	onXLA := func(args ...string) result {
		t.Helper()
		return finish(t, command(dir, args, compute.ConfigEnvVar+"="+backend))
	}
	var p gan.Plan
	r := onXLA("train", "dcgan", "--data", "fashion-mini", "--dry-run", "--json", "--until", "1k",
		"--set", "image_size=64", "--set", "channels=3", "--set", "batch=1")
	if err := json.Unmarshal([]byte(r.ok(t).stdout), &p); err != nil {
		t.Fatal(err)
	}
	if p.Params["generator"] != 3576704 || p.Params["discriminator"] != 2765568 || p.Published["generator"] != 3576704 {
		t.Errorf("parameters %v, published %v", p.Params, p.Published)
	}
	if p.Device == "go" || p.ImgPerSec <= 0 || math.Abs(p.ETASeconds*p.ImgPerSec-1000) > 1e-6 {
		t.Errorf("%s: %v img/s, %v s for 1000 images", p.Device, p.ImgPerSec, p.ETASeconds)
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("a dry run wrote %v", left)
	}
	onXLA(tiny("train", "dcgan", "--run", "r", "--until", "64")...).ok(t)
	onXLA("sample", "r", "--seeds", "0-1", "--out", "pictures").ok(t)
	if got := entries(t, filepath.Join(dir, "pictures")); len(got) != 2 {
		t.Errorf("drew %v", got)
	}
}
