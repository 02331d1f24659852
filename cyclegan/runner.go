package cyclegan

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// keptPrograms is how many sizes of pictures a network stays compiled for: a program is for one size, and takes seconds to
// compile and memory to keep.
const keptPrograms = 8

// A runner applies a network, in evaluation mode, to pictures of any size that it takes. It is safe for concurrent use.
type runner struct {
	layout
	backend compute.Backend

	mu       sync.Mutex // one call of the device at a time
	store    *model.Store
	programs []program // the one that was used last is the last
	closed   bool
}

// A program is the network for pictures of one size.
type program struct {
	height, width int
	exec          *model.Exec
}

// newRunner takes the variables named from the root on ("/000-conv/weight").
func newRunner(device *accel.Device, l layout, variables map[string]weights.Array) (*runner, error) {
	store, err := foreign.NewStore(variables)
	if err != nil {
		return nil, err
	}
	return &runner{layout: l, backend: device.Backend, store: store}, nil
}

// takes returns an error that says what is wrong with the size of a picture.
func (r *runner) takes(height, width int) error {
	if height%r.stride != 0 || width%r.stride != 0 || min(height, width) < r.smallest {
		want := fmt.Sprintf("at least %d", r.smallest)
		if r.stride > 1 {
			want = fmt.Sprintf("multiples of %d, %s", r.stride, want)
		}
		return fmt.Errorf("a picture has %dx%d pixels (height x width), this network takes %s", height, width, want)
	}
	return nil
}

// run applies the network to a picture x [height, width, in], values in [-1, 1]. It returns y and its dimensions
// [height, width, out], which for a discriminator are those of its map.
func (r *runner) run(x []float32, height, width int) (y []float32, dims []int, err error) {
	if err := r.takes(height, width); err != nil {
		return nil, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, nil, errors.New("the network is closed")
	}
	exec, err := r.program(height, width)
	if err != nil {
		return nil, nil, err
	}
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(x, 1, height, width, r.in))
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n") // a stack follows
		return nil, nil, errors.New(first)
	}
	defer out[0].FinalizeAll()
	y, err = tensors.CopyFlatData[float32](out[0])
	return y, out[0].Shape().Dimensions[1:], err
}

// program returns the program for a size, which becomes the one that was used last.
func (r *runner) program(height, width int) (*model.Exec, error) {
	for i, p := range r.programs {
		if p.height == height && p.width == width {
			r.programs = append(append(r.programs[:i:i], r.programs[i+1:]...), p)
			return p.exec, nil
		}
	}
	exec, err := model.NewExec(r.backend, r.store, func(scope *model.Scope, x *Node) *Node {
		scope.SetTraining(x.Graph(), false)
		return r.network(scope, x)
	})
	if err != nil {
		return nil, err
	}
	if len(r.programs) == keptPrograms {
		r.programs[0].exec.Finalize()
		r.programs = r.programs[1:]
	}
	r.programs = append(r.programs, program{height, width, exec})
	return exec, nil
}

// close frees the device's memory. Calls after it return an error.
func (r *runner) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.closed = true
	for _, p := range r.programs {
		p.exec.Finalize()
	}
	r.store.Finalize()
}
