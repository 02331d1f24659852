package figures

import (
	"fmt"
	"slices"
	"strings"
)

// Column is one measure in the table of [Reproduced].
type Column struct {
	Title string
	Name  string  // of the value in trials and published rows
	Scale float64 // what a value is multiplied with, 100 for a share in %; 0: 1
}

// Reproduced puts each row of a paper above ours: the mean and the spread over seeds, how much of the paper's training was
// made, and what it took. Rows that no paper has stand alone.
func Reproduced(published []Published, trials []Trial, columns ...Column) (Table, error) {
	t := Table{Header: []string{"row", "from"}}
	for _, c := range columns {
		t.Header = append(t.Header, c.Title)
	}
	t.Header = append(t.Header, "± is", "steps", "minutes each")
	var names []string
	for _, p := range published {
		names = append(names, p.Row)
	}
	for _, trial := range trials {
		names = append(names, trial.Row)
	}
	done := map[string]bool{}
	for _, name := range names {
		if done[name] {
			continue
		}
		done[name] = true
		for _, p := range published {
			if p.Row == name {
				t.Rows = append(t.Rows, p.cells(columns))
			}
		}
		if of := Of(trials, name); len(of) > 0 {
			cells, err := trialCells(of, columns)
			if err != nil {
				return Table{}, err
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	return t, nil
}

func (c Column) print(value, spread float64) string {
	scale := c.Scale
	if scale == 0 {
		scale = 1
	}
	text := fmt.Sprintf("%.3g", value*scale)
	if spread > 0 {
		text += fmt.Sprintf(" ± %.2g", spread*scale)
	}
	return text
}

func (p Published) cells(columns []Column) []string {
	cells := []string{p.Row, p.Source}
	for _, c := range columns {
		text := "" // the paper does not say
		if v, found := p.Values[c.Name]; found {
			text = c.print(v, p.Spread[c.Name])
		}
		cells = append(cells, text)
	}
	return append(cells, p.SpreadOf, thousands(p.Steps), "")
}

// trialCells is the line of trials of one row and one length.
func trialCells(of []Trial, columns []Column) ([]string, error) {
	cells := []string{of[0].Row, "here"}
	for _, c := range columns {
		mean, sd, err := Spread(of, c.Name)
		if err != nil {
			return nil, err
		}
		cells = append(cells, c.print(mean, sd))
	}
	seconds := 0.0
	for _, t := range of {
		if t.Steps != of[0].Steps {
			return nil, fmt.Errorf("figures: the trials of %s have %d and %d steps; run them again", t.Row, of[0].Steps, t.Steps)
		}
		seconds += t.Seconds / float64(len(of))
	}
	steps := thousands(of[0].Steps)
	if paper := of[0].PaperSteps; paper > 0 {
		steps += fmt.Sprintf(" of %s (%.2g %%)", thousands(paper), 100*float64(of[0].Steps)/float64(paper))
	}
	spread := "1 seed"
	if len(of) > 1 {
		spread = fmt.Sprintf("standard deviation of %d seeds", len(of))
	}
	return append(cells, spread, steps, fmt.Sprintf("%.1f", seconds/60)), nil
}

// thousands prints a count with commas, "" for 0.
func thousands(n int64) string {
	if n == 0 {
		return ""
	}
	digits := fmt.Sprint(n)
	var parts []string
	for len(digits) > 3 {
		parts = append(parts, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	parts = append(parts, digits)
	slices.Reverse(parts)
	return strings.Join(parts, ",")
}

// Machine says in a line what trials were computed on.
func Machine(trials []Trial) string {
	var machines []string
	for _, t := range trials {
		m := fmt.Sprintf("%d cores of %s, %s, gomlx %s", t.Cores, t.CPU, t.Device, t.Versions["github.com/gomlx/gomlx"])
		if !slices.Contains(machines, m) {
			machines = append(machines, m)
		}
	}
	return strings.Join(machines, "; ")
}

// OverSteps returns a line for each row of trials: the mean of a value over its seeds at each moment that all have measured.
func OverSteps(trials []Trial, name string) []Series {
	var out []Series
	done := map[string]bool{}
	for _, t := range trials {
		if done[t.Row] {
			continue
		}
		done[t.Row] = true
		of := Of(trials, t.Row)
		s := Series{Name: t.Row, Dots: true}
		for i, at := range of[0].Over {
			sum, n := 0.0, 0
			for _, other := range of {
				if i < len(other.Over) && other.Over[i].Steps == at.Steps {
					sum, n = sum+other.Over[i].Values[name], n+1
				}
			}
			if n == len(of) {
				s.X, s.Y = append(s.X, float64(at.Steps)), append(s.Y, sum/float64(n))
			}
		}
		out = append(out, s)
	}
	return out
}
