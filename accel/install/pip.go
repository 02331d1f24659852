package install

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gogan-ml/gogan/internal/home"
)

// EnvPython names the environment variable with the Python whose package client is used.
const EnvPython = "GOGAN_PYTHON"

// pip fetches a wheel by name and hash with the package client, which knows the user's own package index and proxy.
func pip(ctx context.Context, w wheel, dir string) (string, error) {
	python, err := findPython(ctx)
	if err != nil {
		return "", err
	}
	requirements := filepath.Join(dir, "requirements.txt")
	line := fmt.Sprintf("%s==%s --hash=sha256:%s\n", w.name, w.version, w.sha256)
	if err := os.WriteFile(requirements, []byte(line), 0o644); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, python, "-m", "pip", "download", "--no-deps", "--require-hashes",
		"--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--progress-bar", "off",
		"--retries", "2", "-r", requirements, "-d", dir)
	cmd.WaitDelay = 5 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", fmt.Errorf("%s -m pip download: %w: %s", python, err, lastLine(output.String()))
	}
	found, err := filepath.Glob(filepath.Join(quoteGlob(dir), "*.whl"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%s -m pip download left %d wheels instead of one", python, len(found))
	}
	return found[0], nil
}

// findPython returns a Python that has pip: $GOGAN_PYTHON if set, else the clone's own .venv, else one in PATH.
func findPython(ctx context.Context) (string, error) {
	var candidates []string
	if python := os.Getenv(EnvPython); python != "" {
		candidates = []string{python}
	} else {
		if root, ok := home.Repository(); ok {
			candidates = append(candidates, filepath.Join(root, ".venv", "bin", "python"))
		}
		candidates = append(candidates, "python3", "python")
	}
	for _, python := range candidates {
		if exec.CommandContext(ctx, python, "-m", "pip", "--version").Run() == nil {
			return python, nil
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return "", errors.New("no Python with pip among " + strings.Join(candidates, ", ") +
		": install python3-pip or set " + EnvPython)
}

// lastLine returns the last line of text that says ERROR, else the last line.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "ERROR") {
			return strings.TrimSpace(lines[i])
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
