package run

import (
	"fmt"
	"math"
	"slices"
)

// Thresholds, from the trainings that those of diagnose.go are from.
const (
	// swingWindows windows of swingImg real images are looked at for oscillation: in shorter ones the noise of a few
	// steps is larger than a swing.
	swingImg     = 1000
	swingWindows = 20
	// swingAbove is the deviation of D's loss from its trend, as a share of its mean, in the later half of the windows;
	// in the earlier half it may be half of that, for swings that grow. It is at most 0.2 in good trainings and 0.4 to
	// 0.6 with learning rates too high. A trend that bends, as at the start of every training, crosses a straight line
	// less often than swingCrossings times.
	swingAbove     = 0.25
	swingCrossings = 5
	// swingFloor is the share of the loss of a D that knows nothing below which its swings are those of a D that wins.
	swingFloor = 0.1
)

// oscillation tells whether the loss of D swings about a straight trend.
func oscillation(ticks []Tick, game Game) *Finding {
	scale, known := ignorant[game.Loss]
	if !known {
		return nil
	}
	losses, from := windows(ticks, "loss_d")
	if losses == nil {
		return nil
	}
	mean := 0.0
	for _, v := range losses {
		mean += v / swingWindows
	}
	residuals := detrend(losses)
	half := swingWindows / 2
	early, late := rms(residuals[:half]), rms(residuals[half:])
	if mean < swingFloor*scale || late < swingAbove*mean || early < swingAbove/2*mean || crossings(residuals) < swingCrossings {
		return nil
	}
	lowest, highest := slices.Min(losses), slices.Max(losses)
	how := "and does not calm down"
	if late > 1.5*early {
		how = "and ever more so"
	}
	return &Finding{Oscillation, fmt.Sprintf("oscillation: over the last %s img the loss of D swings between %.2g and %.2g, %s; smaller learning "+
		"rates, a smaller beta1 or r1_gamma may help", FormatImg(ticks[len(ticks)-1].Img-from), lowest, highest, how), from}
}

// windows returns the means of a value over the last swingWindows windows of swingImg real images, oldest first, and
// where they begin; nil if the log is shorter. A tick is longer than a window where steps are large.
func windows(ticks []Tick, name string) (means []float64, from int64) {
	end := len(ticks)
	for range swingWindows {
		sum, weight, i := 0.0, 0.0, end
		for i > 1 && (i == end || ticks[end-1].Img-ticks[i-1].Img < swingImg) {
			i--
			// A tick holds the mean since the one before; one without the value saw other phases only.
			if v, found := ticks[i].Values[name]; found {
				images := float64(max(1, ticks[i].Img-ticks[i-1].Img))
				sum, weight = sum+v*images, weight+images
			}
		}
		if weight == 0 {
			return nil, 0
		}
		means, end = append([]float64{sum / weight}, means...), i
	}
	return means, ticks[end-1].Img
}

// detrend takes the straight line of least squares off y.
func detrend(y []float64) []float64 {
	n := float64(len(y))
	middle := (n - 1) / 2
	mean, slope, spread := 0.0, 0.0, 0.0
	for i, v := range y {
		x := float64(i) - middle
		mean, slope, spread = mean+v/n, slope+v*x, spread+x*x
	}
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = v - mean - slope/spread*(float64(i)-middle)
	}
	return out
}

func rms(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(y)))
}

// crossings counts the changes of sign.
func crossings(y []float64) int {
	n := 0
	for i := 1; i < len(y); i++ {
		if y[i-1]*y[i] < 0 {
			n++
		}
	}
	return n
}
