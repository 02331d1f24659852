package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gogan-ml/gogan/internal/home"
)

// peersEnv names the directory of the peers' Python environment.
const peersEnv = "GOGAN_PEERS"

// peerProgram is a script below bench/peers that trains the same networks, and its settings, of which the fastest
// counts.
type peerProgram struct {
	name     string
	script   string
	settings []string
}

// pythonOfPeers returns the interpreter that bench/peers.sh installed.
func pythonOfPeers() (string, error) {
	dir := os.Getenv(peersEnv)
	if dir == "" {
		dir = home.Join("peers")
	}
	python := filepath.Join(dir, "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return "", fmt.Errorf("%w: no %s; `bench/peers.sh` installs it", errMissing, python)
	}
	return python, nil
}

// peer is a running peer: a process that trains as many steps as it is told on its standard input.
type peer struct {
	version string
	stop    context.CancelFunc
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	stderr  *bytes.Buffer
}

// fastest starts every setting of the program, checks its first losses against ours, and returns the fastest one,
// running. A setting that does not work or takes too long to start is left out; if all are, the last error counts.
func (p peerProgram) fastest(ctx context.Context, python string, s setting, inputs string, want []losses) (*peer, error) {
	var best *peer
	var bestTime float64
	var failures []error
	for _, name := range p.settings {
		candidate, seconds, err := p.try(ctx, python, s, name, inputs, want)
		switch {
		case err != nil && ctx.Err() != nil:
			best.close()
			return nil, ctx.Err()
		case err != nil:
			failures = append(failures, fmt.Errorf("%s %s: %w", p.name, name, err))
		case best == nil || seconds < bestTime:
			best.close()
			best, bestTime = candidate, seconds
		default:
			candidate.close()
		}
	}
	if best == nil {
		return nil, errors.Join(failures...)
	}
	return best, nil
}

// try starts one setting and returns it with its seconds a step.
func (p peerProgram) try(ctx context.Context, python string, s setting, name, inputs string, want []losses) (*peer, float64, error) {
	c, err := p.start(ctx, python, s, name, inputs)
	if err != nil {
		return nil, 0, err
	}
	warm, cancel := context.WithTimeout(ctx, warmLimit)
	defer cancel()
	_, got, err := c.steps(warm, len(want))
	if err == nil {
		err = equalLosses(got, want)
	}
	seconds := 0.0
	if err == nil {
		seconds, _, err = c.steps(ctx, 2)
	}
	if err != nil {
		c.close()
		return nil, 0, err
	}
	return c, seconds, nil
}

// start runs the script, which answers with its version when it has read the inputs.
func (p peerProgram) start(ctx context.Context, python string, s setting, name, inputs string) (*peer, error) {
	root, ok := home.Repository()
	if !ok {
		return nil, fmt.Errorf("%w: not in a clone of gogan, which holds the peers' programs", errMissing)
	}
	ctx, stop := context.WithCancel(ctx)
	c := &peer{stop: stop, stderr: &bytes.Buffer{}}
	c.command = exec.CommandContext(ctx, python, filepath.Join(root, "bench", "peers", p.script),
		name, s.variant, inputs)
	c.command.Stderr = c.stderr
	stdin, err := c.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.stdin, c.stdout = stdin, bufio.NewReader(stdout)
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	var hello struct{ Version string }
	if err := c.read(ctx, &hello); err != nil {
		c.close()
		return nil, err
	}
	c.version = hello.Version
	return c, nil
}

// steps implements contestant.
func (c *peer) steps(ctx context.Context, n int) (float64, []losses, error) {
	if _, err := fmt.Fprintln(c.stdin, n); err != nil {
		return 0, nil, c.failure(err)
	}
	var answer struct {
		Seconds float64
		Losses  [][2]float64
	}
	if err := c.read(ctx, &answer); err != nil {
		return 0, nil, err
	}
	history := make([]losses, len(answer.Losses))
	for i, l := range answer.Losses {
		history[i] = losses{l[0], l[1]}
	}
	return answer.Seconds, history, nil
}

// read waits for one line of JSON. When ctx ends first, the peer is stopped.
func (c *peer) read(ctx context.Context, answer any) error {
	defer context.AfterFunc(ctx, c.stop)()
	line, err := c.stdout.ReadBytes('\n')
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		err = json.Unmarshal(line, answer)
	}
	if err != nil {
		return c.failure(err)
	}
	return nil
}

// failure is the last line that the peer wrote about its end, or err.
func (c *peer) failure(err error) error {
	c.stop()
	_ = c.command.Wait() // collects stderr; the exit status says less than what was written
	lines := strings.Split(strings.TrimSpace(c.stderr.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return errors.New(last)
	}
	return err
}

// close ends the process. It may be called on nil and more than once.
func (c *peer) close() {
	if c == nil {
		return
	}
	c.stop()
	_ = c.command.Wait() // killed: there is no status to report
}
