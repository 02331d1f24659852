package blocks

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Conv configures a convolution layer; see Conv2D and ConvTranspose2D.
type Conv struct {
	scope            *model.Scope
	x                *graph.Node
	channels, kernel int
	spec             ConvSpec
	bias, idle       bool
	spectral         bool
	init, biasInit   Initializer
}

// Conv2D starts a convolution of x [batch, h, w, in]; Done builds it. It is a correlation, as in PyTorch's Conv2d:
//
//	y[i, j] = b + Σ_{a,c} x[i·s+a-p, j·s+c-p]·W[a, c]    (x = 0 outside)
//
// Output: [batch, (h+2p-k)/s+1, (w+2p-k)/s+1, channels], rounded down. Variables: "weight" [k, k, in, channels] and
// "bias" [channels]. Channels and Kernel must be set; stride 1, padding 0, bias on are the defaults.
func Conv2D(scope *model.Scope, x *graph.Node) *Conv {
	return &Conv{scope: scope, x: x, bias: true, spec: ConvSpec{Stride: 1}}
}

// ConvTranspose2D starts a transposed convolution of x [batch, h, w, in], the adjoint of a convolution with the same
// numbers, as PyTorch's ConvTranspose2d: every input pixel adds a scaled kernel to the output,
//
//	y[i·s+a-p, j·s+c-p] += x[i, j]·W[a, c]    (then b is added)
//
// Output: [batch, (h-1)·s-2p+k+o, (w-1)·s-2p+k+o, channels]. Variables and defaults as in Conv2D; PyTorch's weight
// [in, out, k, k] is stored here as [k, k, in, out].
func ConvTranspose2D(scope *model.Scope, x *graph.Node) *Conv {
	return &Conv{scope: scope, x: x, bias: true, spec: ConvSpec{Stride: 1, Transposed: true}}
}

// Channels sets the number of output channels.
func (c *Conv) Channels(n int) *Conv {
	c.channels = n
	return c
}

// Kernel sets height and width k of the kernel, even or odd.
func (c *Conv) Kernel(k int) *Conv {
	c.kernel = k
	return c
}

// Stride sets the stride s of both axes. Default: 1.
func (c *Conv) Stride(s int) *Conv {
	c.spec.Stride = s
	return c
}

// Padding sets the zero padding p at all four sides (of the output for a transposed convolution). Default: 0.
func (c *Conv) Padding(p int) *Conv {
	c.spec.Padding = p
	return c
}

// OutputPadding adds o < stride rows and columns at the end of a transposed convolution's output. Default: 0.
func (c *Conv) OutputPadding(o int) *Conv {
	c.spec.OutputPadding = o
	return c
}

// Bias says whether a bias is added. Default: true.
func (c *Conv) Bias(use bool) *Conv {
	c.bias = use
	return c
}

// IdleBias says whether the bias, if there is one, is left out of the sum: a norm that follows would take it away again, so
// that its gradient is zero. The variable is there all the same, for files that hold one. Default: false.
func (c *Conv) IdleBias(use bool) *Conv {
	c.idle = use
	return c
}

// Init sets the initial values of "weight" [k, k, in, channels]. Default: PyTorchDefault.
func (c *Conv) Init(init Initializer) *Conv {
	c.init = init
	return c
}

// BiasInit sets the initial values of "bias" [channels]. Default: PyTorchDefault.
func (c *Conv) BiasInit(init Initializer) *Conv {
	c.biasInit = init
	return c
}

// SpectralNorm says whether the kernel, as a matrix [k·k·in, channels], is divided by its largest singular value, which one
// power iteration a call follows (Miyato et al. 2018, Algorithm 1, https://arxiv.org/abs/1802.05957). It adds a variable
// "u" [channels] that no optimizer touches. Default: false.
func (c *Conv) SpectralNorm(use bool) *Conv {
	c.spectral = use
	return c
}

// Upsampled says whether x is doubled by UpsampleNearest2 first; in one operation that takes less time. Default: false.
func (c *Conv) Upsampled(use bool) *Conv {
	c.spec.Upsampled = use
	return c
}

// Pooled says whether the output is halved by AveragePool2; in one operation that takes less time. Default: false.
func (c *Conv) Pooled(use bool) *Conv {
	c.spec.Pooled = use
	return c
}

// Lowering asks for one lowering. Default: Auto.
func (c *Conv) Lowering(l Lowering) *Conv {
	c.spec.Lowering = l
	return c
}

// Done builds the layer and returns its output [batch, h', w', channels]. It panics if x is not of rank 4, if Channels
// or Kernel was not set, or if nothing is left of the image.
func (c *Conv) Done() *graph.Node {
	x, k := c.x, c.kernel
	if x.Rank() != 4 || c.channels < 1 || k < 1 {
		exceptions.Panicf("blocks: a convolution needs x [batch, h, w, in], Channels and Kernel; got %s, %d channels, kernel %d",
			x.Shape(), c.channels, k)
	}
	in := x.Shape().Dim(3)
	fanIn := k * k * in
	if c.spec.Transposed {
		fanIn = k * k * c.channels
	}
	weight := valueLike(Param(c.scope, "weight", orDefault(c.init, fanIn), k, k, in, c.channels), x)
	if c.spectral {
		weight = spectralNorm(c.scope, weight)
	}
	y := Convolution(x, weight, c.spec)
	if c.bias {
		bias := Param(c.scope, "bias", orDefault(c.biasInit, fanIn), c.channels)
		if !c.idle {
			y = addChannels(y, valueLike(bias, x))
		}
	}
	return y
}
