package toy

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gomlx/gomlx/core/tensors"
)

// Source feeds a trainer with points: X is float32 [n, 2·Pack], Pack points of the distribution in each row. It never
// comes to an end; each batch is a function of Seed and its position.
//
// PacGAN's code draws 100,000 points once and shuffles; here every point is new.
type Source struct {
	Of   Distribution
	Seed int64
	Pack int // points in a row; 0 and 1: one
}

// Next returns the batch of n rows after the first seen ones.
func (s Source) Next(seen int64, n int) (gan.Batch, error) {
	rng, pack := stream("batch "+s.Of.Name(), s.Seed, seen), max(1, s.Pack)
	x := make([]float32, 0, 2*n*pack)
	for range n * pack {
		a, b := s.Of.Draw(rng)
		x = append(x, float32(a), float32(b))
	}
	return gan.Batch{X: tensors.FromFlatDataAndDimensions(x, n, 2*pack)}, nil
}

// stream returns random numbers that are a function of a name and numbers alone.
func stream(name string, numbers ...int64) *rand.Rand {
	key := append([]byte(name), 0)
	for _, n := range numbers {
		key = binary.LittleEndian.AppendUint64(key, uint64(n))
	}
	return rand.New(rand.NewChaCha8(sha256.Sum256(key)))
}
