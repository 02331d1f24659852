package datasets

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Batch returns n pictures from position seen on: images is float32 [n, height, width, channels] with x/127.5 - 1, in
// [-1, 1]; labels is int32 [n], or nil if the set has none. The tensors are the caller's.
//
// It is a pure function of its arguments: position p is picture p mod Len of epoch p / Len, which shows all pictures
// once, in an order that seed and the number of the epoch decide. Random crops and flips are
// functions of seed and position too. Two sets of one length show their pictures in the same order for the same seed: give
// the two sides of a pair different seeds. The error is that of [Set.Uniform], or names a picture that cannot be decoded.
func (s *Set) Batch(seed, seen int64, n int) (images, labels *tensors.Tensor, err error) {
	if s.odd != nil {
		return nil, nil, s.odd
	}
	if seen < 0 || n <= 0 {
		return nil, nil, fmt.Errorf("datasets: %s: no batch has %d pictures from position %d on", s.Name(), n, seen)
	}
	chosen := s.orders.Choose(seed, seen, n, s.Len())
	images = tensors.FromShape(shapes.Make(dtypes.Float32, n, s.shape.h, s.shape.w, s.shape.c))
	if err := tensors.MutableFlatData(images, func(flat []float32) { err = s.fill(flat, chosen, seed, seen) }); err != nil {
		return nil, nil, fmt.Errorf("datasets: %s: %w", s.Name(), err)
	}
	if err != nil {
		return nil, nil, err
	}
	if s.src.labels == nil {
		return images, nil, nil
	}
	classes := make([]int32, n)
	for k, i := range chosen {
		classes[k] = s.label(i)
	}
	return images, tensors.FromFlatDataAndDimensions(classes, n), nil
}

// fill writes pictures one after another, changed as chance decides at the positions from seen on.
func (s *Set) fill(flat []float32, chosen []int, seed, seen int64) error {
	size := s.shape.h * s.shape.w * s.shape.c
	faults := make([]error, len(chosen))
	err := parallel(context.Background(), len(chosen), func(k int) {
		m, mirrored, err := s.at(chosen[k])
		if err != nil {
			faults[k] = err
			return
		}
		if mirrored {
			m = imaging.FlipX(m)
		}
		m = s.config.augment(seed, seen+int64(k), m.H, m.W).apply(m)
		m.Floats(flat[k*size : (k+1)*size])
	})
	for _, fault := range faults { // the first in order, so that the message too is a function of the arguments
		if fault != nil {
			return fault
		}
	}
	return err
}
