package setup

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// logFile holds the whole output of the programs that the last set-up ran.
const logFile = ".cache/setup.log"

// heartbeat is how often a program that says nothing is reported to be still running.
const heartbeat = 10 * time.Second

// environ returns the environment of child programs: ours, with the exact toolchain and without settings that would
// change what a build or an installation gives. tools/env.sh does the same for the Makefile; here it also holds for
// somebody who runs `gogan setup` by hand.
func (c *clone) environ(extra ...string) []string {
	drop := []string{"PYTHONPATH=", "PYTHONHOME="}
	env := slices.DeleteFunc(os.Environ(), func(s string) bool {
		return slices.ContainsFunc(drop, func(prefix string) bool { return strings.HasPrefix(s, prefix) })
	})
	env = append(env, "GOTOOLCHAIN="+c.goal, "GOWORK=off", "GOFLAGS=-buildvcs=false",
		"PYTHONNOUSERSITE=1", "PIP_DISABLE_PIP_VERSION_CHECK=1")
	return append(env, extra...)
}

// command prepares a program that runs in the clone, or in its directory dir.
func (c *clone) command(ctx context.Context, dir string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = c.path(dir)
	cmd.Env = c.environ()
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run runs a long program, tells what it does, and appends its output to the log. The error carries the last line that
// the program wrote.
func (c *clone) run(what string, cmd *exec.Cmd) error {
	c.progress(what)
	log, err := c.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Fprintf(log, "\n%s %s\n%s\n", time.Now().Format(time.DateTime), what, strings.Join(cmd.Args, " "))
	var last lastLine
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	var copying sync.WaitGroup
	copying.Go(func() {
		lines := bufio.NewScanner(io.TeeReader(reader, log))
		for lines.Scan() {
			last.set(lines.Text())
		}
		io.Copy(log, reader) // a line too long for the scanner must not block the program
	})
	done := c.report(what)
	err = cmd.Run()
	done()
	writer.Close()
	copying.Wait()
	if err != nil {
		return fmt.Errorf("%s: %w: %s (all of it in %s)", filepath.Base(cmd.Path), err, last.get(), log.Name())
	}
	return nil
}

// report says every heartbeat that something is still running, until the returned function is called.
func (c *clone) report(what string) (stop func()) {
	start, quit := time.Now(), make(chan struct{})
	var reporting sync.WaitGroup
	reporting.Go(func() {
		tick := time.NewTicker(heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				c.progress(fmt.Sprintf("%s: %d s", what, int(time.Since(start).Seconds())))
			case <-quit:
				return
			}
		}
	})
	return func() {
		close(quit)
		reporting.Wait()
	}
}

func (c *clone) openLog() (*os.File, error) {
	if err := os.MkdirAll(c.path(".cache"), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(c.path(logFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
}

// lastLine is the last line with something in it that a program wrote.
type lastLine struct {
	mu   sync.Mutex
	text string
}

func (l *lastLine) set(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text = strings.TrimSpace(text); text != "" {
		l.text = text
	}
}

func (l *lastLine) get() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// writeAtomically makes the file at path hold data, or leaves what was there.
func writeAtomically(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(data); err == nil {
		err = f.Chmod(0o644)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
