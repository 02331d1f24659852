package arrange

import (
	"slices"
	"testing"
)

// The order is part of what old runs depend on: it may not change with a version of Go or of this package.
func TestPermutationIsFixed(t *testing.T) {
	got := Permutation(1, 0, 10)
	if want := []int32{7, 6, 1, 3, 2, 4, 8, 9, 0, 5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Each thing is equally often at each place: 4000 permutations of 5, so 800 of each, with a standard deviation of 25.
func TestPermutationIsUniform(t *testing.T) {
	var count [5][5]int
	for epoch := range int64(4000) {
		for place, i := range Permutation(3, epoch, 5) {
			count[place][i]++
		}
	}
	for place := range count {
		for i, n := range count[place] {
			if n < 675 || n > 925 { // five standard deviations
				t.Errorf("thing %d is at place %d in %d of 4000 epochs", i, place, n)
			}
		}
	}
}
