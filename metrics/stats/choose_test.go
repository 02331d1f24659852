package stats

import (
	"math"
	"strings"
	"testing"
)

// TestChooseIsMeasuringLess: the distance of the chosen pictures is that of statistics which never had the others, by
// both forms of the distance (fewer pictures than features, and more).
func TestChooseIsMeasuringLess(t *testing.T) {
	const d = 6
	all, other := featuresOf(1, 40, d, 0), featuresOf(2, 30, d, 0)
	whole := &Stats{N: all.N, DDoF: 1, Pool: all, Logits: featuresOf(3, 40, 4, 0), Extractor: "fashion-cnn"}
	real := &Stats{N: other.N, DDoF: 1, Pool: other, Extractor: "fashion-cnn"}
	for _, indices := range [][]int{{39, 0, 7, 7}, {1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21}} {
		chosen, err := whole.Choose(indices)
		if err != nil {
			t.Fatal(err)
		}
		want := &Stats{N: len(indices), DDoF: 1, Pool: Rows{N: len(indices), D: d}, Extractor: "fashion-cnn"}
		for _, i := range indices {
			want.Pool.Data = append(want.Pool.Data, all.Row(i)...)
		}
		if chosen.N != len(indices) || chosen.Logits.N != len(indices) || chosen.Logits.Row(0)[3] != whole.Logits.Row(indices[0])[3] {
			t.Errorf("%v: %d pictures with %d logits", indices, chosen.N, chosen.Logits.N)
		}
		if hasMoments := chosen.Mean != nil; hasMoments != (len(indices) >= d) {
			t.Errorf("%v: moments: %v", indices, hasMoments)
		}
		a, err := Frechet(real, chosen, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Frechet(real, want, nil)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.Value-b.Value) > 1e-12*b.Value || b.Value < 0.1 || a.NFake != len(indices) { // roundings of float64
			t.Errorf("%v: a distance of %v of %d fakes, want %v", indices, a.Value, a.NFake, b.Value)
		}
	}
}

func TestChooseErrors(t *testing.T) {
	kept := &Stats{N: 3, DDoF: 1, Pool: featuresOf(1, 3, 2, 0)}
	for _, test := range []struct {
		from    *Stats
		indices []int
		want    string
	}{
		{&Stats{N: 3, Mean: []float64{0}, Cov: []float64{1}}, []int{0, 1}, "no rows of the set are kept"},
		{kept, []int{0, 3}, "no picture 3 of 3"},
		{kept, []int{-1, 0}, "no picture -1"},
		{kept, []int{0}, "n = 1: a covariance with ddof 1 needs 2"},
	} {
		if _, err := test.from.Choose(test.indices); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want %q in it", test.indices, err, test.want)
		}
	}
}
