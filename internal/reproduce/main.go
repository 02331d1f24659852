// Command reproduce makes the trainings that notebooks show and are too long for a cell, and leaves what came out, small,
// in notebooks/results/NAME. Each takes at most an hour on two cores. One that was interrupted goes on where it stopped;
// one that is done is only measured again.
//
//	reproduce NAME          what `make reproduce-NAME` calls
//	reproduce -small NAME   the same in seconds to minutes, into out/reproduce-small: does it work?
//	reproduce               lists the experiments
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/home"
)

// experiments are all that there are; each has a file of its own.
var experiments = append([]Experiment{mixturesRing, mixturesGrid, unrolledDemo, vaes, wavegan, wgangpToy}, studyExperiments()...)

func main() {
	small := flag.Bool("small", false, "the small setting, into out/reproduce-small")
	flag.Parse()
	if flag.NArg() == 0 && !*small {
		for _, e := range experiments {
			fmt.Printf("%-16s %s\n", e.Name, e.About)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := reproduce(ctx, flag.Args(), *small); err != nil {
		fmt.Fprintln(os.Stderr, "reproduce: "+strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

// reproduce runs the experiment that args name.
func reproduce(ctx context.Context, args []string, small bool) error {
	root, found := home.Repository()
	if !found {
		return errors.New("not in a clone of the repository")
	}
	var names []string
	for _, e := range experiments {
		names = append(names, e.Name)
	}
	if len(args) != 1 || !slices.Contains(names, args[0]) {
		return fmt.Errorf("want the name of one experiment, got %q; there are %s", args, strings.Join(names, ", "))
	}
	e := experiments[slices.Index(names, args[0])]
	bench := Bench{Runs: filepath.Join(root, "out", "reproduce", e.Name), Results: filepath.Join(root, "notebooks", "results", e.Name),
		Small: small, Reporter: gan.Terminal(os.Stderr)}
	if small {
		bench.Runs = filepath.Join(root, "out", "reproduce-small", e.Name)
		bench.Results = filepath.Join(bench.Runs, "results")
	}
	if err := e.Run(ctx, bench); err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	fmt.Println("wrote", bench.Results)
	return nil
}
