package metrics

import (
	"fmt"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// Numbers of pictures below which a score says less than readers expect of it.
const (
	// fewPictures is what TTUR's authors ask for, https://github.com/bioinf-jku/TTUR.
	fewPictures = 10_000
	// publishedPictures is how many fakes most published values were computed from.
	publishedPictures = 50_000
)

// warn tells what makes the scores of two sides mean less than they seem to. reals is nil if nothing compares with them.
func (s *settings) warn(reals, fakes *stats.Stats) {
	if !fakes.WeightsOfficial && fakes.WeightsSHA256 != "" {
		s.Warn(fmt.Sprintf("the weights %.8s are not the published ones of %s: scores do not compare with published values",
			fakes.WeightsSHA256, fakes.Extractor))
	}
	for _, side := range []struct {
		name string
		*stats.Stats
	}{{realSide, reals}, {fakeSide, fakes}} {
		if side.Stats == nil {
			continue
		}
		if side.Extractor == "" || side.Preprocess == "" {
			s.Warn(fmt.Sprintf("the statistics of the %s do not say how they were made: whether their preprocessing is %s is not known",
				side.name, s.Preprocess))
		}
		// A width is known of every side with moments or rows; files of other programs do not tell their N.
		if text := s.few(side.name, side.N, max(len(side.Mean), side.Pool.D, len(side.SpatialMean), side.Spatial.D)); text != "" && side.N > 0 {
			s.Warn(text)
		}
	}
}

// few says what n pictures of a side with so many features are too few for, "" if they are not.
func (s *settings) few(side string, n, width int) string {
	frechet, score := false, false
	for _, name := range s.Metrics {
		frechet = frechet || name == metricFID || name == metricSFID || name == metricFD
		score = score || name == metricIS && side == fakeSide
	}
	switch {
	case frechet && n <= width:
		return fmt.Sprintf("%d %s for %d features: their covariance has not full rank, and a Fréchet distance is biased up; "+
			"compare only values of equal numbers of pictures", n, side, width)
	case s.Extractor != inception2015:
		return ""
	case frechet && n < fewPictures:
		return fmt.Sprintf("%d %s: a Fréchet distance of fewer than %d pictures is biased up; published values use %d",
			n, side, fewPictures, publishedPictures)
	case score && n < fewPictures:
		return fmt.Sprintf("%d %s: an Inception Score of fewer than %d pictures is biased down; published values use %d",
			n, side, fewPictures, publishedPictures)
	}
	return ""
}
