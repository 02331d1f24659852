package audio

import (
	"fmt"
	"math"
)

// Rates outside of these bounds, in samples per second, are taken for damage: nobody records sound at them.
const (
	MinRate = 1000
	MaxRate = 384000
)

// The filter of Resample, that of scipy.signal.resample_poly: a sinc under a Kaiser window of shape 5, ten zero crossings
// to each side.
const (
	kaiserBeta    = 5.0
	zeroCrossings = 10
)

// Resample returns the sound of x at another rate. With to/from = up/down in lowest terms, the samples are thought to
// stand up-1 zeros apart, are low-pass filtered at the lower one of the two Nyquist frequencies, and every down-th one
// is kept:
//
//	y[m] = Σ_k x[k]·h[m·down - k·up + half],  h[i] = up·sinc((i-half)/M)·kaiser(i)/Σ,  M = max(up, down), half = 10·M
//
// where x is zero outside and Σ makes the filter's sum up. The result has ⌈len(x)·up/down⌉ samples. It is
// scipy.signal.resample_poly with its defaults. Equal rates return x itself.
//
// It returns an error if a rate is not MinRate to MaxRate.
func Resample(x []float32, from, to int) ([]float32, error) {
	for _, rate := range []int{from, to} {
		if rate < MinRate || rate > MaxRate {
			return nil, fmt.Errorf("audio: a rate of %d samples per second, want %d to %d", rate, MinRate, MaxRate)
		}
	}
	if from == to {
		return x, nil
	}
	divisor := gcd(from, to)
	up, down := to/divisor, from/divisor
	h, half := lowPass(up, max(up, down))
	y := make([]float32, (len(x)*up+down-1)/down)
	for m := range y {
		// All k with 0 <= m·down - k·up + half < len(h).
		at := m*down + half
		first := max(0, (at-len(h)+up)/up)
		last := min(len(x)-1, at/up)
		sum := 0.0
		for k := first; k <= last; k++ {
			sum += float64(x[k]) * h[at-k*up]
		}
		y[m] = float32(sum)
	}
	return y, nil
}

// lowPass returns the filter and the index of its middle.
func lowPass(up, rate int) (h []float64, half int) {
	half = zeroCrossings * rate
	h = make([]float64, 2*half+1)
	sum := 0.0
	for i := range h {
		t := float64(i - half)
		side := t / float64(half)
		h[i] = sinc(t/float64(rate)) * besselI0(kaiserBeta*math.Sqrt(max(0, 1-side*side)))
		sum += h[i]
	}
	for i := range h {
		h[i] *= float64(up) / sum
	}
	return h, half
}

// sinc is sin(πt)/(πt).
func sinc(t float64) float64 {
	if t == 0 {
		return 1
	}
	return math.Sin(math.Pi*t) / (math.Pi * t)
}

// besselI0 is the modified Bessel function of order 0, Σ ((x/2)^k / k!)², to the last digit for the x of a window.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= x / 2 / k * x / 2 / k
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Join puts sounds one after the other, with `gap` samples of silence between two.
func Join(sounds [][]float32, gap int) []float32 {
	var out []float32
	for i, s := range sounds {
		if i > 0 {
			out = append(out, make([]float32, gap)...)
		}
		out = append(out, s...)
	}
	return out
}
