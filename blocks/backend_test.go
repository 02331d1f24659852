package blocks_test

import (
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	_ "github.com/gomlx/go-xla/compute/xla"
)

func open(t *testing.T, config string) compute.Backend {
	t.Helper()
	t.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
	backend, err := compute.NewWithConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return backend
}

// backends are those that every layer has to agree on.
func backends(t *testing.T) map[string]compute.Backend {
	return map[string]compute.Backend{"go": open(t, "go"), "xla": open(t, "xla:/tmp/bg/pjrt_c_api_cpu_plugin.so")}
}
