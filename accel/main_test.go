//go:build cgo && linux

package accel_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/gomlx/core/graph"
)

// envChild makes the test binary a child that computes once and prints a report, instead of running tests.
const envChild = "GOGAN_ACCEL_TEST_CHILD"

func TestMain(m *testing.M) {
	mode := os.Getenv(envChild)
	if mode == "" {
		os.Exit(m.Run())
	}
	r, err := runChild(mode)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report is what a child prints.
type report struct {
	Name, Platform, Plugin, Version, Notice string
	Devices                                 int
	Digest                                  []string // of all results, bit for bit
	Cache                                   accel.CacheStats
}

// runChild is the child: it opens the device and runs the program once ("one"), or several variants of it, each in two
// goroutines at the same time ("parallel").
func runChild(mode string) (report, error) {
	d, err := accel.Open(context.Background(), nil)
	if err != nil {
		return report{}, err
	}
	defer d.Close()
	r := report{Name: d.Name(), Platform: d.Platform(), Plugin: d.PluginPath(), Version: d.PJRTVersion(),
		Notice: d.Notice(), Devices: d.NumDevices()}
	widths := []int{8}
	if mode == "parallel" {
		widths = []int{4, 5, 6, 7, 4, 5, 6, 7}
	}
	r.Digest = make([]string, len(widths))
	var wg sync.WaitGroup
	for i, width := range widths {
		wg.Go(func() { r.Digest[i] = digest(d.Backend, width) })
	}
	wg.Wait()
	r.Cache = accel.ReadCacheStats()
	return r, nil
}

// digest returns the SHA-256 of the gradient of a small network, whose sums have many roundings.
func digest(backend compute.Backend, width int) string {
	exec := graph.MustNewExec(backend, func(g *graph.Graph) *graph.Node {
		x := graph.Sin(graph.IotaFull(g, shapes.Make(dtypes.Float32, 8, 32)))
		w := graph.Cos(graph.IotaFull(g, shapes.Make(dtypes.Float32, 32, width)))
		y := graph.Tanh(graph.Dot(x, w).Product())
		loss := graph.ReduceAllSum(graph.Exp(y))
		return graph.Gradient(loss, w)[0]
	})
	result := exec.MustExec()[0]
	sum := sha256.New()
	if err := result.ConstBytes(func(data []byte) { sum.Write(data) }); err != nil {
		panic(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// child runs this binary as a child in mode, with home as GOGAN_HOME, the installed CPU plugin, and more variables
// ("NAME=value"). Whatever the child writes to stderr fails the test.
func child(t *testing.T, mode, home string, env ...string) report {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envChild+"="+mode, "GOGAN_HOME="+home, compute.ConfigEnvVar+"=xla:"+pluginPath(t))
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("child: %v, stderr %q", err, stderr.String())
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("child printed %q: %v", stdout.String(), err)
	}
	return r
}

// pluginPath returns the path of XLA's plugin; without one the test is skipped, or fails under CI.
func pluginPath(t *testing.T) string {
	t.Helper()
	return testbackend.XLA(t).(*xla.Backend).PluginName()
}
