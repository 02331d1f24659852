//go:build long

package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The published self-check of density and coverage (README of the authors' program): 10,000 pictures a side of 1,000
// independent normal features give precision 0.4772, recall 0.4705, density 1.0555, coverage 0.9735 in one draw. Over
// four draws of ours the density, whose expected value is 1, had a standard deviation of 0.03, the others of up to 0.01.
func TestPRDCPublished(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	results, err := PRDC(&Stats{Pool: gaussianRows(random, 10000, 1000, 0)}, &Stats{Pool: gaussianRows(random, 10000, 1000, 0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ published, tolerance float64 }{{0.4772, 0.03}, {0.4705, 0.03}, {1.0555, 0.12}, {0.9735, 0.02}} {
		if math.Abs(results[i].Value-c.published) > c.tolerance {
			t.Errorf("%s is %.4f, published is %.4f", results[i].Name, results[i].Value, c.published)
		}
	}
}
