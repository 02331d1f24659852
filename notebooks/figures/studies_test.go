package figures

import (
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// falling is a trial whose score is 200 after 100 images, 100 after 1,100 and end after 2,100.
func falling(row string, seed int64, end float64) Trial {
	at := func(steps int64, fd float64) Progress {
		return Progress{Steps: steps, Values: map[string]float64{"fd": fd}}
	}
	return Trial{Row: row, Seed: seed, Steps: 2100, Seconds: 60, Values: map[string]float64{"start": 200, "fd": end},
		Over: []Progress{at(100, 200), at(1100, 100), at(2100, end)}}
}

func TestBetweenMoments(t *testing.T) {
	trial := falling("a", 1, 50)
	for _, test := range []struct {
		steps, want float64
		ok          bool
	}{{0, 200, true}, {100, 200, true}, {600, 150, true}, {2100, 50, true}, {2101, 0, false}} {
		if v, ok := trial.At("fd", test.steps); v != test.want || ok != test.ok {
			t.Errorf("after %g steps: %g, %t; want %g, %t", test.steps, v, ok, test.want, test.ok)
		}
	}
	for _, test := range []struct {
		low, want float64
		ok        bool
	}{{300, 100, true}, {150, 600, true}, {75, 1600, true}, {49, 0, false}} {
		if v, ok := trial.Reached("fd", test.low); v != test.want || ok != test.ok {
			t.Errorf("down to %g: %g, %t; want %g, %t", test.low, v, ok, test.want, test.ok)
		}
	}
}

func TestFinals(t *testing.T) {
	broken := falling("b", 2, 150)
	broken.Broke = 1500
	collapsed := falling("b", 1, 150)
	collapsed.Findings = []string{"mode collapse: since 1k img all alike"}
	lost := falling("c", 1, 1)
	lost.Broke = 900
	table, err := Finals([]Trial{falling("a", 1, 50), falling("a", 2, 70), collapsed, broken, lost})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"a", "2", "2.1k", "200", "60 ± 14", "30 %", "", "1.0"},
		{"b", "2", "2.1k", "200", "150", "75 %", "seed 1: mode collapse; seed 2: not a number at 1.5k", "1.0"},
		{"c", "1", "2.1k", "", "", "", "seed 1: not a number at 900", "1.0"},
	}
	if !slices.EqualFunc(table.Rows, want, slices.Equal) {
		t.Errorf("got %q, want %q", table.Rows, want)
	}
}

func TestReaching(t *testing.T) {
	trials := []Trial{falling("a", 1, 50), falling("a", 2, 50), falling("b", 1, 50), falling("b", 2, 90), falling("uncosted", 1, 1)}
	costs := []Cost{{Row: "a", Relative: 2, ImgPerSec: 100}, {Row: "b", Relative: 1, ImgPerSec: 200}}
	want := [][]string{{"a", "100", "2.00", "1.6k", "3.2"}, {"b", "200", "1.00", "-", "-"}}
	if table := Reaching(trials, costs, 75); !slices.EqualFunc(table.Rows, want, slices.Equal) {
		t.Errorf("got %q, want %q", table.Rows, want)
	}
	lines := OverImages(Only(trials, "b", "a"), "fd", costs)
	if len(lines) != 2 || lines[0].Name != "b" || math.Abs(lines[0].X[1]-1.1) > 1e-12 || math.Abs(lines[1].X[1]-2.2) > 1e-12 || lines[0].Y[2] != 70 {
		t.Errorf("lines %+v", lines)
	}
}

func TestStrips(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a-row-2.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 28, 13))); err != nil { // 3 x 2 tiles of 8 px and gaps of 2
		t.Fatal(err)
	}
	f.Close()
	img, err := Strips(dir, 8, "A row: 2", "one that broke")
	if err != nil || img.Bounds().Dy() != 56 {
		t.Errorf("got %v, %v; want one row of tiles enlarged to 56 px", img, err)
	}
	if _, err := Strips(dir, 8, "none"); err == nil {
		t.Error("no picture at all was accepted")
	}
}

func TestWhichLoss(t *testing.T) {
	dir := t.TempDir()
	quick := falling("Wasserstein, clipping", 1, 40)
	for _, trial := range []Trial{falling("non-saturating", 1, 50), falling("non-saturating", 2, 70), quick} {
		if err := AddTrial(dir, trial); err != nil {
			t.Fatal(err)
		}
	}
	costs := []Cost{{Row: "non-saturating", Relative: 1, Of: "non-saturating"}, {Row: "Wasserstein, clipping", Relative: 0.5}}
	if err := WriteCosts(dir, costs); err != nil {
		t.Fatal(err)
	}
	table, err := WhichLoss(dir)
	if err != nil {
		t.Fatal(err)
	}
	// The shortest has the time of 1,050 images of the reference: half way of 200 to 100, less a twentieth.
	if got := table.Rows[0][3:6]; !slices.Equal(got, []string{"1.00", "60 ± 14", "105"}) {
		t.Errorf("the reference: %q", got)
	}
	if got := table.Rows[1][3:6]; !slices.Equal(got, []string{"0.50", "40", "40"}) {
		t.Errorf("the quick one: %q", got)
	}
	if text := table.Markdown(); !strings.HasPrefix(text, "| loss | D's output |") || strings.Count(text, "\n") != 4 {
		t.Errorf("as Markdown:\n%s", text)
	}
	if err := WriteCosts(dir, costs[:1]); err != nil {
		t.Fatal(err)
	}
	if _, err := WhichLoss(dir); err == nil {
		t.Error("a row without a cost was accepted")
	}
}
