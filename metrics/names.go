package metrics

import (
	"fmt"
	"slices"
	"strings"
)

// The metrics, by the names that Options.Metrics takes.
const (
	metricFID             = "fid"
	metricIS              = "is"
	metricKID             = "kid"
	metricSFID            = "sfid"
	metricFD              = "fd"
	metricKD              = "kd"
	metricClassifierScore = "classifier_score"
	metricPRDC            = "prdc"
)

// The names that belong to the Inception network of 2015, and those of the same scores on features of other networks.
var (
	inceptionMetrics = []string{metricFID, metricIS, metricKID, metricSFID, metricPRDC}
	otherMetrics     = []string{metricFD, metricClassifierScore, metricKD, metricPRDC}
)

// counterpart gives the same score on features of the other kind.
var counterpart = map[string]string{
	metricFID: metricFD, metricKID: metricKD, metricIS: metricClassifierScore,
	metricFD: metricFID, metricKD: metricKID, metricClassifierScore: metricIS,
}

// MetricNames returns the metrics that an extractor gives, by the names that Options.Metrics takes.
func MetricNames(extractor string) []string {
	if extractor == inception2015 {
		return slices.Clone(inceptionMetrics)
	}
	return slices.Clone(otherMetrics)
}

// checkMetric returns an error if the extractor does not give the metric.
func checkMetric(name, extractor string) error {
	known := MetricNames(extractor)
	if slices.Contains(known, name) {
		return nil
	}
	switch other, found := counterpart[name]; {
	case found && extractor == inception2015:
		return fmt.Errorf("%s is a score of another extractor than %s: ask for %s", name, extractor, other)
	case found:
		return fmt.Errorf("%s is a score of %s alone: with %s ask for %s", name, inception2015, extractor, other)
	case name == metricSFID:
		return fmt.Errorf("%s is a score of %s alone: %s gives %s", name, inception2015, extractor, strings.Join(known, ", "))
	case name == "precision" || name == "recall":
		return fmt.Errorf("%s is a score of the extractor vgg16, which this version does not have: ask for %s, which has precision and recall on features of %s",
			name, metricPRDC, extractor)
	}
	return fmt.Errorf("there is no metric %q: with %s there are %s", name, extractor, strings.Join(known, ", "))
}

// prdcScores are the results of the metric prdc.
var prdcScores = []string{"prdc_precision", "prdc_recall", "prdc_density", "prdc_coverage"}

// ResultNames returns the names of the results of a metric of an extractor: of inception-2015 those of the metrics
// themselves, of others with the extractor behind, as fd_fashion_cnn. prdc has four.
func ResultNames(metric, extractor string) []string {
	names := []string{metric}
	if metric == metricPRDC {
		names = slices.Clone(prdcScores)
	}
	if extractor != inception2015 {
		for i := range names {
			names[i] += "_" + strings.ReplaceAll(extractor, "-", "_")
		}
	}
	return names
}

// ParseName finds the metric and the extractor that give a result of that name: fid is the metric fid of inception-2015,
// fd_fashion_cnn the metric fd of fashion-cnn. The error lists the names that there are.
func ParseName(name string) (metric, extractor string, err error) {
	var known []string
	for _, extractor := range ExtractorNames() {
		for _, metric := range MetricNames(extractor) {
			results := ResultNames(metric, extractor)
			if slices.Contains(results, name) {
				return metric, extractor, nil
			}
			known = append(known, results...)
		}
	}
	return "", "", fmt.Errorf("metrics: there is no score %q; there are %s", name, strings.Join(known, ", "))
}
