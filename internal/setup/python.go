package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/accel/install"
)

// pythonMinor is the oldest Python 3 that JupyterLab 4.6 runs on.
const pythonMinor = 10

// stamp is what .venv was made of. It is written last; an environment without it, or with another one, is not complete.
type stamp struct {
	Requirements string `json:"requirements_sha256"`
	Root         string `json:"root"` // programs of a virtual environment hold its absolute path
}

const stampFile = ".venv/gogan.json"

func (c *clone) wantedStamp() (stamp, error) {
	data, err := os.ReadFile(c.path("tools", "requirements.txt"))
	if err != nil {
		return stamp{}, err
	}
	sum := sha256.Sum256(data)
	return stamp{Requirements: hex.EncodeToString(sum[:]), Root: c.root}, nil
}

// python returns the path of the environment's Python.
func (c *clone) python() string { return c.path(".venv", "bin", "python") }

// checkJupyter returns an error if .venv is not the environment that tools/requirements.txt describes.
func (c *clone) checkJupyter() error {
	want, err := c.wantedStamp()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(c.path(stampFile))
	if err != nil {
		return errors.New(".venv is not made")
	}
	var got stamp
	if json.Unmarshal(data, &got) != nil || got != want {
		return errors.New(".venv was made for another place or other versions")
	}
	if _, err := os.Stat(c.python()); err != nil { // follows the link to the Python it was made with
		return errors.New("the Python that .venv was made with is gone")
	}
	return nil
}

// installJupyter makes .venv and installs tools/requirements.txt into it. An environment that somebody else made there is
// kept and filled.
func (c *clone) installJupyter(ctx context.Context) error {
	if c.checkJupyter() == nil {
		return nil
	}
	base, err := c.findPython(ctx)
	if err != nil {
		return err
	}
	if info, err := os.Lstat(c.path(".venv")); err == nil && info.Mode()&os.ModeSymlink != 0 {
		return errors.New(".venv is a link, and what it leads to may be somebody else's: remove the link, and .venv is made here")
	}
	args := []string{"-m", "venv", c.path(".venv")}
	if _, err := os.Stat(c.path(stampFile)); err == nil {
		args = append(args, "--clear") // ours, but for another place, other versions or a Python that is gone
	}
	if err := c.run("making .venv with "+base, c.command(ctx, "", base, args...)); err != nil {
		return err
	}
	cmd := c.command(ctx, "", c.python(), "-m", "pip", "install", "--no-input", "--progress-bar", "off",
		"-r", c.path("tools", "requirements.txt"))
	if err := c.run("installing "+c.jupyterVersion(), cmd); err != nil {
		return err
	}
	want, err := c.wantedStamp()
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		return err
	}
	if err := writeAtomically(c.path(stampFile), append(data, '\n')); err != nil {
		return err
	}
	return c.checkJupyter()
}

// jupyterVersion returns what tools/requirements.txt pins, such as "JupyterLab 4.6.6 and 93 packages it needs".
func (c *clone) jupyterVersion() string {
	data, _ := os.ReadFile(c.path("tools", "requirements.txt"))
	version, others := "", 0
	for line := range strings.Lines(string(data)) {
		name, rest, found := strings.Cut(strings.TrimSpace(line), "==")
		switch {
		case name == "jupyterlab":
			version = rest
		case found && !strings.HasPrefix(name, "#") && !strings.Contains(rest, "<"): // one line for each package
			others++
		}
	}
	return fmt.Sprintf("JupyterLab %s and %d packages with it", version, others)
}

// findPython returns a Python that can make the environment: $GOGAN_PYTHON if set, else python3.
func (c *clone) findPython(ctx context.Context) (string, error) {
	python := os.Getenv(install.EnvPython)
	if python == "" {
		python = "python3"
	}
	// The environment's own bin may be first in PATH: the Python behind it is meant.
	const script = "import os, sys; print(sys.version_info[1]); " +
		"print(os.path.join(sys.base_prefix, 'bin', 'python3.%d' % sys.version_info[1]))"
	output, err := c.command(ctx, "", python, "-c", script).Output()
	fields := strings.SplitN(strings.TrimSpace(string(output)), "\n", 2)
	if err != nil || len(fields) != 2 {
		return "", fmt.Errorf("no Python 3.%d or newer: %s does not run; set %s", pythonMinor, python, install.EnvPython)
	}
	if minor, err := strconv.Atoi(fields[0]); err != nil || minor < pythonMinor {
		return "", fmt.Errorf("%s is Python 3.%s, which is older than 3.%d; set %s",
			python, fields[0], pythonMinor, install.EnvPython)
	}
	if _, err := exec.LookPath(fields[1]); err == nil {
		return fields[1], nil
	}
	return python, nil
}
