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
	"time"

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
	Seconds                                 float64  // to build, compile and run "step"
	Cache                                   accel.CacheStats
}

// runChild is the child: it opens the device and runs the program once ("one"), or several variants of it, each in two
// goroutines at the same time ("parallel"), or compiles something of the size of a training step ("step").
func runChild(mode string) (report, error) {
	d, err := accel.Open(context.Background(), nil)
	if err != nil {
		return report{}, err
	}
	defer d.Close()
	r := report{Name: d.Name(), Platform: d.Platform(), Plugin: d.PluginPath(), Version: d.PJRTVersion(),
		Notice: d.Notice(), Devices: d.NumDevices()}
	if mode == "step" {
		start := time.Now()
		r.Digest = []string{digest(d.Backend, step)}
		r.Seconds = time.Since(start).Seconds()
		r.Cache = accel.ReadCacheStats()
		return r, nil
	}
	widths := []int{8}
	if mode == "parallel" {
		widths = []int{4, 5, 6, 7, 4, 5, 6, 7}
	}
	r.Digest = make([]string, len(widths))
	var wg sync.WaitGroup
	for i, width := range widths {
		wg.Go(func() { r.Digest[i] = digest(d.Backend, small(width)) })
	}
	wg.Wait()
	r.Cache = accel.ReadCacheStats()
	return r, nil
}

// digest compiles and runs the program and returns the SHA-256 of its result.
func digest(backend compute.Backend, program func(g *graph.Graph) *graph.Node) string {
	result := graph.MustNewExec(backend, program).MustCall()[0]
	sum := sha256.New()
	if err := result.ConstBytes(func(data []byte) { sum.Write(data) }); err != nil {
		panic(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// small returns a program with the gradient of one layer, whose sums have many roundings.
func small(width int) func(g *graph.Graph) *graph.Node {
	return func(g *graph.Graph) *graph.Node {
		x := graph.Sin(graph.IotaFull(g, shapes.Make(dtypes.Float32, 8, 32)))
		w := graph.Cos(graph.IotaFull(g, shapes.Make(dtypes.Float32, 32, width)))
		loss := graph.ReduceAllSum(graph.Exp(graph.Tanh(graph.Dot(x, w).Product())))
		return graph.Gradient(loss, w)[0]
	}
}

// step is a discriminator of four convolutions with a gradient penalty: the second-order gradient of all its kernels.
func step(g *graph.Graph) *graph.Node {
	x := graph.Sin(graph.IotaFull(g, shapes.Make(dtypes.Float32, 4, 64, 64, 3)))
	var kernels []*graph.Node
	y, in := x, 3
	for _, out := range []int{16, 32, 64, 128} {
		k := graph.MulScalar(graph.Cos(graph.IotaFull(g, shapes.Make(dtypes.Float32, 4, 4, in, out))), 0.05)
		kernels = append(kernels, k)
		y = graph.Tanh(graph.Convolve(y, k).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done())
		in = out
	}
	loss := graph.ReduceAllMean(y)
	penalty := graph.ReduceAllSum(graph.Square(graph.Gradient(loss, x)[0]))
	var sums []*graph.Node
	for _, gradient := range graph.Gradient(graph.Add(loss, penalty), kernels...) {
		sums = append(sums, graph.ReduceAllSum(gradient))
	}
	return graph.Stack(sums, 0)
}

// child runs this binary as a child in mode, with home as GOGAN_HOME, the installed CPU plugin, and more variables
// ("NAME=value"). Whatever the child writes to stderr fails the test.
func child(t testing.TB, mode, home string, env ...string) report {
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
func pluginPath(t testing.TB) string {
	t.Helper()
	return testbackend.XLA(t).(*xla.Backend).PluginName()
}
