package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/gan"
)

// Files below the repository.
const (
	costsFile = "docs/costs.jsonl"
	tableFile = "docs/which-model.md"
)

// A cost is a line of costsFile: how fast a preset trained where it was measured.
type cost struct {
	Preset    string  `json:"preset"`
	Data      string  `json:"data"`
	Size      int     `json:"size"` // pixels of a side, or samples of a sound
	Channels  int     `json:"channels"`
	ImgPerSec float64 `json:"img_per_sec"` // real images, or sounds, a second
	Device    string  `json:"device"`
	Threads   int     `json:"threads"`
	Version   string  `json:"version"`
}

// readCosts reads the costs by preset; a file that is not there has none.
func readCosts(path string) (map[string]cost, error) {
	out := map[string]cost{}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var c cost
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out[c.Preset] = c
	}
	return out, nil
}

func writeCosts(path string, costs map[string]cost) error {
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(costs)) {
		line, err := json.Marshal(costs[name])
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// rows say what each preset is and what its paper made it for, those to begin with first.
var rows = []struct{ preset, what, madeFor string }{
	{"dcgan", "convolutions, non-saturating loss: the place to begin", "64 px RGB: LSUN bedrooms, faces"},
	{"dcgan-r1", "the same with R1 and a moving average: converges", "the paper has other networks"},
	{"lsgan", "the same with least squares", "the paper has other networks"},
	{"wgan", "the same with a critic whose weights are clipped", "64 px RGB: LSUN bedrooms"},
	{"pacgan", "the same with a D that judges two pictures at once", "the paper has other networks"},
	{"unrolled-gan", "the same with a G that looks five steps of D ahead", "the paper has other networks"},
	{"mlp-gan", "the first GAN: no convolutions", "28 px grey: MNIST"},
	{"sngan", "residual, spectral normalization, hinge loss", "32 px RGB: CIFAR-10"},
	{"sngan-projection", "the same with classes", "32 px RGB: CIFAR-10"},
	{"sngan-32-small", "`sngan`, narrow enough for a CPU", "no paper"},
	{"sngan-projection-32-small", "the same with classes", "no paper"},
	{"wgan-gp", "residual, critic with a gradient penalty", "32 px RGB: CIFAR-10"},
	{"wgan-gp-conv", "the same with plain convolutions", "32 px RGB: CIFAR-10"},
	{"wgan-gp-small", "`wgan-gp`, narrow enough for a CPU", "no paper"},
	{"vae", "a VAE whose decoder is DCGAN's generator", "no paper"},
	{"vae-mlp", "a VAE without convolutions", "28 px grey: MNIST"},
	{"vae-conv", "a VAE with convolutions", "64 px RGB: CelebA"},
	{"wavegan", "sounds of a second, critic with a gradient penalty", "16 kHz: spoken digits, drums, birds, piano"},
	{"wavegan-small", "the same for half a second, narrow enough for a CPU", "no paper"},
}

// table writes the table of all presets, networks for the data they are measured on, and where they were measured.
func table(costs map[string]cost) (string, error) {
	var out strings.Builder
	places := map[string]bool{}
	out.WriteString("| preset | what it is | its paper's data | input | trained values | img/s |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		cfg, err := gan.Preset(r.preset)
		if err != nil {
			return "", err
		}
		set, err := data(cfg)
		if err != nil {
			return "", err
		}
		layers, err := gan.Networks(cfg, set)
		if err != nil {
			return "", fmt.Errorf("%s: %w", r.preset, err)
		}
		input, speed := fmt.Sprintf("z of %d", cfg.Latents.Dim), "not measured"
		if cfg.Conditional {
			input += " and a class"
		}
		if c, found := costs[r.preset]; found {
			speed = fmt.Sprintf("%.3g", c.ImgPerSec)
			places[fmt.Sprintf("%s with %d threads (gogan %s)", c.Device, c.Threads, c.Version)] = true
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s | %s |\n", r.preset, r.what, r.madeFor, input, counts(layers), speed)
	}
	if len(places) > 0 {
		fmt.Fprintf(&out, "\nMeasured on %s.\n", strings.Join(slices.Sorted(maps.Keys(places)), "; "))
	}
	return out.String(), nil
}

// counts writes the number of trained values of each network, the generator's first.
func counts(layers gan.Layers) string {
	sums := map[string]int{}
	for _, l := range layers {
		if !l.Trained {
			continue
		}
		n := 1
		for _, d := range l.Shape {
			n *= d
		}
		sums[l.Player] += n
	}
	var out []string
	for _, player := range []string{gan.GeneratorPlayer, gan.DiscriminatorPlayer, gan.EncoderScope} {
		if sums[player] > 0 {
			out = append(out, fmt.Sprintf("%s %s", player, thousands(sums[player])))
		}
	}
	return strings.Join(out, ", ")
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// The table stands between these lines.
const begin, end = "<!-- go run ./internal/costs -->\n", "<!-- end -->"

// writeTable puts the table into the document.
func writeTable(dir string, costs map[string]cost) error {
	path := filepath.Join(dir, tableFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	made, err := table(costs)
	if err != nil {
		return err
	}
	out, err := replaceTable(string(text), made)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(out), 0o644)
}

// replaceTable returns the text with another table.
func replaceTable(text, table string) (string, error) {
	before, rest, found := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("there is no place for the table: a line %q and later %q", strings.TrimSpace(begin), end)
	}
	return before + begin + table + end + after, nil
}
