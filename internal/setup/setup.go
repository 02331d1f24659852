// Package setup prepares a clone of gogan for work: the Go toolchain of go.mod, a Python environment with the pinned
// Jupyter, the GoNB kernel and its tools, the PJRT plugin and the data cache.
//
// Everything goes into the clone's ignored .venv and .cache and into gogan's home directory ([home.Dir]); nothing of the
// system or of the user's own Jupyter is touched. Every step first looks whether it is done, so that a second run takes a
// second, and leaves a mark only when it is complete, so that an interrupted one is done again. A lock makes a second
// process wait for the first.
package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gogan-ml/gogan/accel/install"
	"github.com/gogan-ml/gogan/internal/home"
)

// Options says where to work and what to tell. The zero value sets up the clone that holds the working directory.
type Options struct {
	// Root is the clone. Default: the clone that holds the working directory.
	Root string
	// Progress gets a line for each thing that takes time, one at a time. nil: nobody is told.
	Progress func(line string)
	// Device gives the rows of [Check] about the plugin and the device that computes. It is handed in because opening a
	// plugin links GoMLX, which this package does not. nil: one row about the plugin's file.
	Device func() []Row
}

// clone is a set-up in progress.
type clone struct {
	root     string
	progress func(line string)
	device   func() []Row
	goal     string // the Go version of go.mod, such as "go1.27.4"
}

// open finds the clone and what it needs.
func (o Options) open() (*clone, error) {
	c := &clone{root: o.Root, device: o.Device}
	var telling sync.Mutex // several steps run at once
	c.progress = func(line string) {
		telling.Lock()
		defer telling.Unlock()
		if o.Progress != nil {
			o.Progress(line)
		}
	}
	if c.device == nil {
		c.device = pluginFile
	}
	if c.root == "" {
		root, ok := home.Repository()
		if !ok {
			return nil, errors.New("setup: the working directory is in no clone of gogan: change to one")
		}
		c.root = root
	}
	root, err := filepath.Abs(c.root)
	if err != nil {
		return nil, fmt.Errorf("setup: %w", err)
	}
	c.root = root
	version, err := goVersion(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("setup: %w", err)
	}
	c.goal = version
	return c, nil
}

// path returns a path in the clone.
func (c *clone) path(elem ...string) string {
	return filepath.Join(append([]string{c.root}, elem...)...)
}

// Run installs what is missing. It returns an error that names the step, the cause and the file with the whole output of
// the program that failed; what was installed before stays. It ends early when ctx does.
func Run(ctx context.Context, opt Options) error {
	c, err := opt.open()
	if err != nil {
		return err
	}
	unlock, err := c.lock(ctx)
	if err != nil {
		return fmt.Errorf("setup: %w", err)
	}
	defer unlock()
	if err := step(ctx, "Go", c.installGo); err != nil {
		return err
	}
	build := c.buildTools
	if c.checkTools() == nil && c.checkJupyter() == nil { // making .venv anew removes the tools in it
		build = func(context.Context) error { return nil }
	}
	// Python's packages and the plugin wait for the network while the tools are built.
	var downloads sync.WaitGroup
	var failed error
	downloads.Go(func() {
		if failed = step(ctx, "Jupyter", c.installJupyter); failed == nil {
			failed = step(ctx, "plugin", c.installPlugin)
		}
	})
	built := step(ctx, "tools", build)
	downloads.Wait()
	if err := errors.Join(built, failed); err != nil {
		return err
	}
	return errors.Join(
		step(ctx, "tools", c.placeTools),
		step(ctx, "kernel", c.installKernels),
		step(ctx, "data cache", c.makeDataCache))
}

// step runs a part of the set-up; its error names it.
func step(ctx context.Context, name string, do func(context.Context) error) error {
	if err := do(ctx); err != nil {
		return fmt.Errorf("setup: %s: %w", name, err)
	}
	return nil
}

// installPlugin fetches the PJRT plugin for the CPU.
func (c *clone) installPlugin(ctx context.Context) error {
	_, err := install.CPU(ctx, c.progress)
	return err
}

func dataCache() string { return home.Join("data") }

// makeDataCache makes the directory of downloaded data sets.
func (c *clone) makeDataCache(context.Context) error { return os.MkdirAll(dataCache(), 0o755) }

// goVersion returns the toolchain that a go.mod file asks for, such as "go1.27.4".
func goVersion(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "go" {
			return "go" + fields[1], nil
		}
	}
	return "", fmt.Errorf("%s has no line with a Go version", path)
}
