package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/jsonfloat"
)

// printPlan writes what `gogan train --dry-run` found.
func printPlan(w io.Writer, p gan.Plan) error {
	table := newTable(w)
	c := p.Config
	loss := "loss " + c.Loss.Name
	if c.Method == gan.MethodVAE {
		loss = fmt.Sprintf("likelihood %s, beta %g", c.Likelihood, c.Beta)
	}
	size := fmt.Sprintf("%dx%dx%d", c.ImageSize, c.ImageSize, c.Channels)
	if c.Sound() {
		size = fmt.Sprintf("%d samples at %d Hz", c.ImageSize, c.SampleRate)
	}
	fmt.Fprintf(table, "preset\t%s, %s, base_channels %d, batch %d, %s\n", c.Preset, size, c.BaseChannels, c.Batch, loss)
	fmt.Fprintf(table, "data\t%s\n", c.Data)
	printEstimate(table, p.Estimate)
	return table.Flush()
}

// printEstimate writes what the plans of all families have.
func printEstimate(table io.Writer, p gan.Estimate) {
	for _, player := range slices.Sorted(maps.Keys(p.Params)) {
		published := ""
		if n, found := p.Published[player]; found {
			published = fmt.Sprintf(" (published: %d)", n)
		}
		fmt.Fprintf(table, "%s\t%d parameters%s\n", player, p.Params[player], published)
	}
	fmt.Fprintf(table, "memory\t%.1f MiB for variables and optimizers\n", float64(p.MemoryBytes)/(1<<20))
	fmt.Fprintf(table, "speed\t%.1f img/s on %s\n", p.ImgPerSec, p.Device)
	fmt.Fprintf(table, "length\t%s images, %s\n", run.FormatImg(p.Until), duration(p.ETASeconds))
	for _, note := range p.Notes {
		fmt.Fprintf(table, "note\t%s\n", note)
	}
}

// A spread is one value over several seeds.
type spread struct {
	Name string          `json:"name"`
	Mean jsonfloat.Float `json:"mean"`
	Std  jsonfloat.Float `json:"std"` // over the seeds, divided by n-1; 0 for one seed
	N    int             `json:"n"`
}

// spreads sums up the best scores and last losses that all runs have.
func spreads(results []run.Summary) []spread {
	values := map[string][]float64{}
	for _, r := range results {
		for name, v := range r.Values {
			values[name] = append(values[name], v)
		}
		if r.Best != nil {
			values[r.Best.Name] = append(values[r.Best.Name], r.Best.Value)
		}
	}
	out := []spread{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) == len(results) {
			out = append(out, spreadOf(name, values[name]))
		}
	}
	return out
}

func spreadOf(name string, values []float64) spread {
	n := float64(len(values))
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return spread{Name: name, Mean: jsonfloat.Float(mean), Std: jsonfloat.Float(math.Sqrt(squares / max(1, n-1))), N: len(values)}
}

func printSpreads(w io.Writer, spreads []spread) error {
	table := newTable(w)
	fmt.Fprintln(table, "\nVALUE\tMEAN ± STD OVER SEEDS")
	for _, s := range spreads {
		fmt.Fprintf(table, "%s\t%.4g ± %.2g (n = %d)\n", s.Name, float64(s.Mean), float64(s.Std), s.N)
	}
	return table.Flush()
}
