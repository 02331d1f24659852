// Command gogan trains generative adversarial networks, draws from them and looks after their runs, from a shell.
//
// Every verb is a thin layer over the library and has --help with an example. Results go to stdout; with --json a verb
// prints exactly one JSON document there. Progress and errors go to stderr, an error as one line that says what was wrong
// and what to do. The exit status is 0 for success, 1 for a failure and 2 for wrong usage.
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
	os.Exit(exitStatus(newRoot().ExecuteContext(ctx)))
}

// usageError is an error of the person who typed the command; it makes the exit status 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage makes an error of wrong usage.
func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// args makes violations of a rule about arguments errors of usage.
func args(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := rule(cmd, args); err != nil {
			return usage("%w; see `%s --help`", err, cmd.CommandPath())
		}
		return nil
	}
}

// exitStatus prints err as one line and returns the exit status that belongs to it.
func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "gogan: "+strings.Join(strings.Fields(err.Error()), " "))
	if errors.As(err, new(usageError)) {
		return 2
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
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				return usage("unknown command %q; did you mean %s?", args[0], strings.Join(near, " or "))
			}
			return usage("unknown command %q; `gogan --help` lists them", args[0])
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see `%s --help`", err, cmd.CommandPath())
	})
	root.AddCommand(
		newSetup(),
	)
	return root
}
