package blocks

import (
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
	// Patches gathers what all taps see, and is one matrix product; transposed convolutions do as Taps.
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

func lower(x, kernel *graph.Node, spec ConvSpec) *graph.Node {
	switch spec.Lowering {
	case Auto, Plain:
		return plain(x, kernel, spec)
	case Taps:
		return taps(x, kernel, spec)
	case Patches:
		return patches(x, kernel, spec)
	}
	exceptions.Panicf("blocks: there is no lowering %d", spec.Lowering)
	return nil
}
