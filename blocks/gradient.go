package blocks

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// GoMLX 0.28.16 shifts the input gradient of a convolution by one pixel if the kernel's size is even, and refuses
// paddings beyond 2·⌊(k-1)/2⌋. Convolutions of this package therefore bring their own gradient, registered where GoMLX
// looks gradients up; any other convolution keeps GoMLX's.
func init() {
	theirs := graph.VJPRegistration[graph.NodeTypeConvGeneral]
	graph.VJPRegistration[graph.NodeTypeConvGeneral] =
		func(node *graph.Node, outputs []*graph.Node, shape shapes.Shape) []*graph.Node {
			x, kernel := node.Inputs()[0], node.Inputs()[1]
			known, _ := node.Graph().State(movementsKey{}).(movements)
			if m, ok := known[node.Id()]; ok {
				return []*graph.Node{m.inputGradient(x, kernel, outputs[0]), m.kernelGradient(x, kernel, outputs[0])}
			}
			return theirs(node, outputs, shape)
		}
}
