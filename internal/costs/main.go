// Command costs measures what every preset costs on this machine, and writes docs/costs.jsonl and the table of
// docs/which-model.md that comes from it. Nothing else may run beside it: all presets take about half an hour on two cores.
//
//	go run ./internal/costs               measure all
//	go run ./internal/costs dcgan vae     measure these and keep what is known of the others
//	go run ./internal/costs none          measure none and write the table
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/sound"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics/stats"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, ".", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "costs:", err)
		os.Exit(1)
	}
}

// run measures presets, all if none is named, for the repository in dir.
func run(ctx context.Context, dir string, names []string) error {
	known, err := readCosts(filepath.Join(dir, costsFile))
	if err != nil {
		return err
	}
	for _, name := range gan.PresetNames() {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		c, err := measure(ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("%s: %.3g img/s\n", name, c.ImgPerSec)
		known[name] = c
		if err := writeCosts(filepath.Join(dir, costsFile), known); err != nil {
			return err
		}
	}
	return writeTable(dir, known)
}

// data opens what a preset is measured on.
func data(cfg gan.Config) (gan.Data, error) {
	if cfg.SampleRate > 0 {
		return sound.Open(sound.Tones, cfg.ImageSize, cfg.SampleRate)
	}
	return datasets.Open("fashion-mini")
}

// rounds is how often a quick preset is measured: the median counts. One that takes longer than slow is measured once.
const (
	rounds = 3
	slow   = 20 // seconds that a thousand images take
)

// measure times cycles of a preset.
func measure(ctx context.Context, name string) (cost, error) {
	cfg, err := gan.Preset(name)
	if err != nil {
		return cost{}, err
	}
	cfg.CriticBursts = false // they belong to the first steps and to every 500th
	set, err := data(cfg)
	if err != nil {
		return cost{}, err
	}
	var speeds []float64
	var plan gan.Plan
	for range rounds {
		if plan, err = gan.DryRun(ctx, cfg, set, gan.Kimg); err != nil {
			return cost{}, err
		}
		if speeds = append(speeds, plan.ImgPerSec); plan.ETASeconds > slow {
			break
		}
	}
	return cost{Preset: name, Data: set.Name(), Size: plan.Config.ImageSize, Channels: plan.Config.Channels, ImgPerSec: stats.Median(speeds),
		Device: plan.Device, Threads: runtime.GOMAXPROCS(0), Version: gan.Version}, nil
}
