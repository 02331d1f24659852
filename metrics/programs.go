package metrics

import (
	"context"
	"fmt"
	"slices"
)

// Program is a program whose scores are published, and what of its protocol decides them.
type Program struct {
	Name       string
	Preprocess Preprocess
	DDoF       int      // of its covariances
	Metrics    []string // that it reports and that are computed here, by the names of inception-2015
}

// Programs returns the programs whose protocol inception-2015 can follow. Where subsets and shuffles are drawn, those of
// torch-fidelity are reproduced to the bit; the others draw without a seed, so that their scores agree within their own
// spread. clean-fid draws no more than there are pictures.
func Programs() []Program {
	return []Program{
		{"pytorch-fid", PytorchFID, 1, []string{metricFID}},
		{"torch-fidelity", TF1, 1, []string{metricFID, metricIS, metricKID}},
		{"TTUR", TF1, 1, []string{metricFID}},
		{"StyleGAN2-ADA", TF1, 0, []string{metricFID, metricIS, metricKID}},
		{"clean-fid", Clean, 1, []string{metricFID, metricKID}},
		{"torchmetrics >= 1.8", Torchmetrics, 1, []string{metricFID, metricIS, metricKID}},
	}
}

// Report is what a program would report.
type Report struct {
	Program
	Results []Result // of those of its metrics that were asked for
}

// Reports returns what each of the [Programs] would report of the metrics of opt, which may be nil, from one reading of
// each side. Preprocess and DDoF of opt are not looked at. The extractor must be inception-2015.
func Reports(ctx context.Context, reals, fakes Images, opt *Options) ([]Report, error) {
	s, err := Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if s.set.Extractor != inception2015 {
		return nil, fmt.Errorf("metrics: other programs look with %s, not with %s", inception2015, s.set.Extractor)
	}
	s.set.stats.Bootstrap = 0 // none of them reports an interval
	var rules []Preprocess
	for _, program := range Programs() {
		if !slices.Contains(rules, program.Preprocess) {
			rules = append(rules, program.Preprocess)
		}
	}
	sides, err := s.measure(ctx, reals, fakes, rules)
	if err != nil {
		return nil, err
	}
	var out []Report
	for _, program := range Programs() {
		as := s.set
		as.stats.DDoF = program.DDoF
		as.Metrics = slices.DeleteFunc(s.Metrics(), func(name string) bool { return !slices.Contains(program.Metrics, name) })
		side := sides[slices.Index(rules, program.Preprocess)]
		results, err := as.results(ctx, side.reals, side.fakes)
		if err != nil {
			return nil, err
		}
		out = append(out, Report{program, results})
	}
	return out, nil
}
