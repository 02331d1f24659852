// Package mt19937 draws the random numbers of NumPy's legacy generator, numpy.random.RandomState: programs that are
// quoted in papers choose subsets and latents with it, and only the same numbers give the same scores and pictures.
//
// The generator is the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998, "Mersenne Twister: a 623-dimensionally
// equidistributed uniform pseudo-random number generator", https://doi.org/10.1145/272991.272995). What is drawn from
// it, and in which order, is frozen in NumPy: NEP 19, https://numpy.org/neps/nep-0019-rng-policy.html.
package mt19937

import (
	"fmt"
	"math"
)

// The parameters of MT19937 in the paper's letters, and the constants of its seeding (Knuth, TAOCP vol. 2, 3rd ed.,
// p. 106, and mt19937ar of 2002).
const (
	n, m       = 624, 397
	a          = 0x9908b0df
	upper      = 0x80000000
	lower      = 0x7fffffff
	multiplier = 1812433253
	arraySeed  = 19650218
)

// RandomState is the state of one generator, as np.random.RandomState(seed). It is not safe for concurrent use.
type RandomState struct {
	key      [n]uint32
	pos      int     // of the next number in key; n: key is used up
	gauss    float64 // the second of the last pair of normal numbers
	hasGauss bool
}

// New returns the generator RandomState(seed).
func New(seed uint32) *RandomState {
	r := &RandomState{}
	r.seed(seed)
	return r
}

// NewFromArray returns the generator RandomState([key...]): key [1] differs from New(key[0]). It panics if key is empty.
func NewFromArray(key ...uint32) *RandomState {
	if len(key) == 0 {
		panic("mt19937: an empty key is no seed")
	}
	r := New(arraySeed)
	i, j := 1, 0
	next := func() {
		if i++; i == n {
			r.key[0] = r.key[n-1]
			i = 1
		}
	}
	mixed := func() uint32 { return r.key[i-1] ^ r.key[i-1]>>30 }
	for range max(n, len(key)) {
		r.key[i] = (r.key[i] ^ mixed()*1664525) + key[j] + uint32(j)
		next()
		j = (j + 1) % len(key)
	}
	for range n - 1 {
		r.key[i] = (r.key[i] ^ mixed()*1566083941) - uint32(i)
		next()
	}
	r.key[0] = upper // the state is never all zeros
	return r
}

// seed fills the state from one number.
func (r *RandomState) seed(seed uint32) {
	for i := range r.key {
		r.key[i] = seed
		seed = multiplier*(seed^seed>>30) + uint32(i) + 1
	}
	r.pos = n
}

// Uint32 returns the next 32 bits.
func (r *RandomState) Uint32() uint32 {
	if r.pos == n {
		r.twist()
	}
	y := r.key[r.pos]
	r.pos++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// twist replaces the whole state by the next one.
func (r *RandomState) twist() {
	for i := range r.key {
		y := r.key[i]&upper | r.key[(i+1)%n]&lower
		r.key[i] = r.key[(i+m)%n] ^ y>>1 ^ -(y&1)&a
	}
	r.pos = 0
}

// RandomSample returns a number in [0, 1) with 53 random bits, as random_sample().
func (r *RandomState) RandomSample() float64 {
	high, low := r.Uint32()>>5, r.Uint32()>>6
	return (float64(high)*(1<<26) + float64(low)) / (1 << 53)
}

// interval returns a whole number in [0, limit], each equally likely: the smallest number of bits that holds limit is
// drawn until the number is in range.
func (r *RandomState) interval(limit uint64) uint64 {
	mask := limit
	for shift := 1; shift < 64; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		var v uint64
		if limit <= math.MaxUint32 {
			v = uint64(r.Uint32()) & mask
		} else {
			high := uint64(r.Uint32())
			v = (high<<32 | uint64(r.Uint32())) & mask
		}
		if v <= limit {
			return v
		}
	}
}

// RandInt returns a whole number in [low, high), as randint(low, high) with its default dtype. It panics if the range is
// empty.
func (r *RandomState) RandInt(low, high int64) int64 {
	if low >= high {
		panic(fmt.Sprintf("mt19937: no whole number in [%d, %d)", low, high))
	}
	limit := uint64(high) - uint64(low) - 1
	if limit == 0 {
		return low // draws nothing
	}
	return int64(uint64(low) + r.interval(limit))
}

// Permutation returns the numbers 0 ... count-1 in random order, as permutation(count): a Fisher-Yates shuffle from the
// end.
func (r *RandomState) Permutation(count int) []int {
	p := make([]int, count)
	for i := range p {
		p[i] = i
	}
	for i := count - 1; i > 0; i-- {
		j := r.interval(uint64(i))
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// Choice returns size different numbers of 0 ... count-1, as choice(count, size, replace=False): the beginning of a
// permutation of all of them. It panics if size is larger than count.
func (r *RandomState) Choice(count, size int) []int {
	if size > count {
		panic(fmt.Sprintf("mt19937: a choice of %d from %d", size, count))
	}
	return r.Permutation(count)[:size:size]
}

// Randn returns a normally distributed number, as randn() and standard_normal(): Marsaglia's polar method, which makes
// two at a time and keeps one. NumPy's C library and Go may round the logarithm differently in the last bit.
func (r *RandomState) Randn() float64 {
	if r.hasGauss {
		r.hasGauss = false
		return r.gauss
	}
	for {
		x, y := 2*r.RandomSample()-1, 2*r.RandomSample()-1
		if r2 := x*x + y*y; r2 < 1 && r2 != 0 {
			f := math.Sqrt(-2 * math.Log(r2) / r2)
			r.gauss, r.hasGauss = f*x, true
			return f * y
		}
	}
}
