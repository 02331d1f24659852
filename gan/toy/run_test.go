package toy

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// small is a config that steps in milliseconds on the pure Go backend, with its own optimizers.
func small(c Config) Config {
	c.Units, c.CriticUnits, c.Batch, c.Samples, c.SampleSteps, c.Latents.Dim = 4, 3, 5, 20, 3, 2
	return c
}

func presets() []Config {
	return []Config{GAN(), PacGAN(2), Unrolled(2), WGANGP(), Critic(1), ClippedCritic()}
}

func open(t *testing.T, dir string, c Config) *Run {
	t.Helper()
	r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// Every preset trained to 4 steps and, in another process's stead, to 9, is the one that was trained to 9 at once, and has
// drawn the same points on the way.
func TestRunGoesOn(t *testing.T) {
	for _, cfg := range presets() {
		cfg = small(cfg)
		dirs := []string{filepath.Join(t.TempDir(), "straight"), filepath.Join(t.TempDir(), "stopped")}
		for i, stops := range [][]int64{{9}, {4, 9, 9}} {
			for _, steps := range stops {
				r := open(t, dirs[i], cfg)
				if err := r.TrainTo(t.Context(), steps, nil); err != nil {
					t.Fatal(err)
				}
				if r.Steps() != steps {
					t.Errorf("%s: %d steps, want %d", cfg.Preset, r.Steps(), steps)
				}
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
		var weights []string
		var moments [][]Moment
		for _, dir := range dirs {
			d, err := run.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			_, arrays, _, _, err := d.Load()
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, name := range trained(arrays) {
				text += name + string(arrays[name].Data)
			}
			weights = append(weights, text)
			drawn, err := Moments(dir)
			if err != nil {
				t.Fatal(err)
			}
			moments = append(moments, drawn)
		}
		if weights[0] != weights[1] || weights[0] == "" {
			t.Errorf("%s: the stopped run differs", cfg.Preset)
		}
		// The stopped run has drawn once more, where it stopped.
		var at []int64
		for _, m := range moments[1] {
			at = append(at, m.Steps)
			if i := slices.IndexFunc(moments[0], func(s Moment) bool { return s.Steps == m.Steps }); m.Steps != 4 && (i < 0 || !slices.Equal(moments[0][i].Points, m.Points)) {
				t.Errorf("%s: other points after %d steps", cfg.Preset, m.Steps)
			}
			if m.Points.Len() != 20 {
				t.Errorf("%s: %d points, want 20", cfg.Preset, m.Points.Len())
			}
		}
		if !slices.Equal(at, []int64{0, 3, 4, 6, 9}) {
			t.Errorf("%s: points at %v", cfg.Preset, at)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, small(GAN()))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"data": func(c *Config) { c.Data = Grid() }, "pack": func(c *Config) { c.Pack = 2 }, "optimizer.lr": func(c *Config) {
			c.GeneratorOptimizer.LR, c.DiscriminatorOptimizer.LR = 1, 1
		},
	} {
		cfg := small(GAN())
		change(&cfg)
		r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg)
		if err == nil {
			r.Close()
			t.Errorf("a run was continued with another %s", want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want an error about %s", err, want)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range presets() {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", c.Preset, err)
		}
	}
	for name, change := range map[string]func(*Config){
		"data": func(c *Config) { c.Data = nil }, "networks": func(c *Config) { c.Networks = "x" }, "units": func(c *Config) { c.Units = 0 },
		"latents": func(c *Config) { c.Latents.Dim = 0 }, "loss": func(c *Config) { c.Loss = gan.Loss{Name: "mine"} },
		"batch": func(c *Config) { c.Batch = 1 }, "unroll": func(c *Config) { c.Unroll = -1 }, "together": func(c *Config) { c.NCritic = 2 },
		"samples": func(c *Config) { c.Samples = 0 }, "fixed": func(c *Config) { c.Together, c.FixedNoise, c.Pack = false, 1, 2 },
		"lr": func(c *Config) { c.GeneratorOptimizer.LR = 0 },
	} {
		c := GAN()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Draw gives the points of G, the critic a value for each point, one by one the same.
func TestDrawAndCritic(t *testing.T) {
	cfg := small(WGANGP())
	r := open(t, t.TempDir(), cfg)
	points, err := r.Draw(7, 0)
	if err != nil || points.Len() != 7 {
		t.Fatalf("%d points, %v", points.Len(), err)
	}
	later, err := r.Draw(3, 4)
	if err != nil || !slices.Equal(later, points[8:]) {
		t.Errorf("seeds 4 to 6 alone gave other points (%v)", err)
	}
	all, err := r.Critic(points)
	if err != nil || len(all) != 7 {
		t.Fatalf("%d values, %v", len(all), err)
	}
	one, err := r.Critic(points[4:6])
	if err != nil || one[0] != all[2] {
		t.Errorf("the value of a point is %v alone and %v among others (%v)", one, all[2], err)
	}
	if err := r.TrainTo(t.Context(), 2, nil); err != nil {
		t.Fatal(err)
	}
	if after, err := r.Draw(7, 0); err != nil || slices.Equal(after, points) {
		t.Errorf("after two steps G draws the same points (%v)", err)
	}
	if _, err := open(t, t.TempDir(), small(PacGAN(2))).Critic(points); err == nil {
		t.Error("a D that judges pairs gave a value for a point")
	}
}

// The fixed generator is the data with noise: twice the variance and more.
func TestFixedGenerator(t *testing.T) {
	points, err := open(t, t.TempDir(), small(Critic(10))).Draw(4000, 1)
	if err != nil {
		t.Fatal(err)
	}
	x, _ := points.XY()
	square := 0.0
	for _, v := range x {
		square += v * v / 4000
	}
	near(t, "mean square", square, 1+2/(1.414*1.414), 0.15) // N(0, 1) and a circle of radius 2/1.414; five errors
}

// After a step no weight of the clipped critic is beyond the limit, and some are at it.
func TestClippedCritic(t *testing.T) {
	cfg := small(ClippedCritic())
	r := open(t, t.TempDir(), cfg)
	if err := r.TrainTo(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	_, state, err := r.session.Trainer().State()
	if err != nil {
		t.Fatal(err)
	}
	largest := 0.0
	for _, name := range trained(state) {
		for _, v := range values(t, state, name) {
			largest = max(largest, v, -v)
		}
	}
	near(t, "the largest weight", largest, 0.01, 1e-9)
}

func TestCancelledRunIsSaved(t *testing.T) {
	r := open(t, t.TempDir(), small(GAN()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.TrainTo(ctx, 5, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMomentsOfNothing(t *testing.T) {
	dir := t.TempDir()
	if m, err := Moments(dir); err != nil || len(m) != 0 {
		t.Errorf("%v, %v", m, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "samples"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "samples", "points_000000001.npz"), []byte("no zip"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Moments(dir); err == nil {
		t.Error("a broken file was read")
	}
}
