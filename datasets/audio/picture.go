package audio

import (
	"math"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Sizes of the picture of a sound.
const (
	pictureWindow  = 256 // samples of a frame: 129 rows
	pictureColumns = 64  // about as many columns, as far as the sound is long enough for frames that overlap by half
	pictureRange   = 80  // decibels from white to black
)

// Picture draws the spectrum of a sound over time, grey: time from left to right, frequency from 0 at the bottom to half
// the rate at the top, 129 rows and about 64 columns for a sound of at most 8192 samples (a column for each 128 samples
// of a longer one). White is the level of a sine that fills the range of the samples, black 80 dB below it or less; the
// scale is the same for all sounds, so that pictures compare.
func Picture(x []float32) *imaging.Image8 {
	hop := min(max(1, len(x)/pictureColumns), pictureWindow/2)
	frames := stft(x, pictureWindow, hop)
	out := imaging.NewImage8(pictureWindow/2+1, len(frames), 1)
	for t, frame := range frames {
		for k, magnitude := range frame {
			level := 1 + decibels(4*magnitude*magnitude)/pictureRange // a full sine has the magnitude 1/2
			row := out.H - 1 - k
			out.Pix[row*out.W+t] = uint8(math.Round(255 * min(max(level, 0), 1)))
		}
	}
	return out
}
