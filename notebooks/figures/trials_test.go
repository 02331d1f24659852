package figures

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A trial takes the place of the one with its row and seed; others stay.
func TestTrials(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	for _, trial := range []Trial{
		{Row: "a", Seed: 2, Values: map[string]float64{"v": 5}},
		{Row: "a", Seed: 1, Values: map[string]float64{"v": 1}, Over: []Progress{{Steps: 3, Values: map[string]float64{"v": 2}}}},
		{Row: "b", Seed: 1, Values: map[string]float64{"v": 7}},
		{Row: "a", Seed: 2, Values: map[string]float64{"v": 4}},
	} {
		if err := AddTrial(dir, trial); err != nil {
			t.Fatal(err)
		}
	}
	trials, err := ReadTrials(dir)
	if err != nil || len(trials) != 3 {
		t.Fatalf("%d trials, %v", len(trials), err)
	}
	row := Of(trials, "a")
	if len(row) != 2 || row[0].Seed != 1 || row[1].Seed != 2 || row[0].Over[0].Values["v"] != 2 {
		t.Errorf("row a is %+v", row)
	}
	mean, sd, err := Spread(row, "v")
	if err != nil || mean != 2.5 || math.Abs(sd-3/math.Sqrt2) > 1e-12 { // 1 and 4, n - 1
		t.Errorf("mean %g, sd %g, %v; want 2.5 and 3/√2", mean, sd, err)
	}
	if _, sd, err := Spread(row[:1], "v"); err != nil || sd != 0 {
		t.Errorf("one trial: sd %g, %v", sd, err)
	}
	if _, _, err := Spread(row, "w"); err == nil || !strings.Contains(err.Error(), "w") {
		t.Errorf("a value that no trial has: %v", err)
	}
	if _, _, err := Spread(nil, "v"); err == nil {
		t.Error("a mean of nothing")
	}
	if err := AddTrial(dir, Trial{Row: "a", Values: map[string]float64{"v": math.NaN()}}); err == nil {
		t.Error("a value that is not a number was written")
	}
	if again, err := ReadTrials(dir); err != nil || len(again) != 3 {
		t.Errorf("after the error there are %d trials, %v", len(again), err)
	}
}

func TestPublished(t *testing.T) {
	dir := t.TempDir()
	text := `{"row":"a","source":"s","values":{"v":6.3,"w":0.45},"spread":{"v":0.5},"spread_of":"standard error of 10 runs"}` + "\n"
	path := filepath.Join(dir, PublishedName)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	published, err := ReadPublished(dir)
	if err != nil || len(published) != 1 || published[0].Values["w"] != 0.45 || published[0].Spread["v"] != 0.5 {
		t.Fatalf("%v, %v", published, err)
	}
	if err := os.WriteFile(path, []byte("{}\n{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPublished(dir); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a broken line: %v", err)
	}
}
