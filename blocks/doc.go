// Package blocks holds the graph building blocks that every network of gogan shares: variables with initial values
// made on the host, dense layers, convolutions and their lowerings, norms, resampling, activations.
//
// All functions build GoMLX graphs and panic (exceptions.Panicf) on a wrong shape, as GoMLX's own do. Images are
// [batch, height, width, channels], float32 or float64; kernels are [kernel height, kernel width, in, out] for
// convolutions and transposed convolutions alike. Variables are float32 and are converted to the dtype of the input.
//
// A layer creates its variables directly in the scope that it is given and makes no scope of its own, so that a network
// can be called twice in one graph (reals, then fakes) through Scope.At.
package blocks
