package gan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/weights"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Foreign is a network of another program, to be run on arrays as that program runs it in evaluation mode. It is safe for
// concurrent use.
type Foreign struct {
	network *foreignNetwork
	store   *model.Store
	exec    *model.Exec

	mu     sync.Mutex // one call of the device at a time
	closed bool
}

// OpenForeign opens the network of a state dict, in any file that weights.Read knows; kind is one of ForeignKinds.
//
// dcgan-g and dcgan-d are netG_epoch_*.pth and netD_epoch_*.pth of PyTorch's DCGAN example, also with other sizes, widths and
// channels, from DataParallel, and without num_batches_tracked. sngan-g and sngan-d are the classes of kwotsin/mimicry (32, 48
// and 64 px, and its conditional ones of 32 px), alone or in a checkpoint with model_state_dict.
//
// The error names the first tensor that is missing or has another shape than the network.
func OpenForeign(device *accel.Device, path, kind string) (*Foreign, error) {
	arrays, err := weights.Read(path)
	if err != nil {
		return nil, err
	}
	n, variables, err := readForeign(kind, arrays, "/")
	if err != nil {
		return nil, fmt.Errorf("gan: %s is no %s: %w", path, kind, err)
	}
	f := &Foreign{network: n}
	if f.store, err = foreign.NewStore(variables); err != nil {
		return nil, fmt.Errorf("gan: %s: %w", path, err)
	}
	f.exec, err = model.NewExec(device.Backend, f.store, func(scope *model.Scope, inputs []*Node) *Node {
		scope.SetTraining(inputs[0].Graph(), false)
		return n.network(scope, inputs...)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Forward runs the network. A generator takes z [n, latent_dim], also [n, latent_dim, 1, 1], and returns img
// [n, channels, size, size]; a discriminator takes x [n, channels, size, size] and returns y, in the shape of the original:
// [n] and a probability for dcgan-d, which ends with a sigmoid, [n, 1] for sngan-d. c [n, classes] holds 1 for the class and
// 0 elsewhere; without classes it may be absent or of width 0. Other arrays are not looked at.
func (f *Foreign) Forward(ctx context.Context, in map[string]weights.Array) (map[string]weights.Array, error) {
	x, n, err := f.network.input(in)
	if err != nil {
		return nil, err
	}
	labels, err := f.network.labels(in, n)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errors.New("gan: the network is closed")
	}
	var out []float32
	for at := 0; at < n; at += drawBatch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		values, err := f.call(x, labels, at, min(n, at+drawBatch))
		if err != nil {
			return nil, fmt.Errorf("gan: running the network: %s", firstLine(err))
		}
		out = append(out, values...)
	}
	return f.network.output(out, n), nil
}

// call runs rows from to to; the rest of the batch is filled up with zeros, so that one program does for every n.
func (f *Foreign) call(x []float32, labels []int32, from, to int) ([]float32, error) {
	dims := append([]int{drawBatch}, f.network.inputDims()...)
	row := 1
	for _, d := range dims[1:] {
		row *= d
	}
	chunk := make([]float32, drawBatch*row)
	copy(chunk, x[from*row:to*row])
	args := []any{tensors.FromFlatDataAndDimensions(chunk, dims...)}
	if labels != nil {
		classes := make([]int32, drawBatch)
		copy(classes, labels[from:to])
		args = append(args, tensors.FromFlatDataAndDimensions(classes, drawBatch))
	}
	out, err := f.exec.Call(args...)
	if err != nil {
		return nil, err
	}
	values, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, err
	}
	return values[:len(values)/drawBatch*(to-from)], nil
}

// Close frees the device's memory. Calls after it return an error.
func (f *Foreign) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.closed = true
		f.exec.Finalize()
		f.store.Finalize()
	}
	return nil
}

// inputDims is the shape of a row of what goes in, channels last.
func (n *foreignNetwork) inputDims() []int {
	if n.latents > 0 {
		return []int{n.latents}
	}
	return []int{n.size, n.size, n.channels}
}

// input returns z or x, channels last, and the number of rows.
func (n *foreignNetwork) input(in map[string]weights.Array) (values []float32, rows int, err error) {
	name, want := "x", []int{n.channels, n.size, n.size}
	if n.latents > 0 {
		name, want = "z", []int{n.latents}
	}
	a, found := in[name]
	if !found {
		return nil, 0, fmt.Errorf("gan: there is no array %s among the inputs, but %s", name, strings.Join(slices.Sorted(maps.Keys(in)), ", "))
	}
	shape := a.Shape
	if n.latents > 0 && len(shape) == 4 && shape[2] == 1 && shape[3] == 1 {
		shape = shape[:2]
	}
	if len(shape) == 0 || shape[0] < 1 || !slices.Equal(shape[1:], want) {
		return nil, 0, fmt.Errorf("gan: input %s is %v, each row of this network's is %v", name, a.Shape, want)
	}
	if values, err = a.Float32s(); err != nil {
		return nil, 0, fmt.Errorf("gan: input %s: %w", name, err)
	}
	if n.latents == 0 {
		values, _ = foreign.Permuted(values, shape, []int{0, 2, 3, 1})
	}
	return values, shape[0], nil
}

// labels returns the classes that the rows of c say; nil without classes.
func (n *foreignNetwork) labels(in map[string]weights.Array, rows int) ([]int32, error) {
	c, found := in["c"]
	switch {
	case n.classes == 0 && (!found || len(c.Shape) > 0 && c.Shape[len(c.Shape)-1] == 0):
		return nil, nil
	case !found:
		return nil, fmt.Errorf("gan: there is no array c among the inputs; this network has %d classes and takes c [n, %d]", n.classes, n.classes)
	case !slices.Equal(c.Shape, []int{rows, n.classes}):
		return nil, fmt.Errorf("gan: input c is %v, this network takes [%d, %d]", c.Shape, rows, n.classes)
	}
	values, err := c.Float32s()
	if err != nil {
		return nil, fmt.Errorf("gan: input c: %w", err)
	}
	labels := make([]int32, rows)
	for i := range labels {
		row := values[i*n.classes : (i+1)*n.classes]
		class := slices.Index(row, 1)
		sum := float32(0)
		for _, v := range row {
			sum += max(v, -v)
		}
		if class < 0 || sum != 1 {
			return nil, fmt.Errorf("gan: row %d of input c is %v, want 1 for one class and 0 elsewhere", i, row)
		}
		labels[i] = int32(class)
	}
	return labels, nil
}

// output names what came out and gives it the original's shape.
func (n *foreignNetwork) output(values []float32, rows int) map[string]weights.Array {
	switch {
	case n.latents > 0:
		values, shape := foreign.Permuted(values, []int{rows, n.size, n.size, n.channels}, []int{0, 3, 1, 2})
		return map[string]weights.Array{"img": weights.FromFloat32(values, shape...)}
	case n.architecture == "dcgan":
		return map[string]weights.Array{"y": weights.FromFloat32(values, rows)}
	}
	return map[string]weights.Array{"y": weights.FromFloat32(values, rows, 1)}
}
