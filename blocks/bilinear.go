package blocks

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// A convolution ties three tensors together: an image [batch, h, w, in], a kernel, and the positions of the kernel on
// the image [batch, h', w', out]. Two of them give the third:
//
//	correlate:  image, kernel     -> positions    the convolution; the gradient of scatter for its positions
//	scatter:    positions, kernel -> image        the transposed convolution; the gradient of correlate for its image
//	collect:    image, positions  -> kernel       the gradient of both for their kernel
//
// All three are linear in both arguments, so the gradients of each are the other two, and gradients of every order
// follow. Each can be computed in its own way. In the graph each is the call of a function: GoMLX has no gradient for
// calls, so this file gives these calls theirs. (GoMLX's own gradient of a convolution shifts the input gradient by one
// pixel when the kernel's size is even, v0.28.16.)

// role says which of the three is computed.
type role int

const (
	correlate role = iota
	scatter
	collect
)

func (r role) String() string { return [...]string{"correlate", "scatter", "collect"}[r] }

// geometry is the size of all three tensors and how the kernel moves.
type geometry struct {
	batch                     int
	image, kernel, positions  [2]int // height and width
	imageChannels, outChannel int    // channels of image and positions
	stride                    int
	padding                   [2]int // height and width
	imageLast                 bool   // the kernel is [kh, kw, positions', image's channels], not [kh, kw, image's, positions']
	lowering                  Lowering
	inference                 bool
	doubled                   bool // the kernel sees the image doubled by nearest neighbour; only with Winograd
}

func (g geometry) positionsDims() []int {
	return []int{g.batch, g.positions[0], g.positions[1], g.outChannel}
}

// contraction is one function of a graph.
type contraction struct {
	role     role
	geometry geometry
	dtype    dtypes.DType
}

// contractions are the functions of a graph and the nodes that call them, kept with the graph.
type contractions struct {
	functions map[contraction]*graph.Function
	calls     map[graph.NodeId]contraction
}

type contractionsKey struct{}

func contractionsOf(g *graph.Graph) *contractions {
	if known, ok := g.State(contractionsKey{}).(*contractions); ok {
		return known
	}
	known := &contractions{map[contraction]*graph.Function{}, map[graph.NodeId]contraction{}}
	g.AttachState(contractionsKey{}, known)
	return known
}

// contract computes the third tensor from a and b, in the order of the table above.
func (g geometry) contract(r role, a, b *graph.Node) *graph.Node {
	c := contraction{r, g, a.DType()}
	gr := a.Graph()
	known := contractionsOf(gr)
	f, ok := known.functions[c]
	if !ok {
		f = c.define(gr, a.Shape(), b.Shape())
		known.functions[c] = f
	}
	// Constants are arguments: GoMLX keeps scalars for the whole graph, but a function sees only its own nodes.
	y := f.Call(a, b, graph.ScalarZero(gr, c.dtype), graph.Scalar(gr, c.dtype, 0.5))[0]
	known.calls[y.Id()] = c
	return y
}

func (c contraction) define(g *graph.Graph, a, b shapes.Shape) *graph.Function {
	name := g.UniqueName(fmt.Sprintf("blocks_%s_%s", c.role, c.geometry.lowering))
	return graph.NewFunction(g, name, func(g *graph.Graph) []*graph.Node {
		in := operands{
			geometry: c.geometry,
			a:        graph.Parameter(g, "a", a),
			b:        graph.Parameter(g, "b", b),
			zero:     graph.Parameter(g, "zero", shapes.Make(c.dtype)),
			half:     graph.Parameter(g, "half", shapes.Make(c.dtype)),
		}
		return []*graph.Node{in.lower(c.role)}
	})
}

// gradient returns the gradients of a call with respect to its inputs, given v, that of its output.
func (c contraction) gradient(a, b, v *graph.Node) []*graph.Node {
	g := c.geometry
	switch c.role {
	case correlate: // a: image, b: kernel, v: positions
		return []*graph.Node{g.contract(scatter, v, b), g.contract(collect, a, v), nil, nil}
	case scatter: // a: positions, b: kernel, v: image
		return []*graph.Node{g.contract(correlate, v, b), g.contract(collect, v, a), nil, nil}
	default: // a: image, b: positions, v: kernel
		return []*graph.Node{g.contract(scatter, b, v), g.contract(correlate, a, v), nil, nil}
	}
}

func init() {
	others := graph.VJPRegistration[graph.NodeTypeCall]
	graph.VJPRegistration[graph.NodeTypeCall] =
		func(node *graph.Node, outputs []*graph.Node, shape shapes.Shape) []*graph.Node {
			if known, ok := node.Graph().State(contractionsKey{}).(*contractions); ok {
				if c, ok := known.calls[node.Id()]; ok {
					return c.gradient(node.Inputs()[0], node.Inputs()[1], outputs[0])
				}
			}
			if others == nil {
				exceptions.Panicf("blocks: GoMLX has no gradient for the call %s", node)
			}
			return others(node, outputs, shape)
		}
}
