package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
)

// outputOf runs a command and returns what it printed, or the last line that it wrote about its failure. Settings of
// OpenBLAS that this machine's owner may have made for other programs slow down NumPy's own copy: without them it finds
// the best by itself.
func outputOf(command *exec.Cmd) ([]byte, error) {
	if command.Env == nil {
		command.Env = os.Environ()
	}
	kept := command.Env[:0]
	for _, setting := range command.Env {
		if !strings.HasPrefix(setting, "OPENBLAS_CORETYPE=") && !strings.HasPrefix(setting, "OPENBLAS_L2_SIZE=") {
			kept = append(kept, setting)
		}
	}
	command.Env = kept
	output, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		lines := strings.Split(strings.TrimSpace(string(failed.Stderr)), "\n")
		if last := lines[len(lines)-1]; last != "" {
			err = errors.New(last)
		}
	}
	return output, err
}
