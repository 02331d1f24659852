// Command gogan trains generative adversarial networks, draws from them and looks after their runs, from a shell.
//
// Every verb is a thin layer over the library and has --help with an example. Results go to stdout; with --json a verb
// prints exactly one JSON document there. Progress and errors go to stderr, an error as one line that says what was wrong
// and what to do. The exit status is 0 for success, 1 for a failure, 2 for wrong usage and 130 when it was stopped with
// Ctrl-C.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	// The first Ctrl-C stops cleanly (a run saves itself); the second one ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := newRoot().ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, errorLine(err))
	}
	os.Exit(exitStatus(ctx, err))
}

// usageError is an error of the person who typed the command; it makes the exit status 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage makes an error of wrong usage.
func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// args makes violations of a rule about arguments, and of those about flags, errors of usage.
func args(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		for _, err := range []error{rule(cmd, args), cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups()} {
			if err != nil {
				return usage("%w; write it as `%s`, see --help", err, cmd.UseLine())
			}
		}
		return nil
	}
}

// stopped is the error after Ctrl-C: what was kept, and how to go on.
type stopped string

func (s stopped) Error() string { return string(s) }

// Is makes a stopped one a cancellation, like the library's own.
func (stopped) Is(target error) bool { return target == context.Canceled }

// errorLine returns err as one line.
func errorLine(err error) string { return "gogan: " + strings.Join(strings.Fields(err.Error()), " ") }

// exitStatus returns the exit status that belongs to err.
func exitStatus(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usageError)):
		return 2
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		return 130 // 128 + SIGINT, as shells have it
	}
	return 1
}

// newRoot returns the command with all its verbs.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "gogan",
		Short:         "Train, sample and look after generative adversarial networks",
		SilenceErrors: true,
		SilenceUsage:  true,
		Example:       "  gogan train dcgan --data fashion-mini --run runs/dcgan --until 100k\n  gogan sample runs/dcgan --seeds 0-63 --grid grid.png",
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see `%s --help`", err, cmd.CommandPath())
	})
	root.SetHelpCommand(newHelp())
	root.AddCommand(
		newSetup(),
		newData(),
		newTrain(),
		newRuns(),
		newSample(),
		newTranslate(),
		newScore(),
		newNearest(),
		newStats(),
		newWeights(),
		newCompletion(),
	)
	return root
}

// group returns a verb that only holds others.
func group(name, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			var names []string
			for _, verb := range cmd.Commands() {
				names = append(names, verb.Name())
			}
			return usage("%s needs a verb: %s", cmd.CommandPath(), strings.Join(names, ", "))
		},
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(verbs...)
	cmd.Example = verbs[0].Example
	return cmd
}

// unknownVerb is the error of a verb that does not exist.
func unknownVerb(cmd *cobra.Command, name string) error {
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return usage("unknown command %q; did you mean %s?", name, strings.Join(near, " or "))
	}
	return usage("unknown command %q; `%s --help` lists them", name, cmd.CommandPath())
}

// newHelp returns `gogan help`, which for a verb that does not exist is wrong usage like any other.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [VERB]...",
		Short:   "Show the help of a verb",
		Example: "  gogan help train",
		RunE: func(cmd *cobra.Command, args []string) error {
			verb, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && verb.HasSubCommands() {
				return unknownVerb(cmd.Root(), strings.Join(args, " "))
			}
			verb.InitDefaultHelpFlag()
			return verb.Help()
		},
	}
}
