package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/setup"
)

// newSetup returns `gogan setup`.
func newSetup() *cobra.Command {
	var check, asJSON bool
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Install what gogan needs: toolchain, Jupyter, the Go kernel, XLA's plugin",
		Long: `Installs what is missing in a clone of gogan: the Go toolchain of go.mod, .venv with the pinned JupyterLab, the GoNB
kernel with its tools, and XLA's plugin for this machine. What is there already is left alone, so running it again
takes a second. --check installs nothing and prints a table.`,
		Example: "  gogan setup\n  gogan setup --check",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt := setup.Options{Device: deviceRows}
			if !check {
				opt.Progress = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), "setup: "+line) }
				if err := setup.Run(cmd.Context(), opt); err != nil {
					return err
				}
			}
			rows, err := setup.Check(cmd.Context(), opt)
			if err != nil {
				return err
			}
			if err := printRows(cmd.OutOrStdout(), rows, asJSON); err != nil {
				return err
			}
			for _, row := range rows {
				if !row.OK {
					return fmt.Errorf("%s is missing: %s", row.Name, row.Do)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "install nothing: only tell what is there")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the table as one JSON document")
	return cmd
}

// printRows writes the table of `gogan setup --check`.
func printRows(w io.Writer, rows []setup.Row, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"setup": rows})
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		state := "ok"
		if !row.OK {
			state = "missing"
		}
		line := fmt.Sprintf("%s\t%s\t%s", row.Name, state, row.Detail)
		if row.Do != "" {
			line += ": " + row.Do
		}
		fmt.Fprintln(table, line)
	}
	return table.Flush()
}

// deviceRows says which device computes and what its plugin is.
func deviceRows() []setup.Row {
	var rows []setup.Row
	for _, item := range accel.Check() {
		rows = append(rows, setup.Row{Name: item.Name, OK: item.OK, Detail: item.Detail})
	}
	return rows
}
