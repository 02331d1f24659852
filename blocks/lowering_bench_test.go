package blocks_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// BenchmarkLowering times what the table in lowering.go chooses from: the pass forward, the gradient of x and that of the
// kernel, each alone, in milliseconds of processor time over two cores ("cpu-ms/op"), which other programs disturb less
// than time on the clock.
//
//	go test ./blocks -run '^$' -bench Lowering/16,32,256,256 -benchtime 5x
func BenchmarkLowering(b *testing.B) {
	for _, c := range []struct{ batch, size, in, out, kernel int }{
		{16, 32, 256, 256, 3}, {16, 16, 256, 256, 3}, {16, 8, 256, 256, 3}, {16, 32, 256, 3, 3}, {16, 32, 256, 256, 1},
		{16, 32, 3, 128, 3}, {32, 32, 128, 128, 3}, {32, 16, 128, 128, 3}, {32, 8, 128, 128, 3},
		{64, 32, 64, 64, 3}, {64, 16, 64, 64, 3}, {64, 8, 64, 64, 3}, {64, 32, 32, 32, 3}, {64, 16, 32, 32, 3}, {64, 16, 16, 16, 3},
		{64, 8, 32, 32, 3}, {8, 64, 32, 32, 3}, {4, 128, 32, 32, 3}, {8, 64, 64, 64, 3},
		{1, 128, 3, 64, 7}, {1, 128, 64, 3, 7}, {4, 64, 3, 16, 7}, {4, 64, 16, 3, 7},
		{1, 32, 256, 512, 4}, {1, 31, 512, 1, 4}, {1, 64, 256, 256, 3},
	} {
		for _, l := range []blocks.Lowering{blocks.Plain, blocks.Taps, blocks.Patches, blocks.Winograd} {
			for _, spec := range []blocks.ConvSpec{{}, {Upsampled: true}, {Pooled: true}} {
				name := strings.ReplaceAll(fmt.Sprint([]int{c.batch, c.size, c.in, c.out, c.kernel}), " ", ",")
				name = fmt.Sprintf("%s/%s", strings.Trim(name, "[]"), l)
				size := c.size
				if spec.Upsampled {
					name, size = name+"/up", size/2
				} else if spec.Pooled {
					name += "/pool"
				}
				if l == blocks.Winograd && c.kernel != 3 || l != blocks.Winograd && l != blocks.Plain && (spec.Upsampled || spec.Pooled) {
					continue
				}
				spec.Stride, spec.Padding, spec.Lowering = 1, (c.kernel-1)/2, l
				y := c.size - 1 + c.kernel%2
				if spec.Pooled {
					y /= 2
				}
				args := []any{noise(c.batch, size, size, c.in), noise(c.kernel, c.kernel, c.in, c.out), noise(c.batch, y, y, c.out)}
				for i, pass := range []string{"forward", "x", "kernel"} {
					b.Run(name+"/"+pass, func(b *testing.B) { benchmarkPass(b, spec, i, args) })
				}
			}
		}
	}
}

// benchmarkPass times a pass for x, kernel, and the gradient of the output.
func benchmarkPass(b *testing.B, spec blocks.ConvSpec, pass int, args []any) {
	exec, err := graph.NewExec(testbackend.XLA(b), func(x, kernel, v *graph.Node) *graph.Node {
		y := blocks.Convolution(x, kernel, spec)
		if pass == 0 {
			return y
		}
		return graph.Gradient(graph.ReduceAllSum(graph.Mul(v, y)), x, kernel)[pass-1]
	})
	if err != nil {
		b.Fatal(err)
	}
	defer exec.Finalize()
	run := func() {
		out, err := exec.Call(args...)
		if err != nil {
			b.Fatal(err)
		}
		if err := out[0].FinalizeAll(); err != nil {
			b.Fatal(err)
		}
	}
	run()
	b.ResetTimer()
	start := processorTime(b)
	for b.Loop() {
		run()
	}
	b.ReportMetric(1e3*(processorTime(b)-start).Seconds()/2/float64(b.N), "cpu-ms/op")
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// noise returns float32 values in [-1, 1).
func noise(dims ...int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	values := make([]float32, size)
	for i, v := range formulaValues(1, size) {
		values[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}
