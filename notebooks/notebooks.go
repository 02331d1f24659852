// Package notebooks is what cells of a notebook show with; they import it as nb.
//
// A cell is a process of its own and knows nothing but files: every viewer here takes a run directory, never a live
// object, so that it works in any later cell, after a restart of the kernel, and while another process trains. The
// package links no GoMLX: a cell that only looks starts in about a second. Outside of a notebook viewers show nothing and
// [Live] writes to the terminal, so that the code of a cell also runs as a program.
//
// Unlike the rest of the library it ends the process: [M] and [M1] turn an error into one line and exit status 1.
package notebooks

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// Environment variables that whoever executes a notebook may set. A cell's own %env would overwrite them, so the
// notebooks do not use it.
const (
	EnvSmoke = "GOGAN_SMOKE" // "1" asks for the small setting in which the tests run every notebook
	EnvRuns  = "GOGAN_RUNS"  // where run directories lie, instead of "runs" beside the notebook
)

// M ends the cell with the error as one line and exit status 1; without an error it does nothing.
func M(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, oneLine(err))
	flush()
	os.Exit(1)
}

// M1 returns v, or ends the cell as [M] does.
func M1[T any](v T, err error) T {
	M(err)
	return v
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// Context returns the context of the cell: Jupyter's interrupt (the stop button) cancels it. A cell that computes then
// has 5 seconds to save what it wants to keep; a second interrupt ends it at once.
func Context() context.Context { return cellContext() }

var cellContext = sync.OnceValue(func() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
})

// Smoke tells whether the notebook runs in its small setting ($GOGAN_SMOKE is "1").
func Smoke() bool { return os.Getenv(EnvSmoke) == "1" }

// Scale returns full, or smoke if the notebook runs in its small setting.
func Scale(full, smoke int64) int64 {
	if Smoke() {
		return smoke
	}
	return full
}

// Dir returns where the run of a name lies: $GOGAN_RUNS/name, or runs/name beside the notebook.
func Dir(name string) string {
	runs := os.Getenv(EnvRuns)
	if runs == "" {
		runs = "runs"
	}
	return filepath.Join(runs, name)
}

// flush waits until the notebook has got everything: what is on its way when a cell ends is lost. A notebook that went
// away is not waited for.
func flush() {
	if !gonbui.IsNotebook {
		return
	}
	done := make(chan struct{})
	go func() {
		gonbui.Sync()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
}
