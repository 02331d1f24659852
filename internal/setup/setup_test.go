package setup

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// emptyClone returns a clone in which nothing is set up, in a path with a space and a dollar sign.
func emptyClone(t *testing.T) *clone {
	t.Helper()
	root := filepath.Join(t.TempDir(), "a clone for 5 $")
	for name, text := range map[string]string{
		"go.mod":                 "module github.com/gogan-ml/gogan\n\ngo " + strings.TrimPrefix(runtime.Version(), "go") + "\n",
		"tools/go.mod":           "module m\n\nrequire (\n\tgithub.com/janpfeifer/gonb v0.11.5 // indirect\n)\n",
		"tools/requirements.txt": "# pins\njupyterlab==4.6.6\na==1 ; python_version >= \"3.11\"\na==0 ; python_version < \"3.11\"\nb==2\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Options{Root: root}.open()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCheckOfAnEmptyClone(t *testing.T) {
	t.Setenv("GOGAN_HOME", filepath.Join(t.TempDir(), "nothing"))
	rows, err := Check(t.Context(), Options{Root: emptyClone(t).root})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, r := range rows {
		got[r.Name] = r.OK
		if r.OK == (r.Do != "") || r.Detail == "" {
			t.Errorf("row %+v: want a detail, and what to do only if it is missing", r)
		}
	}
	want := map[string]bool{"Go": true, "plugin": false, "kernel": false, "Jupyter": false, "data cache": false}
	for name, ok := range want {
		if state, there := got[name]; !there || state != ok {
			t.Errorf("row %s: there %t, ok %t; want ok %t", name, there, state, ok)
		}
	}
}

func TestOutsideOfAClone(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Run(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "no clone") {
		t.Errorf("Run outside of a clone: %v", err)
	}
	if _, err := Check(t.Context(), Options{}); err == nil {
		t.Error("Check outside of a clone gave rows")
	}
}

func TestKernelSpecs(t *testing.T) {
	c := emptyClone(t)
	t.Setenv("GOCACHE", c.path(".cache", "go-build"))
	t.Setenv("GOMODCACHE", "/elsewhere")
	if err := c.installKernels(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.checkKernels(); err != nil {
		t.Error(err)
	}
	data, err := os.ReadFile(c.kernelFile(KernelCI))
	if err != nil {
		t.Fatal(err)
	}
	var spec kernelSpec
	if err := json.Unmarshal(data, &spec); err != nil {
		t.Fatal(err)
	}
	if want := []string{c.root + "/.venv/bin/gonb", "--kernel", "{connection_file}", "-raw_error=true"}; !slices.Equal(spec.Argv[:4], want) {
		t.Errorf("argv %q, want %q", spec.Argv, want)
	}
	// Jupyter expands the values as templates: a dollar sign of the path is written twice.
	escaped := strings.ReplaceAll(c.root, "$", "$$")
	if path := spec.Env["PATH"]; !strings.HasPrefix(path, escaped+"/.venv/bin:") || !strings.HasSuffix(path, ":${PATH}") {
		t.Errorf("PATH %q", path)
	}
	if got, want := spec.Env["GOCACHE"], escaped+"/.cache/go-build"; got != want {
		t.Errorf("GOCACHE %q, want %q", got, want)
	}
	if value, there := spec.Env["GOMODCACHE"]; there {
		t.Errorf("GOMODCACHE %q of the user is fixed in the kernel", value)
	}
	if spec.Env["GOTOOLCHAIN"] != runtime.Version() {
		t.Errorf("GOTOOLCHAIN %q, want %q", spec.Env["GOTOOLCHAIN"], runtime.Version())
	}
	if c.kernelSpecs()[Kernel].Argv[3] != "-raw_error=false" {
		t.Error("the notebooks' kernel writes its errors for a terminal")
	}
	t.Setenv("GOCACHE", "/elsewhere")
	if c.checkKernels() == nil {
		t.Error("a kernel with another cache passes the check")
	}
}

func TestJupyterIsWhatWasAskedFor(t *testing.T) {
	c := emptyClone(t)
	if c.checkJupyter() == nil {
		t.Error("no .venv passes the check")
	}
	if got, want := c.jupyterVersion(), "JupyterLab 4.6.6 and 2 packages with it"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want, err := c.wantedStamp()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeAtomically(c.path(stampFile), data); err != nil {
		t.Fatal(err)
	}
	if err := c.checkJupyter(); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("an environment without Python: %v", err)
	}
	if err := writeAtomically(c.python(), nil); err != nil {
		t.Fatal(err)
	}
	if err := c.checkJupyter(); err != nil {
		t.Error(err)
	}
	if err := writeAtomically(c.path("tools", "requirements.txt"), []byte("jupyterlab==5\n")); err != nil {
		t.Fatal(err)
	}
	if c.checkJupyter() == nil {
		t.Error("an environment with other versions passes the check")
	}
}

func TestToolsOfAnotherVersion(t *testing.T) {
	c := emptyClone(t)
	if _, err := c.pinned("example.com/none"); err == nil {
		t.Error("a module that is not pinned has a version")
	}
	if got, err := c.pinned(tools["gonb"].module); err != nil || got != "v0.11.5" {
		t.Errorf("pinned: %q, %v", got, err)
	}
	if c.checkTools() == nil {
		t.Error("no tools pass the check")
	}
}

// A script that says it is Python 3.9, and nothing at all.
func TestOldPythonIsRefused(t *testing.T) {
	c := emptyClone(t)
	old := c.path("python")
	if err := os.WriteFile(old, []byte("#!/bin/sh\necho 9\necho /nowhere\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOGAN_PYTHON", old)
	if _, err := c.findPython(t.Context()); err == nil || !strings.Contains(err.Error(), "3.9, which is older than 3.10") {
		t.Errorf("Python 3.9: %v", err)
	}
	t.Setenv("GOGAN_PYTHON", c.path("none"))
	if _, err := c.findPython(t.Context()); err == nil || !strings.Contains(err.Error(), "GOGAN_PYTHON") {
		t.Errorf("no Python: %v", err)
	}
}

func TestOneSetUpAtATime(t *testing.T) {
	c := emptyClone(t)
	unlock, err := c.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, err := Options{Root: c.root}.open()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	other.progress = func(line string) { told = append(told, line) }
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := other.lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second set-up got the lock: %v", err)
	}
	if len(told) != 1 {
		t.Errorf("the second set-up said %q, want one line", told)
	}
	time.AfterFunc(50*time.Millisecond, unlock)
	again, err := other.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestRunTellsWhatFailed(t *testing.T) {
	c := emptyClone(t)
	var mu sync.Mutex
	var told []string
	c.progress = func(line string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, line)
	}
	cmd := c.command(t.Context(), "tools", "sh", "-c", "pwd; echo first; echo; echo the cause >&2; exit 3")
	err := c.run("trying", cmd)
	if err == nil || !strings.Contains(err.Error(), "the cause") || !strings.Contains(err.Error(), "setup.log") {
		t.Errorf("got %v", err)
	}
	log, err := os.ReadFile(c.path(logFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"trying", "first", "the cause", c.path("tools")} {
		if !strings.Contains(string(log), want) {
			t.Errorf("the log does not hold %q:\n%s", want, log)
		}
	}
	if !slices.Equal(told, []string{"trying"}) {
		t.Errorf("progress %q", told)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("PYTHONPATH", "/elsewhere")
	t.Setenv("GOTOOLCHAIN", "local")
	t.Setenv("GOWORK", "/elsewhere/go.work")
	c := emptyClone(t)
	output, err := c.command(t.Context(), "", "sh", "-c", `echo "$GOTOOLCHAIN|$GOWORK|$PYTHONPATH"`).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(output), runtime.Version()+"|off|\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteAtomically(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "file")
	for _, text := range []string{"one", "two"} {
		if err := writeAtomically(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != text {
			t.Errorf("got %q, %v; want %q", data, err, text)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

// The scripts around `gogan setup` decide with the shell's means; here they are run.
func TestScripts(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	clone := emptyClone(t).root
	for _, name := range []string{"env.sh", "require.sh"} {
		data, err := os.ReadFile(filepath.Join(here, "tools", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(clone, "tools", name), data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run := func(env []string, args ...string) (string, error) {
		cmd := exec.Command(bash, args...)
		cmd.Dir = clone
		cmd.Env = env
		output, err := cmd.CombinedOutput()
		return string(output), err
	}
	path := "PATH=" + os.Getenv("PATH")
	const script = `echo "$GOTOOLCHAIN|$GOWORK|$GOMODCACHE|$GOCACHE|$XDG_CACHE_HOME|${PATH%%:*}"`

	t.Run("a writable home", func(t *testing.T) {
		home := t.TempDir()
		output, err := run([]string{path, "HOME=" + home, "GOTOOLCHAIN=local", "GOWORK=/x/go.work"},
			"tools/env.sh", bash, "-c", script)
		want := runtime.Version() + "|off||||" + clone + "/.venv/bin\n"
		if err != nil || output != want {
			t.Errorf("got %q, %v; want %q: caches stay where the user has them", output, err, want)
		}
		entries, err := os.ReadDir(home)
		entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == ".config" }) // the Go command's
		if err != nil || len(entries) > 0 {
			t.Errorf("the home holds %v, %v", entries, err)
		}
	})
	t.Run("no home", func(t *testing.T) {
		cache := clone + "/.cache"
		output, err := run([]string{path, "HOME=/dev/null/none"}, "tools/env.sh", bash, "-c", script)
		want := runtime.Version() + "|off|" + cache + "/go/pkg/mod|" + cache + "/go-build|" + cache + "|" + clone + "/.venv/bin\n"
		if err != nil || output != want {
			t.Errorf("got %q, %v; want %q", output, err, want)
		}
	})
	t.Run("as settings", func(t *testing.T) {
		output, err := run([]string{path, "HOME=" + t.TempDir()}, "-c", `eval "$(tools/env.sh)"; `+script)
		if want := runtime.Version() + "|off||||" + clone + "/.venv/bin\n"; err != nil || output != want {
			t.Errorf("got %q, %v; want %q", output, err, want)
		}
	})
	t.Run("nothing installed", func(t *testing.T) {
		bin := t.TempDir() // only what the script itself is written with
		for _, name := range []string{"sort", "head"} {
			program, err := exec.LookPath(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(program, filepath.Join(bin, name)); err != nil {
				t.Fatal(err)
			}
		}
		output, err := run([]string{"PATH=" + bin}, "tools/require.sh")
		lines := strings.Split(strings.TrimSpace(output), "\n")
		if err == nil || len(lines) != 4 {
			t.Fatalf("%v\n%s", err, output)
		}
		for i, want := range []string{"git", "Go 1.21", "C compiler", "Python 3.10"} {
			if !strings.HasPrefix(lines[i], "gogan needs ") || !strings.Contains(lines[i], want) {
				t.Errorf("line %d: %q does not name %s", i, lines[i], want)
			}
		}
	})
}
