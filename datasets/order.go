package datasets

import (
	"math/bits"
	"math/rand/v2"
	"sync"
)

// permutation returns the order in which epoch shows n pictures: the shuffle of Fisher and Yates with the PCG stream of
// (seed, epoch). It is written out, not rand.Perm, so that no other version of Go can change the order of old runs.
func permutation(seed, epoch int64, n int) []int32 {
	random := rand.NewPCG(uint64(seed), uint64(epoch))
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	for i := n - 1; i > 0; i-- {
		// A number of 0..i: the high word of a product; its bias is below 2^-32 for any set that fits in memory.
		j, _ := bits.Mul64(random.Uint64(), uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// orders keeps the last few permutations, since the batches of an epoch all use the same.
type orders struct {
	mu   sync.Mutex
	kept []keptOrder // the newest one last
}

type keptOrder struct {
	seed, epoch int64
	order       []int32
}

// keepOrders is enough for a batch that spans two epochs and its prefetched successor.
const keepOrders = 4

func (o *orders) get(seed, epoch int64, n int) []int32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, k := range o.kept {
		if k.seed == seed && k.epoch == epoch {
			return k.order
		}
	}
	k := keptOrder{seed, epoch, permutation(seed, epoch, n)}
	if len(o.kept) == keepOrders {
		o.kept = o.kept[1:]
	}
	o.kept = append(o.kept, k)
	return k.order
}
