package figures

import (
	"slices"
	"strings"
	"testing"
)

func TestReproduced(t *testing.T) {
	published := []Published{
		{Row: "GAN", Source: "paper", Values: map[string]float64{"modes": 6.3, "share": 0.982}, Spread: map[string]float64{"modes": 0.5},
			SpreadOf: "standard error of 10 runs", Steps: 400000},
		{Row: "GAN", Source: "other", Values: map[string]float64{"modes": 1}},
	}
	trials := []Trial{
		{Row: "mine", Seed: 1, Steps: 10, Seconds: 60, Values: map[string]float64{"modes": 8, "share": 0.5}},
		{Row: "GAN", Seed: 1, Steps: 25000, PaperSteps: 400000, Seconds: 100, Values: map[string]float64{"modes": 5, "share": 0.9}},
		{Row: "GAN", Seed: 2, Steps: 25000, PaperSteps: 400000, Seconds: 200, Values: map[string]float64{"modes": 7, "share": 0.9}},
	}
	columns := []Column{{Title: "modes", Name: "modes"}, {Title: "share %", Name: "share", Scale: 100}}
	table, err := Reproduced(published, trials, columns...)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"GAN", "paper", "6.3 ± 0.5", "98.2", "standard error of 10 runs", "400,000", ""},
		{"GAN", "other", "1", "", "", "", ""},
		{"GAN", "here", "6 ± 1.4", "90", "standard deviation of 2 seeds", "25,000 of 400,000 (6.2 %)", "2.5"},
		{"mine", "here", "8", "50", "1 seed", "10", "1.0"},
	}
	if len(table.Rows) != len(want) {
		t.Fatalf("got\n%s", table)
	}
	for i := range want {
		if !slices.Equal(table.Rows[i], want[i]) {
			t.Errorf("row %d is %q, want %q", i, table.Rows[i], want[i])
		}
	}
	trials[2].Steps = 3
	if _, err := Reproduced(published, trials, columns...); err == nil || !strings.Contains(err.Error(), "GAN") {
		t.Errorf("trials of two lengths in one mean: %v", err)
	}
	if _, err := Reproduced(nil, trials[:1], Column{Name: "nothing"}); err == nil {
		t.Error("a column that no trial has was printed")
	}
}

func TestMachine(t *testing.T) {
	trial := Trial{Cores: 2, CPU: "a", Device: "xla:cpu", Versions: map[string]string{"github.com/gomlx/gomlx": "v1"}}
	other := trial
	other.CPU = "b"
	if got, want := Machine([]Trial{trial, trial, other}), "2 cores of a, xla:cpu, gomlx v1; 2 cores of b, xla:cpu, gomlx v1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Means over seeds, at the moments that all have.
func TestOverSteps(t *testing.T) {
	at := func(steps int64, v float64) Progress {
		return Progress{Steps: steps, Values: map[string]float64{"v": v}}
	}
	lines := OverSteps([]Trial{
		{Row: "a", Seed: 1, Over: []Progress{at(0, 1), at(10, 3), at(20, 5)}},
		{Row: "a", Seed: 2, Over: []Progress{at(0, 2), at(10, 5)}},
		{Row: "b", Seed: 1, Over: []Progress{at(5, 7)}},
	}, "v")
	if len(lines) != 2 || !slices.Equal(lines[0].X, []float64{0, 10}) || !slices.Equal(lines[0].Y, []float64{1.5, 4}) ||
		!slices.Equal(lines[1].Y, []float64{7}) || lines[1].Name != "b" {
		t.Errorf("got %+v", lines)
	}
}
