package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/toy"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// Names are those of make targets and directories, each once.
func TestExperimentsAreNamed(t *testing.T) {
	names := map[string]bool{}
	for _, e := range experiments {
		if !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(e.Name) || names[e.Name] || e.About == "" || strings.Contains(e.About, "\n") {
			t.Errorf("experiment %q (%q)", e.Name, e.About)
		}
		names[e.Name] = true
	}
	if err := reproduce(t.Context(), []string{"nothing"}, true); err == nil || !strings.Contains(err.Error(), experiments[0].Name) {
		t.Errorf("an unknown name: %v", err)
	}
}

// A trial of the mixtures measured twice is one line, the same but for nothing, and its points are kept.
func TestMixtureTwice(t *testing.T) {
	b := Bench{Runs: filepath.Join(t.TempDir(), "runs"), Results: filepath.Join(t.TempDir(), "results"), Small: true, Reporter: gan.Silent()}
	cfg := toy.GAN()
	cfg.Units, cfg.CriticUnits, cfg.Samples, cfg.Seed = 4, 4, keptPoints, 1
	var lines [][]figures.Trial
	for range 2 {
		if err := b.mixture(t.Context(), mixtureRow{name: "GAN", full: 100, small: 20}, cfg, toy.Ring()); err != nil {
			t.Fatal(err)
		}
		trials, err := figures.ReadTrials(b.Results)
		if err != nil || len(trials) != 1 {
			t.Fatalf("%d trials, %v", len(trials), err)
		}
		lines = append(lines, trials)
	}
	a := lines[0][0]
	if a.Steps != 20 || a.PaperSteps != 400_000 || a.Cores < 1 || a.CPU == "" || a.Versions["gogan"] != gan.Version || len(a.Over) != 11 {
		t.Errorf("got %+v", a)
	}
	if b := lines[1][0]; a.Seconds != b.Seconds || a.Values["reverse_kl"] != b.Values["reverse_kl"] {
		t.Errorf("measured again: %+v", b)
	}
	if files, err := filepath.Glob(filepath.Join(b.Results, "GAN.npz")); err != nil || len(files) != 1 {
		t.Errorf("points: %v, %v", files, err)
	}
}
