package stats

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// addInParts adds the rows in batches of the given size.
func addInParts(t *testing.T, r Rows, size int) *Moments {
	t.Helper()
	m := NewMoments(r.D)
	for first := 0; first < r.N; first += size {
		n := min(size, r.N-first)
		if err := m.Add(Rows{n, r.D, r.Data[first*r.D : (first+n)*r.D]}); err != nil {
			t.Fatal(err)
		}
	}
	if m.N != r.N {
		t.Fatalf("%d rows were counted, want %d", m.N, r.N)
	}
	m.Flush()
	return m
}

// The definition, in two passes: the mean, then the products around it.
func TestMomentsDefinition(t *testing.T) {
	r := featuresOf(1, 2*momentsBlock+77, 20, 1000) // a mean that a sum of squares would drown in
	m := addInParts(t, r, 100)
	cov, err := m.Covariance(1)
	if err != nil {
		t.Fatal(err)
	}
	mean := make([]float64, r.D)
	for i := range r.N {
		for j, v := range r.Row(i) {
			mean[j] += float64(v) / float64(r.N)
		}
	}
	for j := range mean {
		within(t, "mean", m.Mean[j], mean[j], 1e-14)
		for k := range mean {
			sum := 0.0
			for i := range r.N {
				sum += (float64(r.Row(i)[j]) - mean[j]) * (float64(r.Row(i)[k]) - mean[k])
			}
			if got, want := m.Scatter[j*r.D+k], sum; math.Abs(got-want) > 1e-11*float64(r.N) {
				t.Fatalf("scatter (%d, %d) is %v, want %v", j, k, got, want)
			}
			within(t, "covariance", cov[j*r.D+k], m.Scatter[j*r.D+k]/float64(r.N-1), 1e-15)
		}
	}
}

// The batches in which rows come do not change a bit.
func TestMomentsOfAnyBatches(t *testing.T) {
	r := featuresOf(1, 2*momentsBlock+77, 20, 3)
	want := addInParts(t, r, r.N)
	for _, size := range []int{1, 7, momentsBlock, momentsBlock + 1} {
		got := addInParts(t, r, size)
		if !slices.Equal(got.Mean, want.Mean) || !slices.Equal(got.Scatter, want.Scatter) {
			t.Errorf("batches of %d give other bits", size)
		}
	}
}

// Rows in another order, and moments merged from parts of any size, agree to rounding.
func TestMomentsMergeAndOrder(t *testing.T) {
	r := featuresOf(1, 700, 20, 3)
	want := addInParts(t, r, r.N)
	reversed := Rows{r.N, r.D, nil}
	for i := range r.N {
		reversed.Data = append(reversed.Data, r.Row(r.N-1-i)...)
	}
	all := map[string]*Moments{"reversed": addInParts(t, reversed, 64)}
	for _, cuts := range [][]int{{0, 1, 700}, {0, 300, 301, 302, 700}, {0, 0, 350, 700, 700}} {
		m := NewMoments(r.D)
		for i := 1; i < len(cuts); i++ {
			part := addInParts(t, Rows{cuts[i] - cuts[i-1], r.D, r.Data[cuts[i-1]*r.D : cuts[i]*r.D]}, 50)
			if err := m.Merge(part); err != nil {
				t.Fatal(err)
			}
		}
		all["merged"] = m
		for name, m := range all {
			if m.N != r.N {
				t.Errorf("%s %v: %d rows", name, cuts, m.N)
			}
			for i := range want.Scatter {
				if math.Abs(m.Scatter[i]-want.Scatter[i]) > 1e-12*want.Scatter[i/r.D*r.D+i/r.D] {
					t.Fatalf("%s %v: scatter %d is %v, want %v", name, cuts, i, m.Scatter[i], want.Scatter[i])
				}
			}
			for i := range want.Mean {
				within(t, name, m.Mean[i], want.Mean[i], 1e-12)
			}
		}
	}
}

func TestMomentsErrors(t *testing.T) {
	m := NewMoments(3)
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for want, r := range map[string]Rows{
		"rows of 2 features for moments of 3":        {1, 2, []float32{1, 2}},
		"5 numbers are no 2 rows of 3 features":      {2, 3, make([]float32, 5)},
		"feature 1 of row 2 (counted from 0) is NaN": {3, 3, []float32{0, 0, 0, 0, 0, 0, 0, nan, 0}},
		"feature 0 of row 0 (counted from 0) is -In": {1, 3, []float32{inf, 0, 0}},
	} {
		if err := m.Add(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if m.N != 0 {
		t.Error("rows that were refused were counted")
	}
	if err := m.Merge(NewMoments(4)); err == nil || !strings.Contains(err.Error(), "3 features cannot be merged with those of 4") {
		t.Errorf("merge with another width: %v", err)
	}
	if err := m.Add(Rows{1, 3, make([]float32, 3)}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Covariance(1); err == nil || !strings.Contains(err.Error(), "n = 1: a covariance") {
		t.Errorf("covariance of one picture: %v", err)
	}
	if _, err := m.Covariance(-1); err == nil || !strings.Contains(err.Error(), "ddof -1") {
		t.Errorf("negative ddof: %v", err)
	}
	if cov, err := m.Covariance(0); err != nil || !slices.Equal(cov, make([]float64, 9)) {
		t.Errorf("covariance of one picture with ddof 0 is %v, %v", cov, err)
	}
}
