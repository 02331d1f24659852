// Package testbackend gives tests their backend: XLA on the CPU, or pure Go, one of each for a test process.
package testbackend

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/accel/install"
	"github.com/gomlx/compute"
)

// shared opens a device once, when it is first asked for, and keeps it until the process ends.
type shared struct {
	once   sync.Once
	device *accel.Device
	err    error
}

func (s *shared) open(backend string) (*accel.Device, error) {
	s.once.Do(func() { s.device, s.err = accel.Open(context.Background(), &accel.Options{Backend: backend}) })
	return s.device, s.err
}

var xla, pure shared

// XLA returns XLA's backend: the plugin that GOMLX_BACKEND names if it names one of XLA, else the CPU plugin. Without
// it the test is skipped with the command that installs it; with CI=true it fails, so that no run of the whole suite
// can pass without XLA.
func XLA(t testing.TB) compute.Backend {
	t.Helper()
	backend := "xla:cpu"
	if env := os.Getenv(compute.ConfigEnvVar); strings.HasPrefix(env, "xla:") {
		backend = env
	}
	d, err := xla.open(backend)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("XLA is missing, and CI=true: %v", err)
	} else if err != nil {
		t.Skipf("needs XLA (`%s` installs it): %v", install.Command, err)
	}
	return d.Backend
}

// Go returns the pure Go backend.
func Go(t testing.TB) compute.Backend {
	t.Helper()
	d, err := pure.open("go")
	if err != nil {
		t.Fatal(err)
	}
	return d.Backend
}
