package run

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestCreateAndContinue(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "a b")
	d := create(t, dir, Options{})
	text, err := d.ConfigJSON()
	if err != nil {
		t.Fatal(err)
	}
	var back testConfig
	if err := json.Unmarshal(text, &back); err != nil || back != config {
		t.Errorf("config reads back as %+v, %v", back, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	wantError(t, d.Save(State{}, nil), "not open for writing")
	d = create(t, dir, Options{})
	again, err := d.ConfigJSON()
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("config changed from %s to %s, %v", text, again, err)
	}
	if got, want := d.Path("checkpoint", "x"), filepath.Join(dir, "checkpoint", "x"); got != want {
		t.Errorf("got path %s, want %s", got, want)
	}
}

func TestConfigConflict(t *testing.T) {
	dir := t.TempDir()
	create(t, dir, Options{}).Close()
	before, err := os.ReadFile(filepath.Join(dir, configName))
	if err != nil {
		t.Fatal(err)
	}
	other := config
	other.LR, other.Grid = 1e-3, 20
	opt := Options{Changeable: []string{"grid_kimg"}}
	_, err = Create(dir, other, opt)
	wantError(t, err, dir, "lr = 0.0002, not lr = 0.001")
	other.LR, other.Seed = config.LR, config.Seed+1 // the same as a float64
	_, err = Create(dir, other, opt)
	wantError(t, err, "seed = 1152921504606846977, not seed = 1152921504606846978")
	_, err = Create(dir, map[string]any{"preset": "dcgan", "seed": config.Seed, "lr": 2e-4, "grid_kimg": 10, "n_critic": 5}, opt)
	wantError(t, err, "no n_critic, not n_critic = 5")
	if after, err := os.ReadFile(filepath.Join(dir, configName)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a refused config was written: %s, %v", after, err)
	}

	other.Seed = config.Seed
	d, err := Create(dir, other, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	text, err := d.ConfigJSON()
	if err != nil || !strings.Contains(string(text), `"grid_kimg": 20`) {
		t.Errorf("a changeable field was not written: %s, %v", text, err)
	}
}

func TestCreateRefuses(t *testing.T) {
	_, err := Create(t.TempDir(), map[string]float64{"lr": math.NaN()}, Options{})
	wantError(t, err, "config", "NaN")
	_, err = Create(t.TempDir(), nil, Options{})
	wantError(t, err, "no JSON object")
	_, err = Create(t.TempDir(), config, Options{KeepLast: -1})
	wantError(t, err, "KeepLast is -1")

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Create(file, config, Options{})
	wantError(t, err, file, "not a directory")

	dir := t.TempDir()
	d := create(t, dir, Options{})
	if err := d.Save(State{Img: 1}, stateArrays(1, 0)); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if err := os.Remove(filepath.Join(dir, configName)); err != nil {
		t.Fatal(err)
	}
	_, err = Create(dir, config, Options{})
	wantError(t, err, dir, "no config.json")
	_, err = Open(dir)
	wantError(t, err, dir, "no run directory")
	if err := os.WriteFile(filepath.Join(dir, configName), []byte(`{"preset":`), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Create(dir, config, Options{})
	wantError(t, err, "config.json cannot be read")
}

func TestDiff(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	for dir, text := range map[string]string{
		a: `{"same":1e-4,"lr":0.1,"optimizer":{"beta1":0.5,"eps":1},"sizes":[1,2,3],"old":null,"kind":"x","list":[1]}`,
		b: `{"same":0.0001,"lr":0.2,"optimizer":{"beta1":0,"eps":1.0},"sizes":[1,5,3],"new":"<>","kind":{"a":1},"list":[1,2]}`,
	} {
		d, err := Create(dir, json.RawMessage(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.Close()
	}
	got, err := Diff(a, b)
	want := []Difference{
		{"kind", `"x"`, `{"a":1}`}, {"list", "[1]", "[1,2]"}, {"lr", "0.1", "0.2"}, {"new", "", `"<>"`},
		{"old", "null", ""}, {"optimizer.beta1", "0.5", "0"}, {"sizes[1]", "2", "5"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v\nwant %v", got, err, want)
	}
	if got, err := Diff(a, a); err != nil || len(got) != 0 {
		t.Errorf("a run differs from itself: %v, %v", got, err)
	}
	_, err = Diff(a, t.TempDir())
	wantError(t, err, "no run directory")
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		name, field string
		want        bool
	}{{"a", "a", true}, {"a", "a.b", true}, {"a", "a[0]", true}, {"a", "ab", false}, {"a.b", "a", false}, {"a.b", "a.b.c", true}} {
		if got := covers(test.name, test.field); got != test.want {
			t.Errorf("covers(%q, %q) = %v", test.name, test.field, got)
		}
	}
}

func TestLeftoversAreRemoved(t *testing.T) {
	dir := t.TempDir()
	create(t, dir, Options{}).Close()
	want := files(t, dir)
	for _, path := range []string{".tmp-config.json", "samples/.tmp-fakes_000000001.png", "checkpoint/.tmp-000000001/state.safetensors", "checkpoint/.tmp-discarded-000000002/state.json"} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	create(t, dir, Options{})
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("after an interrupted writer: %v, want %v", got, want)
	}
}

// A user who may only read can look at a run, and learns before any work that it cannot be written.
func TestReadOnlyDirectory(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "run")
	d := create(t, dir, Options{})
	if err := d.Save(State{Img: 5000}, stateArrays(5000, 0)); err != nil {
		t.Fatal(err)
	}
	d.Close()
	for _, path := range []string{filepath.Dir(root), root} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{".", checkpointName, samplesName} {
		if err := os.Chmod(filepath.Join(dir, name), 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(filepath.Join(dir, name), 0o755)
	}
	if err := os.Chmod(filepath.Join(dir, lockName), 0o444); err != nil {
		t.Fatal(err)
	}
	cmd, out := child(t, "stranger", dir)
	for _, cause := range []string{"cannot write in " + dir, "cannot make " + dir} {
		if !out.Scan() || !strings.HasPrefix(out.Text(), "run: "+cause) || !strings.Contains(out.Text(), "permission denied") {
			t.Errorf("got %q, want %q and why", out.Text(), cause)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s: %v", out.Text(), err)
	}
}

func TestNoAbsolutePaths(t *testing.T) {
	dir := t.TempDir()
	d := create(t, dir, Options{})
	fill(t, d, 1000)
	for _, name := range files(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(dir)) || bytes.Contains(data, []byte(os.TempDir())) {
			t.Errorf("%s holds the directory's path", name)
		}
	}
}
