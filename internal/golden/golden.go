// Package golden makes numbers that tests and the scripts of their reference programs both compute, so that networks
// of any size can be compared without storing their weights.
package golden

// Values returns n numbers in [-1, 1): number i of stream salt, whatever n is. They are multiples of 2^-23 and so exact
// in float32. The generator is SplitMix64 (Steele et al. 2014, "Fast splittable pseudorandom number generators") at
// state salt·2^32 + i; in NumPy:
//
//	z = (np.uint64(salt << 32) + np.arange(n, dtype=np.uint64) + 1) * 0x9E3779B97F4A7C15
//	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
//	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
//	values = ((z ^ (z >> 31)) >> 40) / 2**23 - 1
func Values(salt uint32, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		z := (uint64(salt)<<32 + uint64(i) + 1) * 0x9E3779B97F4A7C15
		z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
		z = (z ^ (z >> 27)) * 0x94D049BB133111EB
		out[i] = float32((z^(z>>31))>>40)/(1<<23) - 1
	}
	return out
}

// Scaled returns Values times scale.
func Scaled(salt uint32, n int, scale float32) []float32 {
	out := Values(salt, n)
	for i := range out {
		out[i] *= scale
	}
	return out
}
