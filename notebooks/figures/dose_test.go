package figures

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// dose returns a dose whose measures have the values fd, kd, classifier score, precision, recall, coverage, nearest.
func dose(t *testing.T, label string, values ...float64) Dose {
	t.Helper()
	names := []string{"fd_fashion_cnn", "kd_fashion_cnn", "classifier_score_fashion_cnn", "prdc_precision_fashion_cnn",
		"prdc_recall_fashion_cnn", "prdc_coverage_fashion_cnn"}
	var results []stats.Result
	for i, name := range names {
		results = append(results, stats.Result{Name: name, Value: values[i], Extractor: "fashion-cnn"})
	}
	examples := image.NewGray(image.Rect(0, 0, 58, 28)) // two black tiles of 28 pixels with a white gap
	for y := range 28 {
		examples.SetGray(28, y, color.Gray{255})
		examples.SetGray(29, y, color.Gray{255})
	}
	d, err := NewDose(label, results, values[6], examples)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// written writes a floor with mean 10 and standard deviation 1 of every measure, and one distortion, to a directory.
func written(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	floor := Doses{Title: "Untouched", Unit: "draw", Doses: []Dose{
		dose(t, "1", 9, 9, 9, 9, 9, 9, 9), dose(t, "2", 10, 10, 10, 10, 10, 10, 10), dose(t, "3", 11, 11, 11, 11, 11, 11, 11)}}
	if err := WriteFloor(dir, floor); err != nil {
		t.Fatal(err)
	}
	noise := Doses{Title: "Noise", Unit: "σ", Doses: []Dose{
		dose(t, "0", 10, 10, 10, 10, 10, 10, 10),
		dose(t, "5", 14.9, 16, 4, 10, 16, 5.1, 10),
		dose(t, "10", 15.1, 14, 3, 10, 10, 4.9, 4),
		dose(t, "20%", 20, 4, 2, 10, 16, 4, 3)}}
	if err := noise.Write(filepath.Join(dir, "noise.json")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestVerdicts: bounds are 5 and 15. The distance sees from the dose 10 on; the kernel distance, which falls below the
// floor, praises the last dose; the score, lower where worse, sees from 5 on; precision never moves; recall rises above
// the floor, which is praise; coverage sees from 10 on; the nearest real counts to either side.
func TestVerdicts(t *testing.T) {
	table, err := Verdicts(written(t), "noise")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Noise (σ)", "from 10", "praises", "from 5", "misses", "praises", "from 10", "from 10"}
	if len(table.Rows) != 1 || !slices.Equal(table.Rows[0], want) {
		t.Errorf("the table is\n%v\nwant %q", table, want)
	}
	if text := table.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "misses     praises  from 10") {
		t.Errorf("as text it is\n%s", text)
	}
	if _, err := Verdicts(written(t), "blur"); err == nil || !strings.Contains(err.Error(), "blur.json") {
		t.Errorf("a missing file: error %v", err)
	}
}

func TestDoseFigure(t *testing.T) {
	dir := written(t)
	img, err := DoseFigure(dir, "noise")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.Bounds().Size(), image.Pt(900, 430); got != want {
		t.Errorf("the figure has %v pixels, want %v", got, want)
	}
	if n := count(img, image.Rect(0, doseHead, 300, 430), color.Black); n < 4*2*56*56 {
		t.Errorf("the examples have %d black pixels, want four doses of two tiles of 56x56", n)
	}
	lines := count(img, image.Rect(300, 0, 900, 430), palette[0])
	if lines < 6*200 {
		t.Errorf("six panels have %d pixels of their first line", lines)
	}
	if n := count(img, image.Rect(300, 200, 500, 430), palette[1]); n < 50 {
		t.Errorf("recall has %d pixels", n)
	}
	if _, err := DoseFigure(t.TempDir(), "noise"); err == nil {
		t.Error("a directory without files gave a figure")
	}
}

func TestReadDosesErrors(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]string{"{": "noise.json", `{"title":"x"}`: "has no dose"} {
		if err := os.WriteFile(filepath.Join(dir, "noise.json"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadDoses(dir, "noise"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", content, err, want)
		}
	}
	one := Doses{Doses: []Dose{{Label: "1"}}}
	if _, err := floorOf(one, measures[6]); err == nil || !strings.Contains(err.Error(), "1 draw") {
		t.Errorf("one draw: error %v", err)
	}
	if _, err := one.values(measures[0]); err == nil || !strings.Contains(err.Error(), `"1" has no fd`) {
		t.Errorf("no results: error %v", err)
	}
}

// The names of Inception's scores are the same measures.
func TestValueOfInception(t *testing.T) {
	d := Dose{Results: []stats.Result{{Name: "fid", Value: 3, Extractor: "inception-2015"}, {Name: "kid", Value: 4}, {Name: "prdc_recall", Value: 5}}}
	for i, want := range map[int]float64{0: 3, 1: 4, 4: 5} {
		if got, err := d.value(measures[i]); err != nil || got != want {
			t.Errorf("%s is %g, error %v; want %g", measures[i].key, got, err, want)
		}
	}
}
