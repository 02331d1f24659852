package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/sound"
)

// newData returns `gogan data`.
func newData() *cobra.Command {
	return group("data", "Look at data, and fetch it", newDataList(), newDataInfo(), newDataFetch())
}

// newDataList returns `gogan data list`.
func newDataList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the data sets that have a name",
		Example: "  gogan data list",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"data": listed()})
			}
			table := newTable(cmd.OutOrStdout())
			fmt.Fprintln(table, "NAME\tNUMBER\tSIZE\tCLASSES\tLICENCE\tWHERE")
			for _, d := range listed() {
				var splits []string
				for _, s := range d.Splits {
					splits = append(splits, fmt.Sprintf("%s %d", s.Name, s.N))
				}
				size := fmt.Sprintf("%dx%dx%d", d.Height, d.Width, d.Channels)
				switch {
				case d.Kind == kindSounds:
					size = "sounds"
				case d.Height == 0:
					size = "pictures"
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\n", d.Name, strings.Join(splits, ", "), size, d.Classes, d.Licence, d.Where)
			}
			return table.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as one JSON document")
	return cmd
}

// The kinds of data.
const (
	kindPictures = "pictures"
	kindSounds   = "sounds"
	kindPair     = "pair" // two domains of pictures; the splits are trainA, trainB and so on
)

// namedData and dataSplit are datasets.Info with JSON names. Sounds have no height, width and channels: they are made at
// the length and rate that are asked for.
type namedData struct {
	Kind     string      `json:"kind"`
	Name     string      `json:"name"`
	Splits   []dataSplit `json:"splits"`
	Height   int         `json:"height"`
	Width    int         `json:"width"`
	Channels int         `json:"channels"`
	Classes  int         `json:"classes"`
	Licence  string      `json:"licence"`
	Where    string      `json:"where"`
	Ready    bool        `json:"ready"`
}

type dataSplit struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

func listed() []namedData {
	var out []namedData
	for _, d := range datasets.List() {
		named := namedData{Kind: kindPictures, Name: d.Name, Height: d.Height, Width: d.Width, Channels: d.Channels, Classes: d.Classes,
			Licence: d.Licence, Where: d.Where, Ready: d.Ready, Splits: []dataSplit{}}
		if d.Pair {
			named.Kind = kindPair
		}
		for _, s := range d.Splits {
			named.Splits = append(named.Splits, dataSplit(s))
		}
		out = append(out, named)
	}
	return append(out, namedData{Kind: kindSounds, Name: sound.Tones, Classes: sound.TonesClasses, Licence: "Apache-2.0", Where: "made by code",
		Ready: true, Splits: []dataSplit{{"train", sound.TonesTrain}, {"test", sound.TonesTest}}})
}

// dataNames lists the named data sets.
func dataNames() []string {
	var names []string
	for _, d := range listed() {
		names = append(names, d.Name)
	}
	return names
}

// sourceInfo is the JSON document of `gogan data info`.
type sourceInfo struct {
	Name        string        `json:"name"`
	N           int           `json:"n"`
	Height      int           `json:"height"`
	Width       int           `json:"width"`
	Channels    int           `json:"channels"`
	Odd         string        `json:"odd"` // the first picture of another shape; "" if all are alike
	Classes     []string      `json:"classes"`
	Fingerprint string        `json:"fingerprint"`
	Unreadable  []skippedFile `json:"unreadable"`
}

type skippedFile struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

// newDataInfo returns `gogan data info`.
func newDataInfo() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info SRC",
		Short: "Describe the images or sounds of a source, and name those that cannot be read",
		Long: `Describes a folder, a zip, an npz or a named data set: images, size, classes, fingerprint. Every picture of a folder or
zip is decoded once, so that the files which cannot be read are named. Of a folder of WAV files without pictures it gives
their number, seconds and rates. Of a pair, a named one or a folder or zip with trainA and trainB, it describes both sides.`,
		Example: "  gogan data info fashion-mini:test\n  gogan data info photos --json\n  gogan data info glyphs:test",
		Args:    args(cobra.ExactArgs(1)),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return completeNothing(cmd, args, word)
			}
			return completeSources(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if holdsSounds(args[0]) {
				info, err := describeSounds(args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), info)
				}
				return printSounds(cmd.OutOrStdout(), info)
			}
			options := []datasets.Option{datasets.WithContext(cmd.Context()), datasets.WithProgress(progress(cmd.ErrOrStderr())),
				datasets.WithPolicy(datasets.Skip), datasets.WithSkipLimit(math.MaxInt)}
			if datasets.IsPair(args[0]) {
				return describePair(cmd.OutOrStdout(), args[0], asJSON, options)
			}
			set, err := datasets.Open(args[0], options...)
			if err != nil {
				return err
			}
			defer set.Close()
			info := describe(set)
			if asJSON {
				return printJSON(cmd.OutOrStdout(), info)
			}
			return printSource(cmd.OutOrStdout(), info)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the description as one JSON document")
	return cmd
}

func describe(set *datasets.Set) sourceInfo {
	info := sourceInfo{Name: set.Name(), N: set.Len(), Classes: set.ClassNames(), Fingerprint: set.Fingerprint(),
		Unreadable: []skippedFile{}}
	info.Height, info.Width, info.Channels = set.ImageShape()
	if info.Classes == nil {
		info.Classes = []string{}
	}
	if err := set.Uniform(); err != nil {
		info.Odd = err.Error()
	}
	for _, s := range set.Skipped() {
		info.Unreadable = append(info.Unreadable, skippedFile{s.Name, s.Err.Error()})
	}
	return info
}

func printSource(w io.Writer, info sourceInfo) error {
	table := newTable(w)
	fmt.Fprintf(table, "name\t%s\n", info.Name)
	fmt.Fprintf(table, "images\t%d of %dx%dx%d (height x width x channels)\n", info.N, info.Height, info.Width, info.Channels)
	if info.Odd != "" {
		fmt.Fprintf(table, "mixed\t%s\n", info.Odd)
	}
	if len(info.Classes) > 0 {
		fmt.Fprintf(table, "classes\t%d: %s\n", len(info.Classes), strings.Join(info.Classes, ", "))
	}
	fmt.Fprintf(table, "fingerprint\t%s\n", info.Fingerprint)
	for _, file := range info.Unreadable {
		fmt.Fprintf(table, "unreadable\t%s: %s\n", file.Name, file.Error)
	}
	return table.Flush()
}

// pairInfo is the JSON document of `gogan data info` for a pair.
type pairInfo struct {
	Kind string     `json:"kind"` // kindPair
	X    sourceInfo `json:"x"`
	Y    sourceInfo `json:"y"`
}

// describePair prints what the two domains of a pair are.
func describePair(w io.Writer, src string, asJSON bool, options []datasets.Option) error {
	x, y, err := datasets.OpenPair(src, options...)
	if err != nil {
		return err
	}
	defer x.Close()
	defer y.Close()
	info := pairInfo{kindPair, describe(x), describe(y)}
	if asJSON {
		return printJSON(w, info)
	}
	if err := printSource(w, info.X); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return printSource(w, info.Y)
}

// newDataFetch returns `gogan data fetch`.
func newDataFetch() *cobra.Command {
	return &cobra.Command{
		Use:   "fetch NAME",
		Short: "Download a named data set, unless it is here",
		Long: `Makes sure that all splits of a named data set are on this machine. A download that was broken off goes on where it
stopped; the content is checked by its SHA-256. The licence is printed before a download.

AFHQ (cats, dogs and wild animals) is not fetched, since its authors give no lasting address and no checksum: take the
folders of their afhq.zip as sources, afhq.zip:train/cat and afhq.zip:train/dog.`,
		Example: "  gogan data fetch fashion-mnist\n  gogan data fetch horse2zebra",
		Args:    args(cobra.ExactArgs(1)),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return dataNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name, _, _ := strings.Cut(args[0], ":")
			i := slices.Index(dataNames(), name)
			if i < 0 {
				return usage("no data set is called %q; there are %s", name, strings.Join(dataNames(), ", "))
			}
			if d := listed()[i]; !d.Ready {
				fmt.Fprintf(cmd.ErrOrStderr(), "licence of %s: %s\n", name, d.Licence)
			}
			if !sound.IsNamed(name) {
				if err := datasets.Fetch(cmd.Context(), name, progress(cmd.ErrOrStderr())); err != nil {
					return err
				}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", name, listed()[i].Where)
			return err
		},
	}
}

// progressEvery is the time between two lines of progress.
const progressEvery = 2 * time.Second

// progress writes a line now and then about what takes long.
func progress(w io.Writer) datasets.Progress {
	last := time.Now()
	return func(item string, done, total int64) {
		if time.Since(last) < progressEvery {
			return
		}
		last = time.Now()
		if total > 0 {
			fmt.Fprintf(w, "%s: %d %%\n", item, 100*done/total)
		} else {
			fmt.Fprintf(w, "%s: %d\n", item, done)
		}
	}
}
