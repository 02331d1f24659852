package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics"
)

// print writes the results for a person or as a JSON document.
func (s *scoring) print(w io.Writer, results []metrics.Result) error {
	if s.json {
		return printJSON(w, map[string]any{"results": results})
	}
	table := newTable(w)
	fmt.Fprintln(table, "SCORE\tVALUE\t±\t95 % INTERVAL\tREALS\tFAKES")
	for _, r := range results {
		interval := ""
		if r.CI != [2]float64{} {
			interval = fmt.Sprintf("%.5g .. %.5g", r.CI[0], r.CI[1])
		}
		fmt.Fprintf(table, "%s\t%.5g\t%s\t%s\t%s\t%s\n", r.Name, r.Value, orDash(spreadOfScore(r)), orDash(interval), count(r.NReal), count(r.NFake))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "\n%s\n", conditions(results[0])); err != nil || !s.cite {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n\n%s\n", latex(results), protocol(results))
	return err
}

func spreadOfScore(r metrics.Result) string {
	if r.StdOf == "" {
		return ""
	}
	return fmt.Sprintf("%.2g over %s", r.Std, r.StdOf)
}

// count prints a number of pictures, which files of other programs do not tell.
func count(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// conditions says how all results were made.
func conditions(r metrics.Result) string {
	weights := ""
	if r.WeightsSHA256 != "" {
		weights = fmt.Sprintf(" (weights %.8s", r.WeightsSHA256)
		if !r.WeightsOfficial {
			weights += ", unofficial"
		}
		weights += ")"
	}
	return fmt.Sprintf("%s%s, %s, ddof %d, seed %d", orUnknown(r.Extractor), weights, orUnknown(r.Preprocess), r.DDoF, r.Seed)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// printReports writes one row a program.
func printReports(w io.Writer, reports []metrics.Report) error {
	var names []string
	for _, report := range reports {
		for _, r := range report.Results {
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	table := newTable(w)
	fmt.Fprintf(table, "PROGRAM\tPREPROCESS\tDDOF\t%s\n", strings.ToUpper(strings.Join(names, "\t")))
	var last metrics.Result
	for _, report := range reports {
		if len(report.Results) == 0 {
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%d", report.Name, report.Preprocess, report.DDoF)
		for _, name := range names {
			value := "-"
			if i := slices.IndexFunc(report.Results, func(r metrics.Result) bool { return r.Name == name }); i >= 0 {
				last = report.Results[i]
				value = fmt.Sprintf("%.5g", last.Value)
			}
			fmt.Fprintf(table, "\t%s", value)
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s reals, %s fakes, %s %.8s, seed %d\n", count(last.NReal), count(last.NFake), last.Extractor, last.WeightsSHA256, last.Seed)
	return err
}

// abbreviations are the names of scores as papers print them.
var abbreviations = map[string]string{"fid": "FID", "is": "IS", "kid": "KID", "sfid": "sFID", "prdc_precision": "Precision",
	"prdc_recall": "Recall", "prdc_density": "Density", "prdc_coverage": "Coverage"}

func printed(name string) string {
	if short, found := abbreviations[name]; found {
		return short
	}
	return name
}

// latex returns a head and a row of a table for a paper.
func latex(results []metrics.Result) string {
	head, row := []string{"Method"}, []string{"ours"}
	for _, r := range results {
		arrow := `\uparrow`
		if r.IsDistance() {
			arrow = `\downarrow`
		}
		head = append(head, fmt.Sprintf("%s $%s$", strings.ReplaceAll(printed(r.Name), "_", `\_`), arrow))
		value := fmt.Sprintf("%.4g", r.Value)
		if r.StdOf != "" {
			value = fmt.Sprintf(`$%.4g \pm %.2g$`, r.Value, r.Std)
		}
		row = append(row, value)
	}
	return strings.Join(head, " & ") + ` \\` + "\n" + strings.Join(row, " & ") + ` \\`
}

// rules say in words what the rules of preprocessing do.
var rules = map[string]string{
	"tf1":          "TensorFlow 1's bilinear resizing, as in TTUR and torch-fidelity",
	"pytorch-fid":  "bilinear resizing without antialiasing, as in pytorch-fid",
	"clean":        "antialiased bicubic resizing, as in clean-fid",
	"torchmetrics": "antialiased bilinear resizing, as in torchmetrics 1.8 and later",
}

// protocol says in one sentence how the scores were made.
func protocol(results []metrics.Result) string {
	var names, details []string
	var r metrics.Result // the one with most pictures: scores without reals say 0
	for _, one := range results {
		names = append(names, printed(one.Name))
		if one.StdOf != "" {
			details = append(details, fmt.Sprintf("%s is a mean ± standard deviation over %s", printed(one.Name), one.StdOf))
		}
		if one.NReal >= r.NReal {
			r = one
		}
	}
	pictures := fmt.Sprintf("%s generated", count(r.NFake))
	if r.NReal > 0 {
		pictures += fmt.Sprintf(" and %d real", r.NReal)
	}
	network := fmt.Sprintf("features of the network %s", r.Extractor)
	if r.Extractor == metrics.ExtractorNames()[0] {
		network = "features of the Inception network of 2015"
	}
	if r.WeightsSHA256 != "" {
		network += fmt.Sprintf(" (weights with the SHA-256 %.8s)", r.WeightsSHA256)
	}
	rule, found := rules[r.Preprocess]
	if !found {
		rule = "the preprocessing " + orUnknown(r.Preprocess)
	}
	sentence := fmt.Sprintf("%s of %s images, from %s, with %s, covariances divided by N-%d and the seed %d", strings.Join(names, ", "), pictures,
		network, rule, r.DDoF, r.Seed)
	for _, detail := range details {
		sentence += "; " + detail
	}
	return sentence + fmt.Sprintf("; computed with gogan %s.", gan.Version)
}
