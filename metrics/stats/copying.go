package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Copying says whether generated pictures lie nearer to the training data than new real pictures do.
type Copying struct {
	// Share is the share of pairs of a fake and a test picture in which the fake is the nearer one to the training data,
	// pairs that are equally near counted as half: 0.5 for a generator that has learned the distribution, 1 for one that
	// repeats its training data, 0 for one whose pictures are far from all of it.
	Share float64
	// Z is how many standard deviations the statistic of the test lies from what equal distributions give: far below 0 the
	// fakes are copies (below -3 by chance once in 700 times), far above 0 the generator fits the data badly.
	Z float64
	// Fakes and Test are the numbers of distances that were compared.
	Fakes, Test int
}

// DataCopying is the three-sample test of Meehan, Chaudhuri and Dasgupta 2020, "A Non-Parametric Test to Detect
// Data-Copying in Generative Models", https://arxiv.org/abs/2004.05675, section 2: the distances of fakes to their nearest
// training picture and those of held-out test pictures to theirs are compared by the test of Mann and Whitney.
//
//	U = number of pairs with L(fake) > L(test),    Z = (U - nm/2 + 1/2) / σ,    Share = 1 - U/(nm)
//	σ² = nm/12 · (n + m + 1 - Σ (t³ - t) / ((n + m)(n + m - 1)))
//
// for m fakes, n test pictures and groups of t equal distances, which count as half a pair; 1/2 corrects for continuity, as
// in the authors' code, which leaves out the sum over ties. The paper goes on to do this in each cell of a partition of the
// space; here the space is one cell. Test pictures must be new: not among the training data, and of the same distribution.
//
// It returns an error if a side has no distances, one of them is not a number, or all are equal.
func DataCopying(fakes, test []float64) (Copying, error) {
	n, m := float64(len(test)), float64(len(fakes))
	if n == 0 || m == 0 {
		return Copying{}, fmt.Errorf("stats: data copying: distances of %d fakes and %d test pictures: want some of both", len(fakes), len(test))
	}
	type distance struct {
		d    float64
		fake bool
	}
	all := make([]distance, 0, len(fakes)+len(test))
	for _, d := range fakes {
		all = append(all, distance{d, true})
	}
	for _, d := range test {
		all = append(all, distance{d, false})
	}
	for i, d := range all {
		if math.IsNaN(d.d) {
			return Copying{}, fmt.Errorf("stats: data copying: distance %d of %d is not a number", i, len(all))
		}
	}
	slices.SortFunc(all, func(a, b distance) int { return cmp.Compare(a.d, b.d) })
	u, ties, below := 0.0, 0.0, 0.0 // below: test pictures with smaller distances
	for at := 0; at < len(all); {
		end, tiedFakes := at, 0.0
		for ; end < len(all) && all[end].d == all[at].d; end++ {
			if all[end].fake {
				tiedFakes++
			}
		}
		t := float64(end - at)
		u += tiedFakes * (below + (t-tiedFakes)/2)
		below += t - tiedFakes
		ties += t*t*t - t
		at = end
	}
	variance := n * m / 12 * (n + m + 1 - ties/((n+m)*(n+m-1)))
	if !(variance > 0) {
		return Copying{}, fmt.Errorf("stats: data copying: all %d distances are %g: nothing can be compared", len(all), all[0].d)
	}
	return Copying{Share: 1 - u/(n*m), Z: (u - n*m/2 + 0.5) / math.Sqrt(variance), Fakes: len(fakes), Test: len(test)}, nil
}
