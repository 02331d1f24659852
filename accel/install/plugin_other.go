//go:build !(linux && amd64)

package install

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gomlx/go-xla/installer"
)

// Where the CPU plugin lies below <home>/pjrt: go-xla's installer puts PLATFORM's library of the version it was tested
// with into the directory and adds a link without the version.
const (
	pluginDir   = "go-xla"
	pluginFile  = "pjrt_c_api_cpu_plugin.*"
	checksummed = false
)

// installLimit bounds go-xla's installer, whose downloads have no timeout.
const installLimit = 20 * time.Minute

func installCPU(ctx context.Context, root string, progress func(string)) (string, error) {
	if path, err := pluginPath(root); err == nil {
		return path, nil
	}
	progress("downloading go-xla's PJRT plugin for the CPU (not checksummed)")
	ctx, cancel := context.WithTimeout(ctx, installLimit)
	defer cancel()
	done := make(chan error, 1)
	// The installer takes no context: after a timeout its goroutine ends with its download or with the process. It
	// moves a complete file into place, so that a late end does no harm.
	go func() { done <- installer.CPUAutoInstall(filepath.Join(root, pluginDir), false, installer.Quiet) }()
	select {
	case err := <-done:
		if err != nil {
			return "", fmt.Errorf("go-xla's installer: %w", err)
		}
		return pluginPath(root)
	case <-ctx.Done():
		return "", fmt.Errorf("go-xla's installer: %w", ctx.Err())
	}
}
