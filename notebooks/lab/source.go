package lab

import (
	"fmt"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/datasets"
)

// Source is what a Distortion draws from.
type Source struct {
	Reals  *Pictures // those that scores compare with
	Others *Pictures // of the same kind, none of which is among Reals
	N      int       // how many pictures to return
	Seed   uint64
}

// FashionMini returns the 14,000 embedded pictures of clothes as a source: the first of the training set as reals, the rest
// of it and the test set as the others.
func FashionMini(reals, n int) (Source, error) {
	train, err := datasets.Open("fashion-mini:train")
	if err != nil {
		return Source{}, fmt.Errorf("lab: %w", err)
	}
	test, err := datasets.Open("fashion-mini:test")
	if err != nil {
		return Source{}, fmt.Errorf("lab: %w", err)
	}
	if reals > train.Len() {
		return Source{}, fmt.Errorf("lab: %d of %d training images cannot be the reals", reals, train.Len())
	}
	var parts [3]*Pictures
	for i, part := range []struct {
		data     *datasets.Set
		from, to int
	}{{train, 0, reals}, {train, reals, train.Len()}, {test, 0, test.Len()}} {
		if parts[i], err = Read(part.data, part.from, part.to); err != nil {
			return Source{}, err
		}
	}
	return Source{Reals: parts[0], Others: parts[1].And(parts[2]), N: n}, nil
}

// random returns the numbers of a source: the same for every dose, so that the doses of a distortion change the same
// pictures.
func (s Source) random() *rand.Rand { return rand.New(rand.NewPCG(s.Seed, 0)) }

// Untouched returns N of the other pictures as they are.
func (s Source) Untouched() (*Pictures, error) { return s.Others.draw(s.random(), s.N, anyClass) }
