package metrics

import (
	"fmt"

	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Numbers of pictures below which a distance says less than readers expect of it.
const (
	// inceptionWidth is the number of features of inception-2015: a covariance of fewer pictures has not full rank.
	inceptionWidth = 2048
	// fewPictures is what TTUR's authors ask for, https://github.com/bioinf-jku/TTUR.
	fewPictures = 10_000
	// publishedPictures is how many fakes most published values were computed from.
	publishedPictures = 50_000
)

// warn tells what makes the scores of two sides mean less than they seem to. reals is nil if nothing compares with them.
func (s *Scorer) warn(reals, fakes *stats.Stats) {
	if !fakes.WeightsOfficial && fakes.Extractor == inception2015 {
		s.set.Warn(fmt.Sprintf("the weights %.8s are not the published ones: scores do not compare with published values",
			fakes.WeightsSHA256))
	}
	for _, side := range []struct {
		name string
		*stats.Stats
	}{{realSide, reals}, {fakeSide, fakes}} {
		if side.Stats == nil {
			continue
		}
		if side.Extractor == "" || side.Preprocess == "" {
			s.set.Warn(fmt.Sprintf("the statistics of the %s do not say how they were made: whether their preprocessing is %s is not known",
				side.name, s.set.Preprocess))
		}
		if side.N == 0 {
			continue // of other programs, which do not say
		}
		if text := s.few(side.name, side.N); text != "" {
			s.set.Warn(text)
		}
	}
}

// few says what n pictures of a side are too few for, "" if they are not.
func (s *Scorer) few(side string, n int) string {
	frechet, score := false, false
	for _, name := range s.set.Metrics {
		frechet = frechet || name == metricFID || name == metricSFID || name == metricFD
		score = score || name == metricIS && side == fakeSide
	}
	width := inceptionWidth
	if s.set.Extractor != inception2015 {
		width = s.network.Width(extractors.Pool)
	}
	switch {
	case frechet && n < width:
		return fmt.Sprintf("%d %s are fewer than the %d features: their covariance has not full rank, and a Fréchet distance is biased up; "+
			"compare only values of equal numbers of pictures", n, side, width)
	case s.set.Extractor != inception2015:
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
