package main

import (
	"context"
	"image"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// tinyPictures are the embedded data with a score that costs nothing.
func tinyPictures(t *testing.T) pictures {
	t.Helper()
	data, err := datasets.Open("fashion-mini:train")
	if err != nil {
		t.Fatal(err)
	}
	return pictures{data: data, score: gan.Score{Kind: stats.Result{Name: "fd_fashion_cnn"},
		Measure: func(context.Context, *gan.Generator) (stats.Result, error) {
			return stats.Result{Name: "fd_fashion_cnn", Value: 7.123456}, nil
		}}}
}

// A training on pictures that is called for twice is one trial, with its start and its end scored and its grid kept; one
// that breaks is a trial, too.
func TestPicture(t *testing.T) {
	p := tinyPictures(t)
	b := Bench{Runs: filepath.Join(t.TempDir(), "runs"), Results: filepath.Join(t.TempDir(), "results"), Small: true, Reporter: gan.Silent()}
	cfg := gan.DCGAN()
	cfg.BaseChannels, cfg.Batch = 2, 4
	s := setting{row: "a row, γ = 1", config: cfg, kimg: 1}
	broken := setting{row: "broken", config: moved(gan.SGD(math.MaxFloat32, 0)), kimg: 1}
	broken.config.BaseChannels, broken.config.Batch, broken.config.DiscriminatorNorm = 2, 4, "none"
	for range 2 {
		for _, s := range []setting{s, broken} {
			if err := b.picture(t.Context(), p, s, 1, gan.Kimg); err != nil {
				t.Fatal(err)
			}
		}
	}
	trials, err := figures.ReadTrials(b.Results)
	if err != nil || len(trials) != 2 {
		t.Fatalf("%d trials, %v", len(trials), err)
	}
	a := trials[0]
	if a.Row != s.row || a.Steps != 8 || a.Broke != 0 || a.Values["start"] != 7.123 || a.Values["fd"] != 7.123 || a.Data != "fashion-mini:train" ||
		len(a.Over) != 2 || a.Over[0].Steps != 4 || a.Over[1].Steps != 8 || a.Over[1].Values["loss_d"] == 0 {
		t.Errorf("got %+v", a)
	}
	if trials[1].Broke == 0 {
		t.Errorf("the training with an infinite step did not break: %+v", trials[1])
	}
	f, err := os.Open(filepath.Join(b.Results, "a-row-1.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if c, _, err := image.DecodeConfig(f); err != nil || c.Width != 8*30-2 || c.Height != 28 {
		t.Errorf("the grid has %dx%d pixels (%v), want one row of eight", c.Width, c.Height, err)
	}
}

// Settings of a study are valid, have names of their own, and one of them is the reference.
func TestStudies(t *testing.T) {
	for _, s := range studies {
		rows, files := map[string]bool{}, map[string]bool{}
		for _, setting := range s.settings() {
			if err := setting.config.Validate(); err != nil {
				t.Errorf("%s, %s: %v", s.name, setting.row, err)
			}
			if rows[setting.row] || files[figures.FileName(setting.row)] || setting.kimg%s.every != 0 {
				t.Errorf("%s: row %q, file %q, %d kimg scored every %d", s.name, setting.row, figures.FileName(setting.row), setting.kimg, s.every)
			}
			rows[setting.row], files[figures.FileName(setting.row)] = true, true
		}
		if s.reference != "" && !rows[s.reference] {
			t.Errorf("%s: there is no row %q to compare with", s.name, s.reference)
		}
	}
}

// Costs are measured once, for all rows.
func TestCosts(t *testing.T) {
	p := tinyPictures(t)
	b := Bench{Runs: filepath.Join(t.TempDir(), "runs"), Results: filepath.Join(t.TempDir(), "results"), Small: true, Reporter: gan.Silent()}
	cfg := gan.DCGAN()
	cfg.BaseChannels, cfg.Batch = 2, 4
	settings := []setting{{row: "a", config: cfg}}
	for range 2 {
		if err := b.costs(t.Context(), p, settings, "a"); err != nil {
			t.Fatal(err)
		}
		costs, err := figures.ReadCosts(b.Results)
		if err != nil || len(costs) != 1 || costs[0].Relative != 1 || costs[0].Rounds != 3 || costs[0].CPU == "" {
			t.Fatalf("costs %+v, %v", costs, err)
		}
		p.data = nil // is not looked at again
	}
}
