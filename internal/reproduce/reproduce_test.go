package main

import (
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/toy"
	"github.com/gogan-ml/gogan/notebooks/figures"
	"github.com/gogan-ml/gogan/weights"
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

// A critic that is trained twice is one trial; its values on the grid and quantiles of its weights are kept, and a clipped one
// has neither a weight beyond the bound nor a slope beyond what the bound allows.
func TestCritic(t *testing.T) {
	b := Bench{Runs: filepath.Join(t.TempDir(), "runs"), Results: filepath.Join(t.TempDir(), "results"), Small: true, Reporter: gan.Silent()}
	cfg := toy.ClippedCritic()
	cfg.Data, cfg.Units, cfg.CriticUnits, cfg.Batch = toy.WGANGPRing(), 4, 4, 8
	for range 2 {
		if err := b.critic(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	trials, err := figures.ReadTrials(b.Results)
	if err != nil || len(trials) != 1 {
		t.Fatalf("%d trials, %v", len(trials), err)
	}
	arrays, err := weights.ReadNPZ(filepath.Join(b.Results, "wgan-critic-0-ring8-wgangp.npz"))
	if err != nil {
		t.Fatal(err)
	}
	quantiles, err := arrays["weights"].Float32s()
	if err != nil || len(quantiles) != keptWeights || arrays["value"].Len() != criticSide*criticSide {
		t.Fatalf("%d weights, %d values, %v", len(quantiles), arrays["value"].Len(), err)
	}
	const c = 0.01
	if low, high := quantiles[0], quantiles[keptWeights-1]; low < -c || high > c || high-low < c {
		t.Errorf("weights clipped to %g reach from %g to %g", c, low, high)
	}
	// A layer of n inputs and m outputs with weights up to c stretches by at most c·√(n·m).
	bound := c * math.Sqrt(2*4) * c * 4 * c * 4 * c * math.Sqrt(4)
	v := trials[0].Values
	if !(v["norm"] > 0 && v["norm"] <= v["steepest"] && v["steepest"] <= 1.01*bound) {
		t.Errorf("slopes %v, the steepest that there can be is %g", v, bound)
	}
}

// The slope of a critic that was not trained is what two of its values say.
func TestCriticSlopes(t *testing.T) {
	cfg := toy.Critic(1)
	cfg.Data, cfg.Units, cfg.CriticUnits = toy.WGANGPRing(), 4, 4
	r, err := toy.Open(filepath.Join(t.TempDir(), "run"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	at := toy.Points{1.5, -0.7}
	got, err := criticSlopes(r, at)
	if err != nil {
		t.Fatal(err)
	}
	// Along any direction the critic rises by the norm times a cosine: over all of them, at most by the norm.
	steepest := 0.0
	for i := range 360 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 180)
		const h = 0.02
		v, err := r.Critic(toy.Points{at[0] - h*float32(cos), at[1] - h*float32(sin), at[0] + h*float32(cos), at[1] + h*float32(sin)})
		if err != nil {
			t.Fatal(err)
		}
		steepest = max(steepest, float64(v[1]-v[0])/(2*h))
	}
	if math.Abs(got[0]/steepest-1) > 1e-3 { // float32, and a degree
		t.Errorf("a norm of %g, the critic rises by %g", got[0], steepest)
	}
}
