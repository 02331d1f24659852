package figures

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
)

// CostsName is the file of an experiment's costs in its directory, one JSON object a line.
const CostsName = "costs.jsonl"

// Cost is what one row of an experiment costs by the real image shown, all its networks and phases together. Wall times of
// a machine that does other things as well say little; ratios of rows that took turns do.
type Cost struct {
	Row string `json:"row"`
	// Relative is the median over rounds of the time for an image as a multiple of that of the row Of in the same round;
	// Low and High are its quartiles.
	Relative float64 `json:"relative"`
	Of       string  `json:"of"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	// ImgPerSec is the median speed.
	ImgPerSec float64 `json:"img_per_sec"`
	Rounds    int     `json:"rounds"`
	Cores     int     `json:"cores"`
	CPU       string  `json:"cpu"`
	Device    string  `json:"device"`
}

// NewCosts compares rows with one of them: seconds[round][row] are for one image.
func NewCosts(rows []string, of string, seconds [][]float64) ([]Cost, error) {
	reference := slices.Index(rows, of)
	if reference < 0 || len(seconds) == 0 {
		return nil, fmt.Errorf("figures: costs of %d rounds and rows %q, compared with %q", len(seconds), rows, of)
	}
	out := make([]Cost, len(rows))
	for i, row := range rows {
		var ratios, speeds []float64
		for _, round := range seconds {
			ratios = append(ratios, round[i]/round[reference])
			speeds = append(speeds, 1/round[i])
		}
		slices.Sort(ratios)
		slices.Sort(speeds)
		out[i] = Cost{Row: row, Of: of, Rounds: len(seconds), Relative: quantile(ratios, 0.5),
			Low: quantile(ratios, 0.25), High: quantile(ratios, 0.75), ImgPerSec: quantile(speeds, 0.5)}
	}
	return out, nil
}

// quantile of sorted values, between two of them a straight line.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(math.Floor(at))
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// ReadCosts reads the costs of an experiment's directory.
func ReadCosts(dir string) ([]Cost, error) { return readLines[Cost](filepath.Join(dir, CostsName)) }

// WriteCosts writes them, in the place of those that were there.
func WriteCosts(dir string, costs []Cost) error { return writeLines(dir, CostsName, costs) }
