package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
)

// binary is the command that all tests type.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gogan-command-")
	if err == nil {
		binary = filepath.Join(dir, "gogan")
		err = exec.Command("go", "build", "-o", binary, ".").Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build the command:", err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// A result is what a person sees of a command that ended.
type result struct {
	args           []string
	stdout, stderr string
	code           int
}

// command prepares `gogan args` in dir on the pure Go backend, as in a new process of a person. more are variables of
// the environment ("NAME=value").
func command(dir string, args []string, more ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), compute.ConfigEnvVar+"=go")
	cmd.Env = append(cmd.Env, more...)
	return cmd
}

// execute runs `gogan args` in dir.
func execute(t *testing.T, dir string, args ...string) result {
	t.Helper()
	return finish(t, command(dir, args))
}

func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return result{cmd.Args[1:], stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func (r result) String() string {
	return fmt.Sprintf("gogan %s: exit status %d\nstdout: %s\nstderr: %s", strings.Join(r.args, " "), r.code, r.stdout, r.stderr)
}

// ok fails the test if the command did.
func (r result) ok(t *testing.T) result {
	t.Helper()
	if r.code != 0 {
		t.Fatal(r)
	}
	return r
}

// fails checks an exit status and that nothing but one line that holds all of the texts was printed.
func (r result) fails(t *testing.T, code int, texts ...string) {
	t.Helper()
	line, rest, whole := strings.Cut(r.stderr, "\n")
	if r.code != code || !whole || rest != "" || !strings.HasPrefix(line, "gogan: ") || r.stdout != "" {
		t.Errorf("%v\nwant exit status %d and one line on stderr", r, code)
	}
	for _, text := range texts {
		if !strings.Contains(line, text) {
			t.Errorf("%v\nwant %q in the line", r, text)
		}
	}
}

// document decodes stdout, which must be exactly one JSON document with the fields of v and no others.
func (r result) document(t *testing.T, v any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(r.ok(t).stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		t.Fatalf("%v\n%v", r, err)
	}
	if err := decoder.Decode(new(any)); err != io.EOF {
		t.Fatalf("%v\nmore than one document: %v", r, err)
	}
}

// tiny are the flags of a training that takes the pure Go backend some milliseconds a step.
func tiny(args ...string) []string {
	return append(args, "--data", "fashion-mini", "--set", "base_channels=4", "--set", "batch=8")
}

// trained returns the directory of a run of 64 images that tests may read and not change.
var trained = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(filepath.Dir(binary), "shared")
	output, err := command("", tiny("train", "dcgan", "--run", dir, "--until", "64", "--seed", "3")).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, output)
	}
	return dir, err
})

func trainedRun(t *testing.T) string {
	t.Helper()
	dir, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// entries lists the names in a directory.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	slices.Sort(names)
	return names
}
