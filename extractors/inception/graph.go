package inception

import (
	"github.com/gogan-ml/gogan/blocks"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// outputs are the nodes that a program can return. Those of stages that the weights lack are nil.
type outputs struct {
	taps    [stages - 1]*graph.Node // after stages 1 to 3, NHWC: [batch, 73, 73, 64], [batch, 35, 35, 192], [batch, 17, 17, 768]
	spatial *graph.Node             // [batch, 2023]: 7 channels of Mixed_6d.branch1x1, NHWC
	pool    *graph.Node             // [batch, 2048]
	logits  *graph.Node             // [batch, 1008], without the bias
}

// net builds the network in a graph.
type net struct {
	parameters map[string]*graph.Node
	layers     map[string]conv
	spatial    *graph.Node
}

// build computes the first stages for x [batch, 299, 299, 3] with the parameters of parameterNames.
func build(x *graph.Node, parameters []*graph.Node, depth int, head bool) outputs {
	x.AssertDims(x.Shape().Dim(0), Size, Size, 3)
	n := &net{parameters: map[string]*graph.Node{}, layers: map[string]conv{}}
	names := parameterNames(depth, head)
	if len(names) != len(parameters) {
		exceptions.Panicf("inception: %d parameters for %d names", len(parameters), len(names))
	}
	for i, name := range names {
		n.parameters[name] = parameters[i]
	}
	for _, layers := range stageLayers {
		for _, c := range layers {
			n.layers[c.name] = c
		}
	}
	var out outputs
	for stage, do := range []func(x *graph.Node) *graph.Node{n.stage1, n.stage2, n.stage3, n.stage4}[:depth] {
		x = do(x)
		if stage < len(out.taps) {
			out.taps[stage] = x
		}
	}
	out.spatial = n.spatial
	if depth == stages {
		x.AssertDims(x.Shape().Dim(0), 8, 8, Features)
		out.pool = graph.ReduceMean(x, 1, 2)
		if head {
			out.logits = graph.Dot(out.pool, n.parameters["fc"]).Product()
		}
	}
	return out
}

func (n *net) stage1(x *graph.Node) *graph.Node {
	x = n.conv(x, "Conv2d_1a_3x3") // [batch, 149, 149, 32]
	x = n.conv(x, "Conv2d_2a_3x3") // [batch, 147, 147, 32]
	x = n.conv(x, "Conv2d_2b_3x3") // [batch, 147, 147, 64]
	return halve(x)                // [batch, 73, 73, 64]
}

func (n *net) stage2(x *graph.Node) *graph.Node {
	x = n.conv(x, "Conv2d_3b_1x1") // [batch, 73, 73, 80]
	x = n.conv(x, "Conv2d_4a_3x3") // [batch, 71, 71, 192]
	return halve(x)                // [batch, 35, 35, 192]
}

func (n *net) stage3(x *graph.Node) *graph.Node {
	for _, block := range []string{"Mixed_5b", "Mixed_5c", "Mixed_5d"} {
		x = n.blockA(x, block)
	}
	x = n.blockB(x, "Mixed_6a") // [batch, 17, 17, 768]
	for _, block := range []string{"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"} {
		x = n.blockC(x, block)
	}
	return x
}

func (n *net) stage4(x *graph.Node) *graph.Node {
	x = n.blockD(x, "Mixed_7a") // [batch, 8, 8, 1280]
	x = n.blockE(x, "Mixed_7b") // [batch, 8, 8, 2048]
	return n.blockE(x, "Mixed_7c")
}

func (n *net) blockA(x *graph.Node, name string) *graph.Node {
	b := n.siblings(x, name)
	return graph.Concatenate([]*graph.Node{
		relu(b[0]),
		n.conv(relu(b[1]), name+".branch5x5_2"),
		n.conv(n.conv(relu(b[2]), name+".branch3x3dbl_2"), name+".branch3x3dbl_3"),
		n.afterPool(b[3]),
	}, 3)
}

func (n *net) blockB(x *graph.Node, name string) *graph.Node {
	b := n.siblings(x, name)
	return graph.Concatenate([]*graph.Node{
		n.conv(x, name+".branch3x3"),
		n.conv(n.conv(relu(b[0]), name+".branch3x3dbl_2"), name+".branch3x3dbl_3"),
		halve(x),
	}, 3)
}

func (n *net) blockC(x *graph.Node, name string) *graph.Node {
	b := n.siblings(x, name)
	branch1x1, double := relu(b[0]), relu(b[2])
	if name == "Mixed_6d" {
		// The first channels of what guided-diffusion reads as mixed_6/conv, flattened as TensorFlow has it.
		n.spatial = graph.Slice(branch1x1, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisRange(0, spatialChannels))
		n.spatial = graph.Reshape(n.spatial, x.Shape().Dim(0), SpatialFeatures)
	}
	for _, layer := range []string{"2", "3", "4", "5"} {
		double = n.conv(double, name+".branch7x7dbl_"+layer)
	}
	return graph.Concatenate([]*graph.Node{
		branch1x1,
		n.conv(n.conv(relu(b[1]), name+".branch7x7_2"), name+".branch7x7_3"),
		double,
		n.afterPool(b[3]),
	}, 3)
}

func (n *net) blockD(x *graph.Node, name string) *graph.Node {
	b := n.siblings(x, name)
	seven := n.conv(n.conv(relu(b[1]), name+".branch7x7x3_2"), name+".branch7x7x3_3")
	return graph.Concatenate([]*graph.Node{
		n.conv(relu(b[0]), name+".branch3x3_2"),
		n.conv(seven, name+".branch7x7x3_4"),
		halve(x),
	}, 3)
}

func (n *net) blockE(x *graph.Node, name string) *graph.Node {
	b := n.siblings(x, name)
	three := relu(b[1])
	double := n.conv(relu(b[2]), name+".branch3x3dbl_2")
	var pooled *graph.Node
	if len(b) > 3 {
		pooled = n.afterPool(b[3])
	} else {
		pooled = n.conv(maxPool(x, 1, 1), name+".branch_pool")
	}
	return graph.Concatenate([]*graph.Node{
		relu(b[0]),
		n.conv(three, name+".branch3x3_2a"), n.conv(three, name+".branch3x3_2b"),
		n.conv(double, name+".branch3x3dbl_3a"), n.conv(double, name+".branch3x3dbl_3b"),
		pooled,
	}, 3)
}

// conv is a convolution with its batch norm and ReLU.
func (n *net) conv(x *graph.Node, name string) *graph.Node {
	c, ok := n.layers[name]
	if !ok {
		exceptions.Panicf("inception: there is no layer %s", name)
	}
	y := n.affine(x, name, c)
	y.AssertDims(x.Shape().Dim(0), -1, -1, c.out)
	return relu(y)
}

func (n *net) affine(x *graph.Node, name string, c conv) *graph.Node {
	y := blocks.Convolution(x, n.parameters[name], blocks.ConvSpec{Stride: c.stride, PaddingHW: c.padding, Inference: true})
	return graph.Add(y, graph.ExpandLeftToRank(n.parameters[name+".bias"], 4))
}

// siblings computes the 1x1 convolutions of a block's input as one, and returns them apart, before their ReLU.
func (n *net) siblings(x *graph.Node, block string) []*graph.Node {
	names := siblings(block)
	y := n.affine(x, names[0], n.layers[names[0]])
	var parts []*graph.Node
	at := 0
	for _, name := range names {
		out := n.layers[name].out
		parts = append(parts, graph.SliceAxis(y, 3, graph.AxisRange(at, at+out)))
		at += out
	}
	y.AssertDims(x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), at)
	return parts
}

// afterPool is a branch "average pooling, 1x1 convolution, ReLU" whose convolution is done. Its bias, which is in x, is
// not changed by a mean.
func (n *net) afterPool(x *graph.Node) *graph.Node { return relu(meanPool(x)) }

func relu(x *graph.Node) *graph.Node { return graph.Max(x, graph.ScalarZero(x.Graph(), x.DType())) }

// halve is max pooling of 3x3 with stride 2, without padding.
func halve(x *graph.Node) *graph.Node { return maxPool(x, 2, 0) }

// maxPool takes the maximum of 3x3 pixels of x [batch, h, w, c] where the padding counts as minus infinity.
func maxPool(x *graph.Node, stride, padding int) *graph.Node {
	pad := graph.PadAxis{Start: padding, End: padding}
	if padding > 0 {
		low := graph.Infinity(x.Graph(), x.DType(), -1)
		x = graph.Pad(x, low, graph.PadAxis{}, pad, pad, graph.PadAxis{})
	}
	for axis := 1; axis <= 2; axis++ {
		var y *graph.Node
		for _, part := range shifted(x, axis, stride) {
			if y == nil {
				y = part
			} else {
				y = graph.Max(y, part)
			}
		}
		x = y
	}
	return x
}

// meanPool takes the mean of those of 3x3 pixels of x [batch, h, w, c] that lie in the picture, with stride 1, as
// TensorFlow does; PyTorch calls it count_include_pad=False.
func meanPool(x *graph.Node) *graph.Node {
	h, w := x.Shape().Dim(1), x.Shape().Dim(2)
	pad := graph.PadAxis{Start: 1, End: 1}
	sum := graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), graph.PadAxis{}, pad, pad, graph.PadAxis{})
	for axis := 1; axis <= 2; axis++ {
		parts := shifted(sum, axis, 1)
		sum = graph.Add(graph.Add(parts[0], parts[1]), parts[2])
	}
	counts := make([]float32, h*w)
	for i := range counts {
		counts[i] = float32(within(i/w, h) * within(i%w, w))
	}
	count := graph.Reshape(graph.Const(x.Graph(), counts), 1, h, w, 1)
	return graph.Div(sum, graph.ConvertDType(count, x.DType()))
}

// within is how many of the three pixels around i lie on an axis of n.
func within(i, n int) int { return min(i+1, n-1) - max(i-1, 0) + 1 }

// shifted returns the three slices of an axis that a window of three sees.
func shifted(x *graph.Node, axis, stride int) []*graph.Node {
	size := (x.Shape().Dim(axis)-3)/stride + 1
	var parts []*graph.Node
	for i := range 3 {
		r := graph.AxisRange(i, i+(size-1)*stride+1)
		if stride > 1 {
			r = r.Stride(stride)
		}
		parts = append(parts, graph.SliceAxis(x, axis, r))
	}
	return parts
}
