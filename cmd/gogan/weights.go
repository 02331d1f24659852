package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
)

// newWeights returns `gogan weights`.
func newWeights() *cobra.Command {
	return group("weights", "Look into checkpoints and turn them into files of other programs",
		newWeightsInspect(), newWeightsConvert(), newWeightsForward())
}

// newWeightsConvert returns `gogan weights convert`.
func newWeightsConvert() *cobra.Command {
	var asJSON, legacy bool
	var kind, network string
	kinds := append([]string{"dcgan-g", "dcgan-d"}, cyclegan.ForeignKinds()...)
	cmd := &cobra.Command{
		Use:   "convert RUN|FILE OUT.safetensors|OUT.pth|OUT.pt|OUT.npz",
		Short: "Write a run or a checkpoint as one file of another form",
		Long: `Writes all variables of the newest checkpoint of a run, or all arrays of a file (safetensors, npz, or what torch.save
wrote, told by content), by name into one file whose form its name says. Equal arrays give equal bytes: names are sorted,
and there is no time or path inside. .pth and .pt are dictionaries of tensors that torch.load(FILE, weights_only=True)
opens; --legacy writes them as PyTorch before 1.6 did.

Only a .safetensors file made of a run holds the run's config, so that "gogan sample" opens it. Of a file of torch.save
the tensors are written and nothing else; "gogan weights inspect" lists what else there is.

--as dcgan-g or dcgan-d writes one network of a DCGAN run under the names of PyTorch's DCGAN example, whose classes load it with
load_state_dict. --as cyclegan-g or cyclegan-d does so with one network of a CycleGAN run, which --network names, and the
classes of CycleGAN's authors; of a file of these it writes the network without what old instance norms left.`,
		Example: `  gogan weights convert runs/dcgan dcgan.safetensors
  gogan weights convert runs/dcgan netG.pth --as dcgan-g
  gogan weights convert runs/glyphs latest_net_G_A.pth --as cyclegan-g --network G
  gogan weights convert model.pth model.safetensors
  gogan weights convert model.safetensors old.pth --legacy`,
		Args:              args(cobra.ExactArgs(2)),
		ValidArgsFunction: completeFiles(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, out := args[0], args[1]
			if network != "" && !slices.Contains(cyclegan.ForeignKinds(), kind) {
				return usage("--network says which network of a CycleGAN run is written as one of CycleGAN's authors': add --as %s",
					strings.Join(cyclegan.ForeignKinds(), " or --as "))
			}
			encode, err := encoderOf(out, legacy)
			if err != nil {
				return err
			}
			if err := convert(in, out, kind, network, encode); err != nil {
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
	cmd.Flags().StringVar(&kind, "as", "", "write one network as another program names it: `KIND` "+strings.Join(kinds, ", "))
	cmd.Flags().StringVar(&network, "network", "", "`NETWORK` of a CycleGAN run: "+strings.Join(cyclegan.Networks(), ", "))
	must(cmd.RegisterFlagCompletionFunc("as", cobra.FixedCompletions(toCompletions(kinds), cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("network", cobra.FixedCompletions(toCompletions(cyclegan.Networks()), cobra.ShellCompDirectiveNoFileComp)))
	cmd.Flags().BoolVar(&legacy, "legacy", false, "write .pth or .pt in the form of PyTorch before 1.6")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was written as one JSON document")
	return cmd
}

// An encoder writes arrays in the form of a file; forms that have no place for metadata leave it out.
type encoder func(w io.Writer, arrays map[string]weights.Array, metadata map[string]string) error

// encoderOf returns the form that the name of a file says.
func encoderOf(path string, legacy bool) (encoder, error) {
	var torch encoder = func(w io.Writer, arrays map[string]weights.Array, _ map[string]string) error {
		if legacy {
			return weights.WriteTorchLegacy(w, arrays)
		}
		return weights.WriteTorch(w, arrays)
	}
	ext := filepath.Ext(path)
	encode, known := map[string]encoder{
		".safetensors": weights.WriteSafetensors,
		".pth":         torch,
		".pt":          torch,
		".npz": func(w io.Writer, arrays map[string]weights.Array, _ map[string]string) error {
			return weights.WriteNPZ(w, arrays, false)
		},
	}[ext]
	switch {
	case !known:
		return nil, usage("%s: the name of the new file must end in .safetensors, .pth, .pt or .npz", path)
	case legacy && ext != ".pth" && ext != ".pt":
		return nil, usage("--legacy is a form of .pth and .pt, and %s ends in %s", path, ext)
	}
	return encode, nil
}

// convert writes what is in a run or file into the file out, which must not be the same; with a kind one of its networks
// under another program's names.
func convert(in, out, kind, network string, encode encoder) error {
	info, err := os.Stat(in)
	if err != nil {
		return fmt.Errorf("no run or file at %s: %w", in, err)
	}
	if old, err := os.Stat(out); err == nil && os.SameFile(info, old) {
		return fmt.Errorf("%s is the file to be read; give the new file another name", out)
	}
	var arrays map[string]weights.Array
	var metadata map[string]string
	switch {
	case slices.Contains(cyclegan.ForeignKinds(), kind):
		arrays, err = cyclegan.ExportForeign(in, kind, network)
	case kind != "":
		arrays, err = gan.ExportDCGAN(in, kind)
	default:
		arrays, metadata, err = arraysOf(in, info.IsDir())
	}
	if err != nil {
		return err
	}
	return writeFile(out, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		if err := errors.Join(encode(b, arrays, metadata), b.Flush()); err != nil {
			return fmt.Errorf("cannot write %s: %w", out, err)
		}
		return nil
	})
}

// arraysOf returns the arrays of a run or a file, and the text that goes with them.
func arraysOf(in string, isRun bool) (map[string]weights.Array, map[string]string, error) {
	if isRun {
		var b bytes.Buffer
		if err := gan.Export(in, &b); err != nil {
			return nil, nil, err
		}
		return weights.DecodeSafetensors(&b, int64(b.Len()))
	}
	file, err := weights.Inspect(in)
	if err != nil {
		return nil, nil, err
	}
	return file.Arrays, file.Metadata, nil
}
