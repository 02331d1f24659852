package audio

import (
	"fmt"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"
)

// STFT is the short-time Fourier transform of x: how much of each frequency sounds at each time. Frame t is centred on
// sample t·hop and weighted by a Hann window w of `window` samples (periodic: 0.5 - 0.5·cos(2πi/window)); x is zero
// outside:
//
//	S[t][k] = |Σ_i w[i]·x[t·hop + i - window/2]·exp(-2πjki/window)| / Σ_i w[i]
//
// for k = 0 .. window/2, the frequency k·rate/window. A sine of amplitude a gives a/2 at its frequency. There are
// ⌈len(x)/hop⌉+1 frames. It equals the magnitudes of scipy.signal.stft with its defaults.
//
// It returns an error if window is odd or less than 2, or hop not 1 to window.
func STFT(x []float32, window, hop int) ([][]float64, error) {
	if window < 2 || window%2 != 0 || hop < 1 || hop > window {
		return nil, fmt.Errorf("audio: a spectrum needs an even window and a hop of 1 to the window, got %d and %d", window, hop)
	}
	return stft(x, window, hop), nil
}

func stft(x []float32, window, hop int) [][]float64 {
	weights, sum := make([]float64, window), 0.0
	for i := range weights {
		weights[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(window))
		sum += weights[i]
	}
	fft := fourier.NewFFT(window)
	frame, bins := make([]float64, window), make([]complex128, window/2+1)
	out := make([][]float64, (len(x)+hop-1)/hop+1)
	for t := range out {
		for i := range frame {
			frame[i] = 0
			if at := t*hop + i - window/2; at >= 0 && at < len(x) {
				frame[i] = weights[i] * float64(x[at])
			}
		}
		fft.Coefficients(bins, frame)
		out[t] = make([]float64, len(bins))
		for k, v := range bins {
			out[t][k] = cmplx.Abs(v) / sum
		}
	}
	return out
}

// floorPower keeps logarithms finite: -80 dB. What is softer is hardly heard beside sounds that fill the range.
const floorPower = 1e-8

// decibels returns 10·log10 of a power, at least -80.
func decibels(power float64) float64 { return 10 * math.Log10(max(power, floorPower)) }
