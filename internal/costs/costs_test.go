package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan"
)

const root = "../.."

// TestTable: docs/which-model.md has every preset with the trained values that its networks have and the committed costs.
func TestTable(t *testing.T) {
	costs, err := readCosts(filepath.Join(root, costsFile))
	if err != nil {
		t.Fatal(err)
	}
	want, err := table(costs)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, tableFile))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), begin)
	if got, _, _ := strings.Cut(rest, end); got != want {
		t.Errorf("%s has another table than its presets make: `go run ./internal/costs none` writes it.\ngot\n%s\nwant\n%s", tableFile, got, want)
	}
	var listed []string
	for _, r := range rows {
		listed = append(listed, r.preset)
	}
	slices.Sort(listed)
	if names := slices.Sorted(slices.Values(gan.PresetNames())); !slices.Equal(listed, names) {
		t.Errorf("the table has %v, there are %v", listed, names)
	}
}

func TestReplaceTable(t *testing.T) {
	got, err := replaceTable("before\n"+begin+"old\n"+end+"\nafter\n", "new\n")
	if want := "before\n" + begin + "new\n" + end + "\nafter\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, text := range []string{"", begin, end + begin} {
		if _, err := replaceTable(text, "new\n"); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// What is measured is written, and read again beside what was known.
func TestMeasure(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	c, err := measure(t.Context(), "vae-mlp")
	if err != nil || c.Preset != "vae-mlp" || c.Size != 28 || c.Channels != 1 || c.ImgPerSec <= 0 || c.Device != "go" || c.Threads < 1 {
		t.Fatalf("measured %+v, %v", c, err)
	}
	path := filepath.Join(t.TempDir(), "costs.jsonl")
	want := map[string]cost{"vae": {Preset: "vae", ImgPerSec: 1.25}, c.Preset: c}
	if err := writeCosts(path, want); err != nil {
		t.Fatal(err)
	}
	if got, err := readCosts(path); err != nil || !maps.Equal(got, want) {
		t.Errorf("read %+v, %v, want %+v", got, err, want)
	}
	if got, err := readCosts(path + ".gone"); err != nil || len(got) > 0 {
		t.Errorf("of no file %+v, %v", got, err)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
