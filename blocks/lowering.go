package blocks

import (
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// LoweringTableVersion numbers the table behind Auto. A run records it: another table gives other roundings.
const LoweringTableVersion = 1

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
	}
	exceptions.Panicf("blocks: there is no lowering %d", in.lowering)
	return nil
}

// choose is the table behind Auto.
func (g geometry) choose(backend compute.Backend) Lowering {
	switch {
	case !onCPU(backend):
		return Plain
	case g.stride > 1 && g.stride*g.stride*g.imageChannels >= 64:
		return Taps
	}
	return Patches
}

// onCPU says whether a backend computes on the CPU: the pure Go one, and XLA with a plugin whose name says so.
func onCPU(backend compute.Backend) bool {
	if xla, ok := backend.(interface{ PluginName() string }); ok {
		return strings.Contains(strings.ToLower(filepath.Base(xla.PluginName())), "cpu")
	}
	return true
}
