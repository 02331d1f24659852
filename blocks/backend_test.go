package blocks_test

import (
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/compute"
)

// backends are those that every layer has to agree on.
func backends(t *testing.T) map[string]compute.Backend {
	return map[string]compute.Backend{"go": testbackend.Go(t), "xla": testbackend.XLA(t)}
}
