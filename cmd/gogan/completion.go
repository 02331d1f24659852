package main

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gogan-ml/gogan/cyclegan"
	"github.com/gogan-ml/gogan/gan"
)

// newCompletion returns `gogan completion`.
func newCompletion() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the script that completes verbs, presets, data and fields in a shell",
		Example: `  source <(gogan completion bash)
  gogan completion fish > ~/.config/fish/completions/gogan.fish`,
		ValidArgs: shells,
		Args:      args(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		RunE: func(cmd *cobra.Command, args []string) error {
			w := cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return cmd.Root().GenBashCompletionV2(w, true)
			case "zsh":
				return cmd.Root().GenZshCompletion(w)
			case "fish":
				return cmd.Root().GenFishCompletion(w, true)
			}
			return cmd.Root().GenPowerShellCompletionWithDesc(w)
		},
	}
}

// must is for mistakes in how a command is put together: every use of the command would show them.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func completePresets(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return presetNames(), cobra.ShellCompDirectiveNoFileComp
}

// presetNames lists those of all families.
func presetNames() []string {
	return slices.Sorted(slices.Values(slices.Concat(cyclegan.PresetNames(), gan.PresetNames())))
}

// completeSources offers the named data, and files.
func completeSources(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return dataNames(), cobra.ShellCompDirectiveDefault
}

// completeSettings offers the fields of the preset on the line, and those of the data.
func completeSettings(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var cfg any = gan.DCGAN()
	if len(args) > 0 {
		if named, err := gan.Preset(args[0]); err == nil {
			cfg = named
		} else if named, err := cyclegan.Preset(args[0]); err == nil {
			cfg = named
		}
	}
	var fields []string
	for _, s := range dataSettings {
		fields = append(fields, s.name+"=\t"+s.help)
	}
	text, err := json.Marshal(cfg)
	var tree map[string]any
	if err == nil && json.Unmarshal(text, &tree) == nil {
		maps.DeleteFunc(tree, func(name string, _ any) bool { return slices.Contains(recorded, name) })
		fields = appendFields(fields, "", tree)
	}
	return fields, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// appendFields appends the names that --set takes, those of nested fields with dots.
func appendFields(out []string, prefix string, tree map[string]any) []string {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		if nested, ok := tree[name].(map[string]any); ok {
			out = appendFields(out, prefix+name+".", nested)
			continue
		}
		out = append(out, prefix+name+"=")
	}
	return out
}

func completeDirs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeFiles offers files for the first n arguments.
func completeFiles(n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

func completeNothing(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeFirst completes the first argument and no other.
func completeFirst(first cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return completeNothing(cmd, args, word)
		}
		return first(cmd, args, word)
	}
}
