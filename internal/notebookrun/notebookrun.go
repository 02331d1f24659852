// Package notebookrun executes notebooks without a browser.
package notebookrun

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gogan-ml/gogan/internal/ipynb"
	"github.com/gogan-ml/gogan/internal/setup"
)

//go:embed execute.py
var executor string

// Event is a moment of an execution.
type Event struct {
	Cell    int           // index of the cell
	Cells   int           // number of cells
	Heading string        // the last heading before the cell
	Ended   bool          // false: the cell starts
	After   time.Duration // how long the cell took, if it ended
}

// Options says how to execute a notebook.
type Options struct {
	Root     string      // the clone with the .venv that holds Jupyter and the kernel
	Notebook string      // the file; the cells' working directory is its directory
	Output   string      // where the executed notebook goes; the same file is fine
	Env      []string    // added to the environment, "NAME=value"
	Progress func(Event) // nil: nobody is told
}

// Ready returns an error if a clone has no Jupyter to execute notebooks with.
func Ready(root string) error {
	if _, err := os.Stat(python(root)); err != nil {
		return errors.New("there is no .venv; run `make setup`")
	}
	return nil
}

func python(root string) string { return filepath.Join(root, ".venv", "bin", "python") }

// Execute executes a notebook from top to bottom and writes it, tidied, to opt.Output, also when a cell fails. It returns
// what it wrote, and an error if the kernel does not start, a cell fails, its outputs tell of a failure
// ([ipynb.Notebook.Failures]) or ctx ends.
func Execute(ctx context.Context, opt Options) (*ipynb.Notebook, error) {
	if err := Ready(opt.Root); err != nil {
		return nil, fmt.Errorf("notebookrun: %w", err)
	}
	source, err := ipynb.Read(opt.Notebook)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gogan-notebook-*")
	if err != nil {
		return nil, fmt.Errorf("notebookrun: %w", err)
	}
	defer os.RemoveAll(dir)
	executed := filepath.Join(dir, filepath.Base(opt.Notebook))
	failed := opt.run(ctx, source, executed)
	nb, err := ipynb.Read(executed)
	if err != nil {
		return nil, fmt.Errorf("notebookrun: %s: %w", filepath.Base(opt.Notebook), errors.Join(failed, err))
	}
	nb.Tidy()
	if err := nb.Write(opt.Output); err != nil {
		return nil, err
	}
	if failures := nb.Failures(); len(failures) > 0 {
		failed = errors.Join(failed, errors.New(strings.Join(failures, "; ")))
	}
	if failed != nil {
		return nb, fmt.Errorf("notebookrun: %s: %w", filepath.Base(opt.Notebook), failed)
	}
	return nb, nil
}

// run runs the executor and passes its events on.
func (opt Options) run(ctx context.Context, source *ipynb.Notebook, executed string) error {
	notebook, err := filepath.Abs(opt.Notebook)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, python(opt.Root), "-c", executor, notebook, executed, setup.KernelCI)
	cmd.Env = append(os.Environ(), append([]string{"JUPYTER_PREFER_ENV_PATH=1", "PYTHONNOUSERSITE=1"}, opt.Env...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // nbclient then stops the kernel
	cmd.WaitDelay = 20 * time.Second
	var messages tail // of Jupyter and the kernel, which log a lot: shown only if something fails
	cmd.Stderr = &messages
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	failure := opt.follow(source, events)
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failure != "":
		return errors.New(failure)
	case err != nil:
		return fmt.Errorf("%w: %s", err, messages.last())
	}
	return nil
}

// follow reads the executor's lines until it ends and returns the failure it tells of.
func (opt Options) follow(source *ipynb.Notebook, events io.Reader) (failure string) {
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<24) // the text of a failure may be long
	var start time.Time
	var running int
	for lines.Scan() {
		var event struct {
			Event, Text string
			Cell        int
		}
		if json.Unmarshal(lines.Bytes(), &event) != nil {
			continue // not ours: a library that prints
		}
		if event.Event == "error" {
			failure = fmt.Sprintf("cell %d failed: %s", running+1, strings.TrimSpace(event.Text))
			continue
		}
		e := Event{Cell: event.Cell, Cells: len(source.Cells), Heading: source.Heading(event.Cell)}
		if event.Event == "end" {
			e.Ended, e.After = true, time.Since(start)
		} else {
			start, running = time.Now(), event.Cell
		}
		if opt.Progress != nil {
			opt.Progress(e)
		}
	}
	io.Copy(io.Discard, events)
	return failure
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if extra := len(t.text) - 1<<16; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(p), nil
}

// last returns the last line with something in it.
func (t *tail) last() string {
	text := strings.TrimSpace(string(t.text))
	return text[strings.LastIndex(text, "\n")+1:]
}

// HTML turns an executed notebook into one HTML file with all its pictures. Only formulas need the network, for the
// program that sets them.
func HTML(ctx context.Context, root, notebook, output string) error {
	cmd := exec.CommandContext(ctx, python(root), "-m", "nbconvert", "--to", "html", "--output-dir", filepath.Dir(output),
		"--output", filepath.Base(output), notebook)
	cmd.Env = append(os.Environ(), "JUPYTER_PREFER_ENV_PATH=1", "PYTHONNOUSERSITE=1")
	var messages tail
	cmd.Stdout, cmd.Stderr = &messages, &messages
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("notebookrun: %w: %s", err, messages.last())
	}
	return nil
}
