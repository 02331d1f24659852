package metrics

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Neighbours are the real pictures nearest to some fakes.
type Neighbours struct {
	stats.Neighbours // of fake i, counted from 0, the K nearest reals, counted from 0

	// Copying compares the fakes' distances with those of test pictures; nil where there are none.
	Copying *stats.Copying
	// Test are the distances of the test pictures to their nearest real.
	Test []float64
	// Kind says how it was made: NReal, NFake, Extractor, WeightsSHA256, WeightsOfficial, Preprocess.
	Kind Result
}

// Nearest finds the k nearest reals of each fake, to see whether a generator repeats its training data: by the Euclidean
// distance of the features of opt's extractor or, for [Pixels], of the samples of pictures of one size, 0 to 255. With test
// pictures, which must be of the same distribution and not among the reals, it also tests whether fakes are nearer than new
// pictures are, see stats.DataCopying; test may be nil. The rows of all reals are kept: 4 bytes a feature, or sample.
//
// Of opt, which may be nil, what concerns scores is not looked at. The error is one of Score, or names the picture of
// another size than the others where pixels are compared.
func Nearest(ctx context.Context, fakes, reals, test Images, k int, opt *Options) (*Neighbours, error) {
	s, err := openNearest(ctx, reals, opt)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if reals != nil && reals.Len() >= 0 && k > reals.Len() {
		return nil, fmt.Errorf("metrics: %d neighbours among %d reals: ask for fewer", k, reals.Len())
	}
	rows := map[string]stats.Rows{}
	for _, one := range []struct {
		name   string
		images Images
	}{{realSide, reals}, {fakeSide, fakes}, {testSide, test}} {
		if one.name == testSide && test == nil {
			continue
		}
		p := pass{Scorer: s, side: one.name, rules: []Preprocess{s.set.Preprocess}, wants: needs{extractors.Pool: {rows: true}}, images: one.images}
		if err := p.check(); err != nil {
			return nil, err
		}
		measured, err := p.run(ctx)
		if err != nil {
			return nil, err
		}
		rows[one.name] = measured[0].Pool
	}
	near, err := stats.Nearest(rows[fakeSide], rows[realSide], k)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	out := &Neighbours{Neighbours: near, Kind: s.Kind()}
	out.Kind.NReal, out.Kind.NFake = rows[realSide].N, near.N
	if test == nil {
		return out, nil
	}
	held, err := stats.Nearest(rows[testSide], rows[realSide], 1)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	out.Test = held.First()
	copying, err := stats.DataCopying(near.First(), out.Test)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	out.Copying = &copying
	return out, nil
}

// testSide are the pictures that were held out, as messages name them.
const testSide = "test pictures"

// openNearest opens what looks at the pictures.
func openNearest(ctx context.Context, reals Images, opt *Options) (*Scorer, error) {
	var o Options
	if opt != nil {
		o = *opt
	}
	o.Metrics = nil
	if o.Extractor == Pixels && o.Network == nil {
		if o.Weights != "" || o.Preprocess != "" {
			return nil, errors.New("metrics: pixels are compared as they are: leave weights and preprocessing out")
		}
		network, err := pixelsLike(reals)
		if err != nil {
			return nil, err
		}
		o.Network = network
	}
	s, err := Open(ctx, &o)
	if err != nil {
		return nil, err
	}
	s.set.Metrics = nil // the number of pictures that scores need is not asked for
	return s, nil
}

// Pick returns the pictures of some indices, counted from 0, in their order. It reads no more of the images than it must.
// The error names an index that there is not, or is that of reading.
func Pick(images Images, indices []int) ([]image.Image, error) {
	out := make([]image.Image, len(indices))
	if src, ok := images.(indexed); ok {
		for n, i := range indices {
			if i < 0 || i >= src.Len() {
				return nil, noPicture(i)
			}
			img, _, err := src.At(i)
			if err != nil {
				return nil, err
			}
			out[n] = img
		}
		return out, nil
	}
	wanted := map[int][]int{} // places in out by index
	for n, i := range indices {
		wanted[i] = append(wanted[i], n)
	}
	at := 0
	for img, err := range images.All() {
		if len(wanted) == 0 {
			break
		}
		if places, found := wanted[at]; found {
			if err != nil {
				return nil, err
			}
			for _, n := range places {
				out[n] = img
			}
			delete(wanted, at)
		}
		at++
	}
	for i := range wanted {
		return nil, noPicture(i)
	}
	return out, nil
}

func noPicture(i int) error { return fmt.Errorf("metrics: there is no picture %d (counted from 0)", i) }
