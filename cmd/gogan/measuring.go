package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/metrics"
)

// measuring is how pictures are looked at: what `gogan score` and `gogan stats` have in common.
type measuring struct {
	extractor, weights, preprocess string
	ddof                           int
	samples                        int
	best                           bool
	skipBad                        bool
	json                           bool
}

func (m *measuring) addFlags(cmd *cobra.Command, moreRules ...string) {
	flags := cmd.Flags()
	flags.StringVar(&m.extractor, "extractor", metrics.ExtractorNames()[0], "network that looks at the pictures: "+strings.Join(metrics.ExtractorNames(), ", "))
	flags.StringVar(&m.weights, "weights", "", "`FILE` of inception-2015's weights (default: downloaded once, to the cache)")
	flags.StringVar(&m.preprocess, "preprocess", "", "`RULE` that makes pictures the network's input: "+
		strings.Join(ruleNames(metrics.ExtractorNames()[0], moreRules), ", ")+" (default the extractor's first)")
	flags.IntVar(&m.ddof, "ddof", 1, "covariances are divided by N minus this; StyleGAN2-ADA has 0")
	flags.IntVar(&m.samples, "samples", 0, "pictures to draw of a run, with the seeds 0 to N-1 (default as many as reals, at most 50000)")
	flags.BoolVar(&m.best, "best", false, "draw from the run's checkpoint with the best score, not from the newest")
	flags.BoolVar(&m.skipBad, "skip-bad", false, "leave out pictures that cannot be read, and say which")
	flags.BoolVar(&m.json, "json", false, "print the result as one JSON document")
	must(cmd.RegisterFlagCompletionFunc("extractor", cobra.FixedCompletions(metrics.ExtractorNames(), cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("preprocess", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return ruleNames(m.extractor, moreRules), cobra.ShellCompDirectiveNoFileComp
	}))
	for _, name := range []string{"ddof", "samples"} {
		must(cmd.RegisterFlagCompletionFunc(name, completeNothing))
	}
}

func ruleNames(extractor string, more []string) []string {
	var names []string
	for _, rule := range metrics.Preprocesses(extractor) {
		names = append(names, string(rule))
	}
	return append(names, more...)
}

// options returns the options of the flags, for the metrics named.
func (m *measuring) options(cmd *cobra.Command, names []string) (*metrics.Options, error) {
	if m.samples < 0 {
		return nil, fmt.Errorf("--samples %d: want at least 1", m.samples)
	}
	if m.ddof < 0 {
		return nil, fmt.Errorf("--ddof %d: want 0 or more", m.ddof)
	}
	opt := &metrics.Options{Metrics: names, Extractor: m.extractor, Weights: m.weights, Preprocess: metrics.Preprocess(m.preprocess),
		DDoF: orZero(m.ddof)}
	if m.skipBad {
		opt.Unreadable = metrics.Skip
	}
	opt.Warn = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+text) }
	return opt, nil
}

// device opens what computes, and tells what the person should know about it.
func (m *measuring) device(cmd *cobra.Command) (*accel.Device, error) {
	device, err := accel.Default(cmd.Context())
	if err == nil && device.Notice() != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+device.Notice())
	}
	return device, err
}

// orZero writes the number 0 as the library does where a field's own 0 is its default.
func orZero[T int | int64](n T) T {
	if n == 0 {
		return metrics.Zero
	}
	return n
}

// completeMetrics completes the last name of a list.
func (m *measuring) completeMetrics(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	before := word[:strings.LastIndex(word, ",")+1]
	var out []string
	for _, name := range metrics.MetricNames(m.extractor) {
		if !strings.Contains(","+before, ","+name+",") {
			out = append(out, before+name)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
