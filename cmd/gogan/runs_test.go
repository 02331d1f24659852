package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan/run"
)

// A log in which D has won is told below the table, and as JSON.
func TestRunsTellsFindings(t *testing.T) {
	dir := t.TempDir()
	d, err := run.Create(filepath.Join(dir, "lost"), run.Game{Loss: "hinge"}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for img := int64(1000); img <= 7000; img += 1000 {
		if err := d.AppendTick(run.Tick{Img: img, Values: map[string]float64{"loss_d": 0.001}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(execute(t, dir, "runs", "lost").ok(t).stdout), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[2], "lost: D has won: from the start") {
		t.Errorf("got\n%s", strings.Join(lines, "\n"))
	}
	var list struct {
		Runs []summaryJSON `json:"runs"`
	}
	execute(t, dir, "runs", "lost", "--json").document(t, &list)
	if got := list.Runs[0].Findings; len(got) != 1 || got[0].Kind != run.DWon || got[0].Img != 1000 {
		t.Errorf("got %+v", got)
	}
}
