// Package install puts XLA's PJRT plugin for the CPU into gogan's home directory.
//
// On linux/amd64 the plugin is the one shared library inside a Python wheel. The wheel is fetched by name and SHA-256
// with the package client of an existing Python, checked again here, and only that library is taken out of it:
//
//	<home>/pjrt/lammps-jax-pjrt-cpu-0.11.2/pjrt_c_api_cpu_plugin.so
//	<home>/pjrt/lammps-jax-pjrt-cpu-0.11.2/pjrt_c_api_cpu_plugin.so.sha256
//
// No Python runs afterwards. On other systems go-xla's own installer does the work; its releases have no checksum, and
// the progress text says so.
//
// The package stands apart from accel because it links neither GoMLX nor cgo: the setup command and notebook cells can
// install the plugin without compiling either.
package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gogan-ml/gogan/internal/home"
)

// Command is what a person types to install what is missing.
const Command = "gogan setup"

// ErrDamaged is wrapped by errors about an installed plugin that is not the file that was installed.
var ErrDamaged = errors.New("the plugin is damaged")

// CPU installs the CPU plugin and returns its path; it does nothing if the plugin is there already. progress, which
// may be nil, gets one line for each thing that takes time. Several processes may call CPU at once: one works, the
// others wait for it. It returns an error if the plugin cannot be fetched or does not have the expected SHA-256, or
// when ctx ends; an interrupted installation leaves nothing that a later one would take for a plugin.
func CPU(ctx context.Context, progress func(string)) (path string, err error) {
	if progress == nil {
		progress = func(string) {}
	}
	path, err = installCPU(ctx, home.Join("pjrt"), progress)
	if err != nil {
		return "", fmt.Errorf("accel/install: %w", err)
	}
	return path, nil
}

// Path returns the path of the installed CPU plugin. It returns an error that wraps [fs.ErrNotExist] if there is none,
// and one that wraps [ErrDamaged] if its size is not the recorded one; [Verify] looks closer.
func Path() (string, error) {
	path, err := pluginPath(home.Join("pjrt"))
	if err != nil {
		return "", fmt.Errorf("accel/install: %w", err)
	}
	record, err := readRecord(path)
	if errors.Is(err, fs.ErrNotExist) && !checksummed {
		return path, nil
	}
	if err == nil {
		err = record.checkSize(path)
	}
	if err != nil {
		return "", fmt.Errorf("accel/install: %w", err)
	}
	return path, nil
}

// Verify reads the whole plugin at path and compares it with the record made when it was installed (about 0.5 s). It
// returns an error that wraps [ErrDamaged] if they differ and one that wraps [fs.ErrNotExist] if there is no record.
func Verify(path string) error {
	record, err := readRecord(path)
	if err == nil {
		err = record.check(path)
	}
	if err != nil {
		return fmt.Errorf("accel/install: %w", err)
	}
	return nil
}

// pluginPath returns the path of the CPU plugin below root, whole or damaged.
func pluginPath(root string) (string, error) {
	pattern := filepath.Join(quoteGlob(root), pluginDir, pluginFile)
	found, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fmt.Errorf("no PJRT plugin for the CPU in %s: %w; `%s` installs it", root, fs.ErrNotExist, Command)
	}
	return found[len(found)-1], nil
}

// quoteGlob makes path match itself in [filepath.Glob].
func quoteGlob(path string) string {
	if os.PathSeparator == '\\' { // Windows has no escape in patterns, and no '*' or '?' in names
		return path
	}
	quoted := make([]rune, 0, len(path))
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			quoted = append(quoted, '\\')
		}
		quoted = append(quoted, r)
	}
	return string(quoted)
}
