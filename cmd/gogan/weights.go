package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/gan"
)

// newWeights returns `gogan weights`.
func newWeights() *cobra.Command {
	return group("weights", "Turn checkpoints into files", newWeightsConvert())
}

// newWeightsConvert returns `gogan weights convert`.
func newWeightsConvert() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "convert RUN OUT.safetensors",
		Short: "Write the newest checkpoint of a run as one file",
		Long: `Writes all variables of the newest checkpoint of a run, with the run's config, into one safetensors file. "gogan sample"
and gan.Load open it. Equal state gives equal bytes: names are sorted, and there is no time or path inside.`,
		Example:           "  gogan weights convert runs/dcgan dcgan.safetensors",
		Args:              args(cobra.ExactArgs(2)),
		ValidArgsFunction: completeFiles(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, out := args[0], args[1]
			if filepath.Ext(out) != ".safetensors" {
				return usage("%s: the name of the new file must end in .safetensors", out)
			}
			if err := writeFile(out, func(w io.Writer) error { return gan.Export(dir, w) }); err != nil {
				return err
			}
			info, err := os.Stat(out)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"file": out, "bytes": info.Size()})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes\n", out, info.Size())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was written as one JSON document")
	return cmd
}
