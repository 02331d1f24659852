// Bench compares gogan with other programs on this machine. Each comparison is one line,
//
//	ratio dcgan64-b32 vs torch 1.02 (ours 0.65 s, peer 0.66 s, torch 2.15.0 channels_last, 2 threads)
//
// where the ratio is the peer's time divided by ours: above 1 we are faster. Both programs start from the same weights
// and see the same data, their first losses are compared, and then they take turns, so that whatever else the machine
// does meets both. Times are medians. A peer that is not installed gives
//
//	missing dcgan64-b32 vs torch: why
//
// and no error; unequal losses give one. Usage:
//
//	go run ./bench [PREFIX...]    comparisons whose name starts with a prefix; all without one
//
// bench/peers.sh installs the peers, pinned, in $GOGAN_PEERS or, without it, beside gogan's other files.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// lineLimit bounds the time of one comparison.
const lineLimit = 150 * time.Second

// A comparison is one line of the output.
type comparison struct {
	name, peer string
	run        func(ctx context.Context) (result, error)
	limit      time.Duration // 0: lineLimit
}

// result is what a comparison measured.
type result struct {
	ours, peer float64 // medians in seconds
	version    string  // of the peer, and its setting
}

// errMissing says that a peer is not there.
var errMissing = errors.New("missing")

func comparisons() []comparison {
	var all []comparison
	for _, s := range settings {
		for _, p := range s.peers {
			all = append(all, comparison{s.name, p.name, func(ctx context.Context) (result, error) { return race(ctx, s, p) }, 0})
		}
	}
	for _, p := range fidPeers {
		all = append(all, comparison{"fid-256", p.name, func(ctx context.Context) (result, error) { return fidRace(ctx, p) }, fidLimit})
	}
	return append(all,
		comparison{"first-step-cached", "uncached", firstStepCached, 0},
		comparison{"frechet-2048", "scipy", func(ctx context.Context) (result, error) { return frechetRace(ctx, frechetFeatures) }, 0})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) == 2 && os.Args[1] == firstStepVerb {
		exit(printFirstStep(ctx))
	}
	if len(os.Args) > 1 && os.Args[1] == fidVerb {
		exit(printFID(ctx, os.Args[2:]))
	}
	exit(runAll(ctx, os.Args[1:]))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runAll prints the lines of all comparisons that a prefix names, and returns an error if one failed or if there are
// none.
func runAll(ctx context.Context, prefixes []string) error {
	chosen, failed := 0, 0
	for _, c := range comparisons() {
		matches := func(prefix string) bool { return strings.HasPrefix(c.name, prefix) }
		if len(prefixes) > 0 && !slices.ContainsFunc(prefixes, matches) {
			continue
		}
		chosen++
		line, err := c.line(ctx)
		if err != nil {
			failed++
			line = fmt.Sprintf("failed %s vs %s: %v", c.name, c.peer, err)
		}
		fmt.Println(line)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if chosen == 0 {
		return fmt.Errorf("no comparison starts with %s", strings.Join(prefixes, " or "))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d comparisons failed", failed, chosen)
	}
	return nil
}

// line runs the comparison and returns what to print.
func (c comparison) line(ctx context.Context) (string, error) {
	limit := c.limit
	if limit == 0 {
		limit = lineLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, err := c.run(ctx)
	if errors.Is(err, errMissing) {
		return fmt.Sprintf("missing %s vs %s: %s", c.name, c.peer, strings.TrimPrefix(err.Error(), "missing: ")), nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("ratio %s vs %s %.2f (ours %.3g s, peer %.3g s, %s)", c.name, c.peer, r.peer/r.ours, r.ours, r.peer,
		r.version), nil
}
