package blocks

import (
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// LoweringTableVersion numbers the table behind Auto. A run records it: another table gives other roundings.
const LoweringTableVersion = 3

// Lowering is a way to compute a convolution. All give the same values to rounding; they differ in speed.
type Lowering int

const (
	// Auto takes the lowering that was measured to be the fastest for the shape and the backend (a static table,
	// never a measurement at run time).
	Auto Lowering = iota
	// Plain is the backend's convolution; a transposed one dilates its input.
	Plain
	// Taps is one matrix product for each tap of the kernel on space-to-depth, added up.
	Taps
	// Patches gathers what each position of the kernel sees, and is one matrix product.
	Patches
	// Winograd is minimal filtering, 16 matrix products on a quarter of the positions, for 3x3 kernels of stride 1.
	Winograd
)

// String returns the name of the lowering.
func (l Lowering) String() string {
	switch l {
	case Auto:
		return "auto"
	case Plain:
		return "plain"
	case Taps:
		return "taps"
	case Patches:
		return "patches"
	case Winograd:
		return "winograd"
	}
	return "unknown"
}

// swapFactor is the ratio of rows to columns of b from which aᵀ·b is computed as (bᵀ·a)ᵀ.
const swapFactor = 16

// operands are what the function of a contraction computes with.
type operands struct {
	geometry
	a, b *graph.Node // in the order of the table in bilinear.go
	zero *graph.Node // a scalar
	half *graph.Node // a scalar, 1/2
}

// lower computes a role with the lowering of the geometry.
func (in operands) lower(r role) *graph.Node {
	switch in.lowering {
	case Plain:
		return in.plain(r)
	case Taps:
		switch r {
		case correlate:
			return in.tapsCorrelate()
		case collect:
			return in.tapsCollect()
		}
		return in.matrix(r)
	case Patches:
		return in.matrix(r)
	case Winograd:
		return in.winograd(r)
	}
	exceptions.Panicf("blocks: there is no lowering %d", in.lowering)
	return nil
}

// choose is the table behind Auto. On CPUs matrix products win wherever gradients are taken, by what the backward pass
// costs; GPUs and TPUs have convolutions of their own. CPU milliseconds of one forward and backward pass (XLA, 2 cores,
// AVX2, float32), batch, image, channels, kernel:
//
//	                                      plain  taps  patches
//	32, 32x32, 3 -> 64, 4x4 stride 2        4.8   6.0      3.0
//	32, 16x16, 64 -> 128, 3x3 stride 2       19    25       17
//	8, 35x35, 288 -> 64, 1x1                 30    17       17
//
// DCGAN's step with 4x4 kernels of stride 2 takes 6 % less time with taps than with patches. Pure Go: plain takes 2 to 3
// times as long as either.
//
// With 3x3 kernels of stride 1, the same (XLA, 2 cores, AVX-512, time of both cores over 2; BenchmarkLowering), first as
// it is, then on an image doubled by nearest neighbour to the size given, or with the output halved by a mean:
//
//	                        plain  patches  winograd    doubled: plain  winograd
//	16, 32x32, 256 -> 256     467      397       194               520       107
//	32, 16x16, 128 -> 128      39       51        28                40        15
//	32, 8x8, 128 -> 128      10.3     13.0       7.4              11.1       3.7
//	64, 16x16, 64 -> 64        23       38        22                23        12
//	64, 16x16, 32 -> 32       7.8     21.5       8.6               6.8       5.0
//	64, 16x16, 16 -> 16       2.6      5.1       3.4               2.8       1.8
//	4, 128x128, 32 -> 32       24       66        26
//	16, 32x32, 256 -> 3        16       70        27
//
// Larger kernels of stride 1, and the 4x4 of a discriminator of patches, the same:
//
//	                               plain  taps  patches
//	1, 128x128, 3 -> 64, 7x7         9.4    74     14
//	1, 128x128, 64 -> 3, 7x7         8.7   106     92
//	4, 64x64, 3 -> 16, 7x7           8.3    22      8.7
//	4, 64x64, 16 -> 3, 7x7           7.6    21     27
//	1, 32x32, 256 -> 512, 4x4         93    81     77
//
// Without gradients XLA's own convolution wins, but for 1x1 kernels on many channels. CPU milliseconds of the forward pass
// (XLA, 2 cores, AVX-512, float32, time of both cores over 2), batch 16:
//
//	                                      plain  taps  patches
//	299x299, 3 -> 32, 3x3 stride 2           19    23       16
//	147x147, 32 -> 64, 3x3                   69   140      112
//	73x73, 80 -> 192, 3x3                   118   154      139
//	35x35, 48 -> 64, 5x5                     15    28       25
//	35x35, 288 -> 240, 1x1                   15    21       22
//	35x35, 288 -> 384, 3x3 stride 2          58   100       52
//	17x17, 768 -> 192, 1x1                  8.8   7.7      7.7
//	17x17, 192 -> 192, 1x7                   14    15       15
//	8x8, 2048 -> 1344, 1x1                   35    31       30
//	8x8, 448 -> 384, 3x3                     18    17       18
func (g geometry) choose(backend compute.Backend) Lowering {
	s := g.stride
	plugin, isXLA := pluginName(backend)
	pointwise := g.kernel == [2]int{1, 1} && s == 1
	switch {
	case isXLA && !strings.Contains(plugin, "cpu"):
		return Plain
	case g.inference && isXLA && !(pointwise && g.imageChannels >= 512):
		return Plain
	case isXLA && s == 1 && g.kernel == [2]int{3, 3}:
		if channels := min(g.imageChannels, g.outChannel); channels >= 64 || g.doubled && channels >= 16 {
			return Winograd
		}
		return Plain
	case isXLA && s == 1 && min(g.kernel[0], g.kernel[1]) >= 5 && g.positions != [2]int{1, 1}: // else it is one matrix product
		return Plain
	case s > 1 && g.kernel[0]%s == 0 && g.kernel[1]%s == 0 && s*s*g.imageChannels >= 64:
		return Taps
	}
	return Patches
}

// pluginName returns the name of XLA's plugin in lower case, which tells what it computes on; isXLA is false for the pure
// Go backend.
func pluginName(backend compute.Backend) (name string, isXLA bool) {
	xla, isXLA := backend.(interface{ PluginName() string })
	if !isXLA {
		return "", false
	}
	return strings.ToLower(filepath.Base(xla.PluginName())), true
}
