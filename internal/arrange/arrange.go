// Package arrange is what sets of pictures and of sounds share: the order in which epochs show them, and the classes
// that folders make.
package arrange

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// Permutation returns the order in which epoch shows n things: the shuffle of Fisher and Yates with the PCG stream of
// (seed, epoch). It is written out, not rand.Perm, so that no other version of Go can change the order of old runs.
func Permutation(seed, epoch int64, n int) []int32 {
	random := rand.NewPCG(uint64(seed), uint64(epoch))
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	for i := n - 1; i > 0; i-- {
		j := Below(random, i+1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// Below returns a number of 0..n-1, n > 0: the high word of a product. Its bias is below 2^-32 for any n that counts what
// fits in memory. Like Permutation, it is written out so that no other version of Go can change it.
func Below(random *rand.PCG, n int) int {
	high, _ := bits.Mul64(random.Uint64(), uint64(n))
	return int(high)
}

// Orders keeps the last few permutations, since the batches of an epoch all use the same. It is safe for concurrent
// use; the zero value is ready.
type Orders struct {
	mu   sync.Mutex
	kept []keptOrder // the newest one last
}

type keptOrder struct {
	seed, epoch int64
	order       []int32
}

// keepOrders is enough for a batch that spans two epochs and its prefetched successor.
const keepOrders = 4

// Choose gives the indices of n of count things from position seen on: position p is number p mod count in the order of
// epoch p / count.
func (o *Orders) Choose(seed, seen int64, n, count int) []int {
	chosen := make([]int, n)
	var order []int32
	for k := range chosen {
		p := seen + int64(k)
		if order == nil || p%int64(count) == 0 {
			order = o.get(seed, p/int64(count), count)
		}
		chosen[k] = int(order[p%int64(count)])
	}
	return chosen
}

func (o *Orders) get(seed, epoch int64, n int) []int32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, k := range o.kept {
		if k.seed == seed && k.epoch == epoch {
			return k.order
		}
	}
	k := keptOrder{seed, epoch, Permutation(seed, epoch, n)}
	if len(o.kept) == keepOrders {
		o.kept = o.kept[1:]
	}
	o.kept = append(o.kept, k)
	return k.order
}

// FolderLabels takes the folders of the first level as classes, sorted bytewise, if every name (a path with slashes)
// lies in one, there are at least two, and they are not the numbered buckets (00000, 00001, ...) of StyleGAN's layout.
// Otherwise both results are nil.
func FolderLabels(names []string) (labels []int32, classes []string) {
	seen := map[string]bool{}
	buckets := true
	for _, name := range names {
		folder, _, ok := strings.Cut(name, "/")
		if !ok {
			return nil, nil
		}
		seen[folder] = true
		buckets = buckets && len(folder) == 5 && strings.Trim(folder, "0123456789") == ""
	}
	if len(seen) < 2 || buckets {
		return nil, nil
	}
	for folder := range seen {
		classes = append(classes, folder)
	}
	slices.Sort(classes)
	number := make(map[string]int32, len(classes))
	for i, folder := range classes {
		number[folder] = int32(i)
	}
	labels = make([]int32, len(names))
	for i, name := range names {
		folder, _, _ := strings.Cut(name, "/")
		labels[i] = number[folder]
	}
	return labels, classes
}
