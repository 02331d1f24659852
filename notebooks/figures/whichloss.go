package figures

import (
	"fmt"
	"math"
	"slices"

	"github.com/gogan-ml/gogan/gan/run"
)

// game is what is known of a row of the experiment "losses" before it is trained.
type game struct{ output, discriminator, when string }

// games says of each row what D's output is, what keeps D in bounds, and when one would take it.
var games = map[string]game{
	"minimax":                             {"logit", "batch norm", "to follow the theory; G's gradient fades where D is sure"},
	"non-saturating":                      {"logit", "batch norm", "the first try: nothing to tune"},
	"least squares":                       {"a value around 0 and 1", "batch norm", "where D is too sure of itself"},
	"non-saturating, spectral norm":       {"logit", "spectral norm", "to tell the loss of the next two from the norm"},
	"hinge, spectral norm":                {"critic value", "spectral norm", "with deep residual networks and classes (SNGAN and its heirs)"},
	"relativistic average, spectral norm": {"difference to the other side's mean", "spectral norm", "where D should compare and not only judge"},
	"non-saturating, R1":                  {"logit", "gradient penalty at the reals", "for trainings that must not drift (StyleGAN)"},
	"Wasserstein, clipping":               {"critic value", "weights in [-0.01, 0.01]", "to repeat the paper; else with the gradient penalty"},
	"Wasserstein, gradient penalty":       {"critic value", "gradient penalty between both sides", "where a loss must say how well it goes, or networks are unusual"},
}

// WhichLoss is the table "which loss when" of the experiment "losses" in a directory: what each costs, and how far it came
// with equal images and in equal time, both those of the shortest training. ± is the standard deviation between seeds.
func WhichLoss(dir string) (Table, error) {
	trials, err := ReadTrials(dir)
	if err != nil {
		return Table{}, err
	}
	costs, err := ReadCosts(dir)
	if err != nil {
		return Table{}, err
	}
	images, time := math.Inf(1), math.Inf(1)
	relative := map[string]float64{}
	for _, c := range costs {
		relative[c.Row] = c.Relative
	}
	for _, t := range trials {
		images = min(images, float64(t.Steps))
		time = min(time, float64(t.Steps)*relative[t.Row])
	}
	table := Table{Header: []string{"loss", "D's output", "D is bounded by", "time per image", "fd after " + run.RoundImg(int64(images)) + " images",
		fmt.Sprintf("fd after the time of %s images of %s", run.RoundImg(int64(time)), costs[0].Of), "take it"}}
	for _, row := range rowsOf(trials) {
		g, known := games[row]
		if !known || !slices.ContainsFunc(costs, func(c Cost) bool { return c.Row == row }) {
			return Table{}, fmt.Errorf("figures: nothing is known of the row %q of %s", row, dir)
		}
		cells := []string{row, g.output, g.discriminator, fmt.Sprintf("%.2f", relative[row])}
		for _, steps := range []float64{images, time / relative[row]} {
			var at []Trial
			for _, t := range Of(trials, row) {
				v, ok := t.At("fd", steps)
				if !ok {
					return Table{}, fmt.Errorf("figures: %s of seed %d was not measured after %.0f images", row, t.Seed, steps)
				}
				at = append(at, Trial{Row: row, Seed: t.Seed, Values: map[string]float64{"fd": v}})
			}
			mean, sd, err := Spread(at, "fd")
			if err != nil {
				return Table{}, err
			}
			cells = append(cells, plusMinus(mean, sd))
		}
		table.Rows = append(table.Rows, append(cells, g.when))
	}
	return table, nil
}
