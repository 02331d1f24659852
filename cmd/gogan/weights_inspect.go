package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/weights"
)

// newWeightsInspect returns `gogan weights inspect`.
func newWeightsInspect() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "List what a checkpoint holds: names, types, shapes, number of parameters",
		Long: `Lists the arrays of a file (safetensors, npz, or what torch.save wrote, told by content) with names, types and shapes,
what else is in it in a short form, and the file's form, size and SHA-256. The whole file is read and checked; nothing in
it is run. Parameters are the elements of all floating-point arrays.`,
		Example:           "  gogan weights inspect model.pth\n  gogan weights inspect model.safetensors --json",
		Args:              args(cobra.ExactArgs(1)),
		ValidArgsFunction: completeFiles(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := weights.Inspect(args[0])
			if err != nil {
				return err
			}
			report := newFileReport(args[0], file)
			if asJSON {
				return printJSON(cmd.OutOrStdout(), report)
			}
			return report.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as one JSON document")
	return cmd
}

// fileReport is what inspect says of a file.
type fileReport struct {
	File       string            `json:"file"`
	Format     weights.Format    `json:"format"`
	Bytes      int64             `json:"bytes"`
	SHA256     string            `json:"sha256"`
	Parameters int64             `json:"parameters"`
	Arrays     []arrayReport     `json:"arrays"`
	Metadata   map[string]string `json:"metadata,omitempty"`
	Values     map[string]string `json:"values,omitempty"`
}

// arrayReport is an array of a file; DType is named as in safetensors files.
type arrayReport struct {
	Name  string        `json:"name"`
	DType weights.DType `json:"dtype"`
	Shape []int         `json:"shape"`
}

func newFileReport(path string, file *weights.File) fileReport {
	r := fileReport{path, file.Format, file.Bytes, file.SHA256, file.Parameters(), []arrayReport{}, file.Metadata, file.Values}
	for _, name := range slices.Sorted(maps.Keys(file.Arrays)) {
		a := file.Arrays[name]
		r.Arrays = append(r.Arrays, arrayReport{name, a.DType, append([]int{}, a.Shape...)})
	}
	return r
}

// print writes the report for people.
func (r fileReport) print(w io.Writer) error {
	fmt.Fprintf(w, "%s: %s, %d bytes, SHA-256 %s\n", r.File, r.Format, r.Bytes, r.SHA256)
	table := newTable(w)
	if len(r.Arrays) > 0 {
		fmt.Fprintln(table, "NAME\tTYPE\tSHAPE")
	}
	for _, a := range r.Arrays {
		fmt.Fprintf(table, "%s\t%s\t%v\n", cell(a.Name), a.DType, a.Shape)
	}
	for _, part := range []struct {
		title   string
		entries map[string]string
	}{{"METADATA", r.Metadata}, {"OTHER VALUES", r.Values}} {
		if len(part.entries) > 0 {
			fmt.Fprintf(table, "%s\t\t\n", part.title)
		}
		for _, name := range slices.Sorted(maps.Keys(part.entries)) {
			fmt.Fprintf(table, "%s\t\t%s\n", cell(name), cell(part.entries[name]))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d arrays, %d parameters\n", len(r.Arrays), r.Parameters)
	return err
}

// cell returns text of a file as it may stand in a table: cut, and in quotes if a terminal would take any of it for
// more than text.
func cell(text string) string {
	const longest = 100
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
