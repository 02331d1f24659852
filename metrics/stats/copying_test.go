package stats

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/weights"
)

// copyingCases are the sets of testdata/ref/make_copying.py: training data, test data and generated rows by name.
func copyingCases() (train, test Rows, fakes map[string]Rows) {
	train, test = featuresOf(1, 200, 16, 0), featuresOf(4, 90, 16, 0)
	copies, near := featuresOf(2, 150, 16, 0), featuresOf(2, 150, 16, 0)
	for i := range 150 {
		if i%2 == 0 {
			copy(copies.Row(i), train.Row(100+i/2))
		}
		for j := range near.Row(i) {
			near.Row(i)[j] = train.Row(i)[j] + near.Row(i)[j]/4
		}
	}
	return train, test, map[string]Rows{"far": featuresOf(2, 150, 16, 0.25), "copies": copies, "near": near}
}

// Values of SciPy, and of the authors' code.
func TestCopyingGolden(t *testing.T) {
	arrays, err := weights.ReadNPZ("testdata/ref/copying.npz")
	if err != nil {
		t.Fatal(err)
	}
	ref := func(name string) []float64 {
		v, err := arrays[name].Float64s()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	train, test, fakes := copyingCases()
	held, err := Nearest(test, train, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range fakes {
		got, err := Nearest(rows, train, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range ref(name + ".index") {
			if got.Index[i] != int(want) {
				t.Errorf("%s: neighbour %d is row %d, want %g", name, i, got.Index[i], want)
			}
		}
		for i, want := range ref(name + ".distance") {
			if math.Abs(got.Distance[i]-want) > 1e-14 { // sums of 16 squares near 1, in another order
				t.Errorf("%s: distance %d is %g, want %g", name, i, got.Distance[i], want)
			}
		}
		c, err := DataCopying(got.First(), held.First())
		if err != nil || c.Fakes != 150 || c.Test != 90 {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		within(t, name+" share", c.Share, ref(name + ".share")[0], 1e-14)
		within(t, name+" z", c.Z, ref(name + ".z")[0], 1e-10) // SciPy's is the quantile of a p-value
		if name != "copies" {
			within(t, name+" z of the authors", c.Z, ref(name + ".authors")[0], 1e-13)
		}
	}
}

// A copy has the distance 0, whatever the size of the numbers; of equal rows the first counts.
func TestNearestCopies(t *testing.T) {
	y := featuresOf(1, 300, 40, 1000)
	copy(y.Row(7), y.Row(299))
	got, err := Nearest(Rows{2, 40, slices.Concat(y.Row(299), y.Row(150))}, y, 2)
	if err != nil {
		t.Fatal(err)
	}
	index, distance := got.At(0)
	if !slices.Equal(index, []int{7, 299}) || !slices.Equal(distance, []float64{0, 0}) {
		t.Errorf("the row that is there twice has the neighbours %v at %v", index, distance)
	}
	if index, distance := got.At(1); index[0] != 150 || distance[0] != 0 || !(distance[1] > 0) {
		t.Errorf("a copy of row 150 has the neighbours %v at %v", index, distance)
	}
}

// Counted by hand: the fakes 1 and 2 against the test distances 2, 3 and 4: of six pairs five have the fake nearer and one
// is a tie.
func TestDataCopyingByHand(t *testing.T) {
	c, err := DataCopying([]float64{2, 1}, []float64{4, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "share", c.Share, 5.5/6, 1e-15)
	// U = 0.5, mean 3, and one group of two: 6/12·(6 - 6/20).
	within(t, "z", c.Z, (0.5-3+0.5)/math.Sqrt(0.5*5.7), 1e-15)
}

func TestMedian(t *testing.T) {
	odd, even := []float64{5, 1, 2}, []float64{4, 1, 2, 9}
	if a, b := Median(odd), Median(even); a != 2 || b != 3 || odd[0] != 5 {
		t.Errorf("medians %g and %g, want 2 and 3 (%v)", a, b, odd)
	}
	if m := Median(nil); !math.IsNaN(m) {
		t.Errorf("the median of nothing is %g", m)
	}
}

func TestNearestRefuses(t *testing.T) {
	x := Rows{2, 2, []float32{1, 2, 3, 4}}
	for want, f := range map[string]func() error{
		"1 to 2":       func() error { _, err := Nearest(x, x, 3); return err },
		"k is 0":       func() error { _, err := Nearest(x, x, 0); return err },
		"2 features":   func() error { _, err := Nearest(x, Rows{4, 1, []float32{1, 2, 3, 4}}, 1); return err },
		"no features":  func() error { _, err := Nearest(x, Rows{}, 1); return err },
		"some of both": func() error { _, err := DataCopying(nil, []float64{1}); return err },
		"not a number": func() error { _, err := DataCopying([]float64{1}, []float64{math.NaN()}); return err },
		"all 3":        func() error { _, err := DataCopying([]float64{2, 2}, []float64{2}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %q", err, want)
		}
	}
}
