package main

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/gan/run"
)

// newRuns returns `gogan runs`.
func newRuns() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "runs DIR...",
		Short: "List runs: length, time, best score, last losses",
		Long: `Lists the runs that the directories are or hold, with preset, data, length in thousands of real images, training time,
best score, the losses of the last line of the log, and whether a process is writing them. What the log bodes ill (mode
collapse, an oscillation, a discriminator that has won) follows in lines of its own.
A directory called diff is written ./diff.`,
		Example:           "  gogan runs runs\n  gogan runs runs/dcgan runs/mlp --json",
		Args:              args(cobra.MinimumNArgs(1)),
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var summaries []run.Summary
			for _, dir := range args {
				found, err := summarizeBelow(dir)
				if err != nil {
					return err
				}
				summaries = append(summaries, found...)
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"runs": summaries})
			}
			return printSummaries(cmd.OutOrStdout(), summaries)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as one JSON document")
	cmd.AddCommand(newRunsDiff())
	return cmd
}

// newRunsDiff returns `gogan runs diff`.
func newRunsDiff() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:               "diff A B",
		Short:             "Show the fields in which the configs of two runs differ",
		Example:           "  gogan runs diff runs/dcgan runs/hinge",
		Args:              args(cobra.ExactArgs(2)),
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			differences, err := run.Diff(args[0], args[1])
			if err != nil {
				return err
			}
			if asJSON {
				if differences == nil {
					differences = []run.Difference{}
				}
				return printJSON(cmd.OutOrStdout(), map[string]any{"a": args[0], "b": args[1], "differences": differences})
			}
			if len(differences) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "no difference")
				return err
			}
			table := newTable(cmd.OutOrStdout())
			fmt.Fprintf(table, "FIELD\t%s\t%s\n", args[0], args[1])
			for _, d := range differences {
				fmt.Fprintf(table, "%s\t%s\t%s\n", d.Field, orDash(d.A), orDash(d.B))
			}
			return table.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the fields as one JSON document")
	return cmd
}

// summarizeBelow returns the run at path, or all runs below it in the order of their paths.
func summarizeBelow(path string) ([]run.Summary, error) {
	var out []run.Summary
	err := filepath.WalkDir(path, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if info, err := os.Stat(filepath.Join(dir, "config.json")); err != nil || info.IsDir() {
			return nil
		}
		s, err := run.Summarize(dir)
		if err != nil {
			return err
		}
		out = append(out, s)
		return fs.SkipDir // what lies inside a run is its own
	})
	if err != nil {
		return nil, fmt.Errorf("cannot list %s: %w", path, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no run in %s: a run is a directory with a config.json", path)
	}
	return out, nil
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// printSummaries writes one row a run, and below the table what was found in their logs.
func printSummaries(w io.Writer, summaries []run.Summary) error {
	table := newTable(w)
	fmt.Fprintln(table, "RUN\tPRESET\tDATA\tKIMG\tTIME\tBEST SCORE\tLAST LOSSES\tSTATE")
	for _, s := range summaries {
		best := ""
		if s.Best != nil {
			best = fmt.Sprintf("%s %.4g", s.Best.Name, s.Best.Value)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%.5g\t%s\t%s\t%s\t%s\n", s.Dir, orDash(s.Preset), orDash(s.Data),
			float64(s.Img)/float64(run.Kimg), duration(s.Seconds), orDash(best), orDash(losses(s.Values)), s.State)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range summaries {
		for _, f := range s.Findings {
			if _, err := fmt.Fprintf(w, "%s: %s\n", s.Dir, f.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// losses writes the values that are losses: the others are for the curves.
func losses(values map[string]float64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.HasPrefix(name, "loss") {
			parts = append(parts, fmt.Sprintf("%s %.3f", name, values[name]))
		}
	}
	return strings.Join(parts, ", ")
}

func duration(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
