package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Names of the kernels: the one that notebooks name, and the one that runs them without a browser. The second reports
// compile errors as text; the first as HTML that only a browser shows.
const (
	Kernel   = "gonb"
	KernelCI = "gonb-ci"
)

// kernelSpec is a kernel.json as Jupyter reads it.
type kernelSpec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
}

// kernelSpecs returns both kernels for this clone. They hold absolute paths and are never committed.
func (c *clone) kernelSpecs() map[string]kernelSpec {
	bin := c.path(".venv", "bin")
	paths := []string{bin}
	if path, err := exec.LookPath("go"); err == nil {
		paths = append(paths, filepath.Dir(path))
	}
	env := map[string]string{
		"GOTOOLCHAIN":           c.goal,
		"GOFLAGS":               "-buildvcs=false",
		"GOWORK":                "", // cells build in a workspace of their own
		"GOMLX_NO_AUTO_INSTALL": "1",
		// Jupyter expands ${PATH} when it starts the kernel; a dollar sign of ours is written twice.
		"PATH": strings.ReplaceAll(strings.Join(paths, ":"), "$", "$$") + ":${PATH}",
	}
	// Caches that had to move into the clone must be found when Jupyter is started by hand, too.
	for _, name := range []string{"GOPATH", "GOMODCACHE", "GOCACHE", "XDG_CACHE_HOME"} {
		if value := os.Getenv(name); strings.HasPrefix(value, c.path(".cache")+"/") || value == c.path(".cache") {
			env[name] = strings.ReplaceAll(value, "$", "$$")
		}
	}
	spec := func(title string, rawErrors bool) kernelSpec {
		return kernelSpec{
			// The kernel logs a lot, harmless errors among it: into a file instead of the terminal of Jupyter.
			Argv: []string{filepath.Join(bin, "gonb"), "--kernel", "{connection_file}",
				fmt.Sprintf("-raw_error=%t", rawErrors),
				"-logtostderr=false", "-stderrthreshold=FATAL", "-log_file=" + c.path(".cache", "gonb.log")},
			DisplayName:   title,
			Language:      "go",
			InterruptMode: "message",
			Env:           env,
		}
	}
	return map[string]kernelSpec{
		Kernel:   spec("Go (gonb)", false),
		KernelCI: spec("Go (gonb, plain errors)", true),
	}
}

func (c *clone) kernelFile(name string) string {
	return c.path(".venv", "share", "jupyter", "kernels", name, "kernel.json")
}

func (spec kernelSpec) encode() ([]byte, error) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(spec)
	return data.Bytes(), err
}

// checkKernels returns an error if a kernel.json is missing or not what this clone needs.
func (c *clone) checkKernels() error {
	for name, spec := range c.kernelSpecs() {
		want, err := spec.encode()
		if err != nil {
			return err
		}
		got, err := os.ReadFile(c.kernelFile(name))
		if err != nil {
			return fmt.Errorf("kernel %s is not installed", name)
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("kernel %s was installed for another place or version", name)
		}
	}
	return nil
}

// installKernels writes both kernel.json.
func (c *clone) installKernels(context.Context) error {
	if c.checkKernels() == nil {
		return nil
	}
	c.progress("installing the kernels " + Kernel + " and " + KernelCI)
	for name, spec := range c.kernelSpecs() {
		data, err := spec.encode()
		if err != nil {
			return err
		}
		if err := writeAtomically(c.kernelFile(name), data); err != nil {
			return err
		}
	}
	return nil
}
