package gan

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// Latents draws z on the host: the same seed gives the same z on every backend and any number of devices.
type Latents struct {
	// Dim is the length of z.
	Dim int `json:"dim"`
	// Distribution is "normal" for N(0, I) or "uniform" for U(-1, 1).
	Distribution string `json:"distribution"`
}

// Normal says whether z is normal, so that interpolation should walk on great circles.
func (l Latents) Normal() bool { return l.Distribution == "normal" }

func (l Latents) validate() error {
	if l.Dim < 1 {
		return fmt.Errorf("dim is %d, want at least 1", l.Dim)
	}
	if l.Distribution != "normal" && l.Distribution != "uniform" {
		return fmt.Errorf("distribution is %q, want normal or uniform", l.Distribution)
	}
	return nil
}

func (l Latents) draw(rng *rand.Rand, z []float32) {
	for i := range z {
		if l.Distribution == "uniform" {
			z[i] = float32(2*rng.Float64() - 1)
		} else {
			z[i] = float32(rng.NormFloat64())
		}
	}
}

// Seeded returns z [len(seeds), Dim] with one row drawn from each seed: what Sample shows for a seed.
func (l Latents) Seeded(seeds []int64) []float32 {
	z := make([]float32, len(seeds)*l.Dim)
	for i, seed := range seeds {
		l.draw(stream("latent", seed), z[i*l.Dim:(i+1)*l.Dim])
	}
	return z
}

// drawClasses draws n classes of k, int32 [n], each as likely as the others.
func drawClasses(rng *rand.Rand, n, k int) *tensors.Tensor {
	classes := make([]int32, n)
	for i := range classes {
		classes[i] = int32(rng.IntN(k))
	}
	return tensors.FromFlatDataAndDimensions(classes, n)
}

// stream returns a generator of random numbers that is a function of its name and numbers alone.
func stream(name string, numbers ...int64) *rand.Rand {
	h := streamKey(name, numbers...)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(h[:8]), binary.LittleEndian.Uint64(h[8:16])))
}

func streamKey(name string, numbers ...int64) [sha256.Size]byte {
	key := append(make([]byte, 0, len(name)+1+8*len(numbers)), name...)
	key = append(key, 0)
	for _, n := range numbers {
		key = binary.LittleEndian.AppendUint64(key, uint64(n))
	}
	return sha256.Sum256(key)
}

// rngState is the state of a graph's random numbers: a function of its name and numbers alone.
func rngState(name string, numbers ...int64) *tensors.Tensor {
	h := streamKey(name, numbers...)
	state := make([]uint64, 3)
	for i := range state {
		state[i] = binary.LittleEndian.Uint64(h[8*i:])
	}
	return tensors.FromFlatDataAndDimensions(state, len(state))
}
