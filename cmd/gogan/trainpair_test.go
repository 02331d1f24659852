package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/gan/run"
)

// tinyPair makes a run of cyclegan-64-small on two folders one that steps in milliseconds.
func tinyPair(more ...string) []string {
	args := []string{"train", "cyclegan-64-small"}
	for _, setting := range []string{"base_channels=2", "discriminator_channels=2", "discriminator_layers=1", "n_blocks=1", "batch=2", "pool_size=3"} {
		args = append(args, "--set", setting)
	}
	return append(args, more...)
}

// pictures writes two pictures of 16x12 pixels in each folder.
func pictures(t *testing.T, dir string, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		for _, name := range []string{"a.png", "b.png"} {
			picture(t, filepath.Join(dir, folder, name), 16, 12)
		}
	}
}

// One source with trainA and trainB, and two sources, are trained; the run says of what.
func TestTrainPair(t *testing.T) {
	dir := t.TempDir()
	pictures(t, dir, "both/trainA", "both/trainB", "cats", "dogs")
	for name, data := range map[string][]string{"one": {"--data", "both"}, "two": {"--data", "cats", "--data", "dogs"}} {
		var summary summaryJSON
		execute(t, dir, tinyPair(append(data, "--run", name, "--until", "8", "--json")...)...).document(t, &summary)
		if summary.Img != 8 || summary.Preset != "cyclegan-64-small" || !strings.Contains(summary.Data, " and ") {
			t.Errorf("%s: %+v", name, summary)
		}
		for _, value := range []string{"loss_g", "loss_dx", "cycle_y", "correlation_x"} {
			if _, found := summary.Values[value]; !found {
				t.Errorf("%s: no %s among %v", name, value, summary.Values)
			}
		}
	}
	d, err := run.Open(filepath.Join(dir, "two"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if samples, err := d.Samples(); err != nil || len(samples) == 0 || d.Reals() == "" {
		t.Errorf("grids %v, reals %q, %v", samples, d.Reals(), err)
	}
	var many struct {
		Runs   []summaryJSON `json:"runs"`
		Spread []spread      `json:"spread"`
	}
	execute(t, dir, tinyPair("--data", "both", "--run", "many", "--until", "4", "--seeds", "1-2", "--json")...).document(t, &many)
	if len(many.Runs) != 2 || many.Runs[1].Img != 4 || len(many.Spread) == 0 {
		t.Errorf("two seeds: %+v", many)
	}
}

// The preset's way to read pictures reaches the data, and its length is counted in epochs of the larger domain.
func TestPlanPair(t *testing.T) {
	dir := t.TempDir()
	pictures(t, dir, "both/trainA", "both/trainB")
	picture(t, filepath.Join(dir, "both", "trainB", "c.png"), 20, 20)
	args := []string{"train", "cyclegan-128", "--data", "both", "--dry-run", "--json", "--set", "base_channels=2", "--set", "n_blocks=1",
		"--set", "discriminator_channels=2", "--set", "load_size=36", "--set", "crop_size=32"}
	var p cyclegan.Plan
	if err := json.Unmarshal([]byte(execute(t, dir, args...).ok(t).stdout), &p); err != nil {
		t.Fatal(err)
	}
	if c := p.Config; c.Height != 32 || c.Width != 32 || !c.Flip || c.Schedule.ToKimg != 0.6 || p.Until != 600 || len(p.Params) != 4 {
		t.Errorf("got %+v", p)
	}
	table := execute(t, dir, append(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--json" }), "--set", "flip=false")...).ok(t).stdout
	for _, want := range []string{"cyclegan-128, 32x32x1, resnet", "generator/G", "discriminator/DX", "600"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in the plan:\n%s", want, table)
		}
	}
	if got := entries(t, dir); !slices.Equal(got, []string{"both"}) {
		t.Errorf("a dry run wrote %v", got)
	}
}

func TestTrainPairErrors(t *testing.T) {
	dir := t.TempDir()
	pictures(t, dir, "cats", "both/trainA", "both/trainB")
	for _, test := range []struct {
		code int
		args []string
		want string
	}{
		{2, tinyPair("--data", "both", "--run", "r"), "--until 20k"},
		{2, tinyPair("--data", "a", "--data", "b", "--data", "c", "--run", "r", "--until", "4"), "3 times"},
		{2, tinyPair("--data", "both", "--run", "r", "--until", "4", "--score", "fid"), "gogan translate"},
		{2, tinyPair("--data", "both", "--run", "r", "--until", "4", "--set", "lambda_x=-1"), "lambda_x"},
		{2, tinyPair("--data", "both", "--run", "r", "--until", "4", "--set", "data_x=a"), "only records"},
		{2, tiny("train", "dcgan", "--data", "both", "--run", "r", "--until", "4"), "one --data, got 2"},
		{1, tinyPair("--data", "cats", "--run", "r", "--until", "4"), "no pair"},
		{1, tinyPair("--data", "both", "--run", "r", "--until", "4", "--set", "crop_size=64"), "a.png"},
	} {
		execute(t, dir, test.args...).fails(t, test.code, test.want)
	}
}
