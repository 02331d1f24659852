package testbackend

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

// TestBackends computes something on both backends, twice: the second call must get the same backend.
func TestBackends(t *testing.T) {
	for name, get := range map[string]func(testing.TB) compute.Backend{"xla": XLA, "Go Backend": Go} {
		t.Run(name, func(t *testing.T) {
			backend := get(t)
			if backend.Name() != name {
				t.Errorf("backend is %q", backend.Name())
			}
			if again := get(t); again != backend {
				t.Error("the second call opened another backend")
			}
			double := graph.MustNewExec(backend, func(x *graph.Node) *graph.Node { return graph.Add(x, x) })
			if got := double.MustCall(float32(1.5))[0].Value(); got != float32(3) {
				t.Errorf("1.5 + 1.5 = %v", got)
			}
		})
	}
}
