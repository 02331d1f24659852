package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// statistics is what `gogan stats` was asked for.
type statistics struct {
	measuring
	out               string
	shard             shardFlag
	features, spatial bool
}

// newStats returns `gogan stats`.
func newStats() *cobra.Command {
	var s statistics
	cmd := &cobra.Command{
		Use:   "stats SRC|RUN",
		Short: "Measure pictures once and keep the statistics in a file",
		Long: `Writes mean and covariance of the features of pictures as an npz that "gogan score --real-stats", pytorch-fid and clean-fid
read. The file also says how it was made; other programs pass over that.

--shard i/n takes the pictures whose index, counted from 0, leaves the remainder i-1 when divided by n; 0/n is n/n, so that
jobs may count from 0. "gogan stats merge" makes of all n files what one run over all pictures gives, to 1e-12.
A source named merge is written ./merge.`,
		Example: `  gogan stats photos --out photos.npz
  gogan stats fashion-mini --extractor fashion-cnn --out fashion.npz
  gogan stats photos --shard 3/8 --out part3.npz
  gogan stats merge part1.npz part2.npz --out photos.npz`,
		Args:              args(cobra.ExactArgs(1)),
		ValidArgsFunction: completeFirst(completeSources),
		RunE:              func(cmd *cobra.Command, args []string) error { return s.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&s.out, "out", "", "`FILE.npz` to write (required)")
	flags.Var(&s.shard, "shard", "part of the pictures to measure: `i/n`")
	flags.BoolVar(&s.features, "features", false, "keep the features of each picture, too: kid, is and prdc need them")
	flags.BoolVar(&s.spatial, "spatial", false, "keep the statistics that sfid needs, too")
	s.addFlags(cmd)
	must(cmd.MarkFlagRequired("out"))
	must(cmd.MarkFlagFilename("out", "npz"))
	must(cmd.RegisterFlagCompletionFunc("shard", completeNothing))
	cmd.AddCommand(newStatsMerge())
	return cmd
}

// newStatsMerge returns `gogan stats merge`.
func newStatsMerge() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "merge FILE.npz...",
		Short: "Make one file of the statistics of all parts of a set",
		Long: `Merges the files that "gogan stats --shard" made of one set, all of them and in any order, or those of several sets.
Files of other extractors, weights or preprocessing than the first are refused.`,
		Example: "  gogan stats merge part1.npz part2.npz --out photos.npz",
		Args:    args(cobra.MinimumNArgs(1)),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"npz"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			parts := make([]*metrics.Stats, len(args))
			for i, path := range args {
				var err error
				if parts[i], err = metrics.ReadStats(path); err != nil {
					return err
				}
			}
			all, err := stats.Merge(parts...)
			if err != nil {
				return err
			}
			return writeStats(cmd.OutOrStdout(), out, all, asJSON)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`FILE.npz` to write (required)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was written as one JSON document")
	must(cmd.MarkFlagRequired("out"))
	must(cmd.MarkFlagFilename("out", "npz"))
	return cmd
}

// run measures the pictures of src.
func (s *statistics) run(cmd *cobra.Command, src string) error {
	opt, err := s.options(cmd)
	if err != nil {
		return usageError{err}
	}
	if err := s.check(src); err != nil {
		return err
	}
	meter := newMeter(cmd.ErrOrStderr())
	opt.Progress = meter.progress
	side, err := s.open(cmd, src, maxDrawn)
	if err != nil {
		return err
	}
	defer side.Close()
	if s.shard.of > 0 {
		if err := side.shard(s.shard.index, s.shard.of); err != nil {
			return err
		}
	}
	if opt.Device, err = s.device(cmd); err != nil {
		return err
	}
	st, err := metrics.Measure(cmd.Context(), side, opt)
	meter.finish()
	if err != nil {
		return sourceError(err)
	}
	st.Source, st.Version = side.name, gan.Version
	if s.shard.of > 0 {
		st.Shards = []stats.Shard{{Index: s.shard.index, Of: s.shard.of}}
	}
	if !s.features {
		st.Pool = stats.Rows{} // of few pictures it is kept although nobody asked
	}
	return writeStats(cmd.OutOrStdout(), s.out, st, s.json)
}

// options returns what to measure: the metrics that need what the file is to hold.
func (s *statistics) options(cmd *cobra.Command) (*metrics.Options, error) {
	inception := s.extractor == metrics.ExtractorNames()[0]
	names := []string{"fd"}
	if inception {
		names[0] = "fid"
	}
	if s.spatial {
		names = append(names, "sfid")
	}
	if s.features && inception {
		names = append(names, "kid", "is")
	} else if s.features {
		names = append(names, "kd", "classifier_score")
	}
	opt, err := s.measuring.options(cmd, names)
	if err != nil {
		return nil, err
	}
	opt.KIDSubsetSize, opt.ISSplits = 2, 1 // what a later score draws of the features is not known here
	return opt, opt.Validate()
}

// writeStats writes a file of statistics and says so.
func writeStats(w io.Writer, path string, st *metrics.Stats, asJSON bool) error {
	if err := writeFile(path, st.Write); err != nil {
		return err
	}
	if asJSON {
		return printJSON(w, statsReport{path, st.N, st.Source, st.Extractor, st.WeightsSHA256, st.WeightsOfficial, st.Preprocess, st.DDoF,
			st.Pool.N > 0, len(st.SpatialMean) > 0})
	}
	_, err := fmt.Fprintf(w, "%s: %d pictures, %s, %s, ddof %d\n", path, st.N, orUnknown(st.Extractor), orUnknown(st.Preprocess), st.DDoF)
	return err
}

// statsReport is the JSON document of `gogan stats`.
type statsReport struct {
	File            string `json:"file"`
	N               int    `json:"n"`
	Source          string `json:"source"`
	Extractor       string `json:"extractor"`
	WeightsSHA256   string `json:"weights_sha256"`
	WeightsOfficial bool   `json:"weights_official"`
	Preprocess      string `json:"preprocess"`
	DDoF            int    `json:"ddof"`
	Features        bool   `json:"features"`
	Spatial         bool   `json:"spatial"`
}

// shardFlag is the value of --shard; of is 0 without it.
type shardFlag struct{ index, of int }

func (s *shardFlag) Type() string { return "i/n" }

func (s *shardFlag) String() string {
	if s.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.index, s.of)
}

// Set reads "3/8"; "0/8" is "8/8".
func (s *shardFlag) Set(text string) error {
	first, second, found := strings.Cut(text, "/")
	index, err := strconv.ParseUint(first, 10, 31)
	of, err2 := strconv.ParseUint(second, 10, 31)
	if !found || err != nil || err2 != nil || of == 0 || index > of {
		return fmt.Errorf("%q is no part; write 1/8 to 8/8", text)
	}
	if index == 0 {
		index = of
	}
	s.index, s.of = int(index), int(of)
	return nil
}
