package figures

import (
	"math"
	"testing"
)

// A machine that is three times slower in some rounds changes no ratio.
func TestCosts(t *testing.T) {
	seconds := [][]float64{{1, 2}, {3, 6}, {1, 2.2}, {1, 1.8}, {1, 2}}
	costs, err := NewCosts([]string{"a", "b"}, "a", seconds)
	if err != nil {
		t.Fatal(err)
	}
	if a := costs[0]; a.Relative != 1 || a.Low != 1 || a.High != 1 || a.ImgPerSec != 1 || a.Rounds != 5 {
		t.Errorf("the reference: %+v", a)
	}
	if b := costs[1]; math.Abs(b.Relative-2) > 1e-12 || math.Abs(b.Low-2) > 1e-12 || math.Abs(b.High-2) > 1e-12 || b.Of != "a" {
		t.Errorf("twice the cost: %+v", b)
	}
	if q := quantile([]float64{1, 2, 4}, 0.75); q != 3 {
		t.Errorf("the quantile between 2 and 4 is %g", q)
	}
	dir := t.TempDir()
	if err := WriteCosts(dir, costs); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadCosts(dir); err != nil || len(again) != 2 || again[1] != costs[1] {
		t.Errorf("read %+v, %v", again, err)
	}
	if _, err := NewCosts([]string{"a"}, "c", seconds); err == nil {
		t.Error("a reference that is no row was accepted")
	}
}
