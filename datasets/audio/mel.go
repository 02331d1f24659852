package audio

import (
	"fmt"
	"math"
)

// The features of LogMel.
const (
	melWindow = 512 // samples of a frame
	melHop    = 128
	melBands  = 32
	melLowest = 50.0 // Hz
)

// MelFeatures is the length of what LogMel returns.
const MelFeatures = 3 * melBands

// LogMel describes a sound by MelFeatures numbers, for comparing sets of sounds: the power spectrum (STFT, windows of 512
// samples every 128) is summed up in 32 bands, triangles between frequencies equally far apart on the mel scale
// 2595·log10(1 + f/700) from 50 Hz to half the rate, and taken in decibels, at least -80. Over the frames of each third
// of the sound, in equal parts as far as they go, the mean of each band is taken: 32 numbers for the beginning, then 32
// for the middle and the end. How loud which frequencies are, and how that changes, is in them; phase is not.
//
// It returns an error if the rate is not MinRate to MaxRate.
func LogMel(s Sound) ([]float32, error) {
	if s.Rate < MinRate || s.Rate > MaxRate {
		return nil, fmt.Errorf("audio: a rate of %d samples per second, want %d to %d", s.Rate, MinRate, MaxRate)
	}
	frames := stft(s.Samples, melWindow, melHop)
	filters := melFilters(s.Rate)
	out := make([]float32, 0, MelFeatures)
	for part := range 3 {
		from, to := part*len(frames)/3, (part+1)*len(frames)/3
		for band := range melBands {
			sum := 0.0
			for _, frame := range frames[from:to] {
				power := 0.0
				for k, weight := range filters[band] {
					power += weight * frame[k] * frame[k]
				}
				sum += decibels(power)
			}
			out = append(out, float32(sum/float64(max(1, to-from))))
		}
	}
	return out, nil
}

// melFilters returns the weight of each frequency of a frame in each band: triangles of height 1.
func melFilters(rate int) [melBands][melWindow/2 + 1]float64 {
	lowest, highest := mel(melLowest), mel(float64(rate)/2)
	corner := func(i int) float64 {
		m := lowest + (highest-lowest)*float64(i)/(melBands+1)
		return 700 * (math.Pow(10, m/2595) - 1)
	}
	var filters [melBands][melWindow/2 + 1]float64
	for band := range filters {
		left, middle, right := corner(band), corner(band+1), corner(band+2)
		for k := range filters[band] {
			f := float64(k) * float64(rate) / melWindow
			filters[band][k] = max(0, min((f-left)/(middle-left), (right-f)/(right-middle)))
		}
	}
	return filters
}

func mel(f float64) float64 { return 2595 * math.Log10(1+f/700) }
