package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/extractors/inception"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
)

// forwarding is what `gogan weights forward` was asked for.
type forwarding struct {
	file, kind, in, out string
	taps                bool
	preprocess          string
	json                bool
	stderr              io.Writer
}

// A forwardKind is a network of another program that `gogan weights forward` can run.
type forwardKind struct {
	name  string
	guess func(state map[string]weights.Array) bool // whether a state dict is of this kind
	run   func(ctx context.Context, f *forwarding, in map[string]weights.Array) (map[string]weights.Array, error)
}

// forwardKinds are the kinds there are.
var forwardKinds = slices.Concat([]forwardKind{{name: "inception", guess: isInception, run: forwardInception}},
	kindsOf(gan.ForeignKinds(), gan.GuessForeign, func(device *accel.Device, f *forwarding, kind string) (foreignNetwork, error) {
		return gan.OpenForeign(device, f.file, kind)
	}),
	kindsOf(cyclegan.ForeignKinds(), cyclegan.GuessForeign, func(device *accel.Device, f *forwarding, kind string) (foreignNetwork, error) {
		network, err := cyclegan.OpenForeign(device, f.file, kind)
		if err == nil {
			fmt.Fprintf(f.stderr, "%s: %v\n", f.file, network)
		}
		return network, err
	}))

// A foreignNetwork is a network that a package of models opened.
type foreignNetwork interface {
	Forward(ctx context.Context, in map[string]weights.Array) (map[string]weights.Array, error)
	Close() error
}

// kindsOf are the kinds that a package of models reads.
func kindsOf(names []string, guess func(map[string]weights.Array) string,
	open func(device *accel.Device, f *forwarding, kind string) (foreignNetwork, error)) []forwardKind {
	var kinds []forwardKind
	for _, name := range names {
		kinds = append(kinds, forwardKind{
			name:  name,
			guess: func(state map[string]weights.Array) bool { return guess(state) == name },
			run: func(ctx context.Context, f *forwarding, in map[string]weights.Array) (map[string]weights.Array, error) {
				device, err := accel.Default(ctx)
				if err != nil {
					return nil, err
				}
				network, err := open(device, f, name)
				if err != nil {
					return nil, err
				}
				out, err := network.Forward(ctx, in)
				return out, errors.Join(err, network.Close())
			},
		})
	}
	return kinds
}

func kindNames() []string {
	var names []string
	for _, k := range forwardKinds {
		names = append(names, k.name)
	}
	return names
}

// newWeightsForward returns `gogan weights forward`.
func newWeightsForward() *cobra.Command {
	var f forwarding
	cmd := &cobra.Command{
		Use:   "forward FILE",
		Short: "Run a network of another program's checkpoint on given arrays",
		Long: `Runs the network whose state dict is in FILE (.pth, .safetensors, .npz) on the arrays of --in, and writes what it returns to
--out: how anybody checks that weights are read right, against the program they come from. Images are NCHW, as there.

inception: the network of FID. In: x, either float [n, 3, h, w] in [0, 1], which is treated as by pytorch-fid's class
InceptionV3 (resized to 299x299 and moved to [-1, 1]), or uint8 [n, 3, h, w], which are pictures for --preprocess. Out:
features [n, 2048], logits and logits_unbiased [n, 1008], spatial [n, 2023]; with --taps also 64, 192 and 768, the outputs
of pytorch-fid's first blocks. A state dict of pytorch-fid's class has no logits, and may end early.

dcgan-g, dcgan-d: generator and discriminator of PyTorch's DCGAN example (netG_epoch_*.pth, netD_epoch_*.pth), of any width,
also saved from DataParallel. sngan-g, sngan-d: the SNGAN classes of kwotsin/mimicry for 32, 48 and 64 px and its conditional
ones (cGAN-PD) for 32 px, also in its checkpoints. In: z [n, latent_dim] for a generator, x [n, channels, h, w] in [-1, 1] for a
discriminator, with classes also c [n, classes], 1 for the class. Out, as in evaluation mode: img [n, channels, h, w] in
[-1, 1], or y: the probability [n] that dcgan-d ends with, the value [n, 1] of sngan-d.

cyclegan-g, cyclegan-d: generators (ResNet, U-Net) and discriminators (PatchGAN, PixelGAN) of the authors' code of CycleGAN and
pix2pix (*_net_G_A.pth, latest_net_G.pth, *_net_D_A.pth), also old files with averages of instance norms; which network was
found is said on stderr. In: x [n, channels, h, w] in [-1, 1], h and w multiples of 4 for a ResNet. Out, as in evaluation mode:
img [n, channels, h, w], the same as y; or y [n, 1, h', w'], the map of a discriminator.`,
		Example: `  gogan weights forward pt_inception-2015-12-05-6726825d.pth --as inception --in x.npz --out y.npz
  gogan weights forward netG_epoch_24.pth --as dcgan-g --in z.npz --out img.npz
  gogan weights forward latest_net_G.pth --as cyclegan-g --in x.npz --out img.npz`,
		Args:              args(cobra.ExactArgs(1)),
		ValidArgsFunction: completeFiles(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.file = args[0]
			return f.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "as", "", "`KIND` of network: "+strings.Join(kindNames(), ", ")+" (default: guessed from the names in FILE)")
	flags.StringVar(&f.in, "in", "", "`IN.npz` with the arrays that go in (required)")
	flags.StringVar(&f.out, "out", "", "`OUT.npz` for the arrays that come out (required)")
	flags.BoolVar(&f.taps, "taps", false, "write outputs of inner layers, too")
	flags.StringVar(&f.preprocess, "preprocess", string(extractors.TF1), "`RULE` for uint8 pictures: tf1, pytorch-fid, clean, torchmetrics")
	flags.BoolVar(&f.json, "json", false, "print what was written as one JSON document")
	must(cmd.MarkFlagRequired("in"))
	must(cmd.MarkFlagRequired("out"))
	must(cmd.MarkFlagFilename("in", "npz"))
	must(cmd.MarkFlagFilename("out", "npz"))
	must(cmd.RegisterFlagCompletionFunc("as", cobra.FixedCompletions(toCompletions(kindNames()), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func toCompletions(names []string) []cobra.Completion { return names }

// forwardReport is the JSON document of `gogan weights forward`.
type forwardReport struct {
	Kind   string           `json:"kind"`
	Out    string           `json:"out"`
	Arrays map[string][]int `json:"arrays"` // shapes
}

func (f *forwarding) run(cmd *cobra.Command) error {
	if rules := (*inception.Network)(nil).Preprocesses(); !slices.Contains(rules, extractors.Preprocess(f.preprocess)) {
		return usage("there is no preprocessing %q; --preprocess takes %v", f.preprocess, rules)
	}
	f.stderr = cmd.ErrOrStderr()
	kind, err := f.find()
	if err != nil {
		return err
	}
	in, err := weights.ReadNPZ(f.in)
	if err != nil {
		return err
	}
	out, err := kind.run(cmd.Context(), f, in)
	if err != nil {
		return err
	}
	if err := writeFile(f.out, func(w io.Writer) error { return weights.WriteNPZ(w, out, true) }); err != nil {
		return err
	}
	report := forwardReport{Kind: kind.name, Out: f.out, Arrays: map[string][]int{}}
	for name, a := range out {
		report.Arrays[name] = a.Shape
	}
	if f.json {
		return printJSON(cmd.OutOrStdout(), report)
	}
	table := newTable(cmd.OutOrStdout())
	for _, name := range slices.Sorted(maps.Keys(out)) {
		fmt.Fprintf(table, "%s\t%v\n", name, out[name].Shape)
	}
	return table.Flush()
}

// find returns the kind that --as names, or that the names in the file tell; this is said in a line.
func (f *forwarding) find() (*forwardKind, error) {
	if f.kind != "" {
		i := slices.Index(kindNames(), f.kind)
		if i < 0 {
			return nil, usage("there is no kind %q; --as takes %s", f.kind, strings.Join(kindNames(), ", "))
		}
		return &forwardKinds[i], nil
	}
	state, err := weights.Read(f.file)
	if err != nil {
		return nil, err
	}
	for i, k := range forwardKinds {
		if k.guess(state) {
			fmt.Fprintf(f.stderr, "%s: taken as %s\n", f.file, k.name)
			return &forwardKinds[i], nil
		}
	}
	return nil, fmt.Errorf("%s: its names are of no known network; say which with --as: %s", f.file, strings.Join(kindNames(), ", "))
}

func isInception(state map[string]weights.Array) bool {
	for _, name := range []string{"Conv2d_1a_3x3.conv.weight", "blocks.0.0.conv.weight"} {
		if _, ok := state[name]; ok {
			return true
		}
	}
	return false
}

func forwardInception(ctx context.Context, f *forwarding, in map[string]weights.Array) (map[string]weights.Array, error) {
	x, ok := in["x"]
	if !ok {
		return nil, fmt.Errorf("%s has no array x, but %s; inception takes x", f.in, strings.Join(slices.Sorted(maps.Keys(in)), ", "))
	}
	device, err := accel.Default(ctx)
	if err != nil {
		return nil, err
	}
	network, err := inception.OpenPart(ctx, device, &inception.Options{Weights: f.file})
	if err != nil {
		return nil, err
	}
	out, err := network.Forward(ctx, x, extractors.Preprocess(f.preprocess), f.taps)
	return out, errors.Join(err, network.Close())
}
