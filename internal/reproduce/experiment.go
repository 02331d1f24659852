package main

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// An Experiment is a set of trainings whose outcome a notebook shows.
type Experiment struct {
	Name  string // of its directory and its make target
	About string // one line
	// Run trains what is not trained yet and writes what came out to b.Results. It must come to the same files when it
	// is called again, also after an interruption.
	Run func(ctx context.Context, b Bench) error
}

// Bench is where an experiment works.
type Bench struct {
	Runs    string // for the run directories, which are kept and not committed
	Results string // for the files that are committed: below 300 kB in all
	Small   bool   // a setting of seconds to minutes
	gan.Reporter
}

// steps returns full, or small in the small setting.
func (b Bench) steps(full, small int64) int64 {
	if b.Small {
		return small
	}
	return full
}

// add writes a trial, with what is the same for all of this process filled in.
func (b Bench) add(t figures.Trial) error {
	t.Cores, t.CPU, t.Versions = runtime.NumCPU(), cpu(), versions()
	return figures.AddTrial(b.Results, t)
}

// write writes a file of results whole, or replaces it.
func (b Bench) write(name string, data []byte) error {
	if err := os.MkdirAll(b.Results, 0o755); err != nil {
		return err
	}
	path := filepath.Join(b.Results, name)
	if err := os.WriteFile(path+".tmp", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// cpu returns the name of the processor, where the system tells it.
func cpu() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// versions of the modules that decide the numbers.
func versions() map[string]string {
	out := map[string]string{"gogan": gan.Version, "go": runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.HasPrefix(m.Path, "github.com/gomlx/") {
				out[m.Path] = m.Version
			}
		}
	}
	return out
}
