package main

import (
	"math/rand/v2"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gomlx/gomlx/core/tensors"
)

// maxShift is how far a picture is moved at most, in pixels: the clothes of Fashion-MNIST are centred.
const maxShift = 1

// augmented gives the pictures of a set, half of them mirrored left to right and each moved by up to maxShift pixels in
// both directions. What happens to a picture is a function of the seed and its position.
type augmented struct {
	data *datasets.Set
	seed int64
}

// Next implements [gan.Source].
func (a augmented) Next(seen int64, n int) (gan.Batch, error) {
	images, labels, err := a.data.Batch(a.seed, seen, n)
	if err != nil {
		return gan.Batch{}, err
	}
	h, w, _ := a.data.ImageShape()
	err = tensors.MutableFlatData(images, func(flat []float32) {
		for i := range n {
			rng := rand.New(rand.NewPCG(uint64(a.seed), uint64(seen)+uint64(i)))
			dx, dy, mirror := rng.IntN(2*maxShift+1)-maxShift, rng.IntN(2*maxShift+1)-maxShift, rng.IntN(2) == 1
			move(flat[i*h*w:(i+1)*h*w], h, w, dx, dy, mirror)
		}
	})
	return gan.Batch{X: images, Labels: labels}, err
}

// move mirrors a grey picture [h, w] in [-1, 1] if asked to, and then moves it right and down. What comes in is black.
func move(pix []float32, h, w, dx, dy int, mirror bool) {
	old := append([]float32(nil), pix...)
	for y := range h {
		for x := range w {
			fromY, fromX := y-dy, x-dx
			if fromY < 0 || fromY >= h || fromX < 0 || fromX >= w {
				pix[y*w+x] = -1
				continue
			}
			if mirror {
				fromX = w - 1 - fromX
			}
			pix[y*w+x] = old[fromY*w+fromX]
		}
	}
}
