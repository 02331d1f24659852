// Package fashioncnn is a small classifier of Fashion-MNIST whose weights are in the library: the network of scores that
// work offline, `fd_fashion_cnn` and `classifier_score_fashion_cnn`. It tells runs on pictures of clothes apart; its
// numbers compare with no published ones.
//
// It was trained on the 60,000 training images by `go run ./internal/fashioncnntrain`; train.jsonl is the log, with the
// accuracy on the 10,000 test images. floor.jsonl holds what real images score against other real ones.
package fashioncnn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/weights"
)

// Name is what scores call the network.
const Name = "fashion-cnn"

// Preprocess is the network's only rule: colour becomes grey by ITU-R BT.601, a picture that is not 28x28 is resized to
// that, whole, with Pillow's antialiased bilinear filter, and x/127.5 - 1 goes in. A picture of 28x28 is not changed.
//
// The clothes of Fashion-MNIST fill their 28x28 pixels. Pictures with a border, such as those of a network of 32 pixels
// that was trained on padded data, become smaller clothes than the network knows: compare them with reals that have the
// same border, or crop both first.
const Preprocess extractors.Preprocess = "fashion-cnn"

// batch is the number of pictures of one call of the device. It is always the same, so that the rows of a picture depend
// on no other.
const batch = 64

// Player is the scope of the variables in a file of weights.
const Player = "classifier"

// A Network is the opened classifier. It is safe for concurrent use.
type Network struct {
	sha      string
	official bool

	mu     sync.Mutex // one call of the device at a time
	store  *model.Store
	exec   *model.Exec
	closed bool
}

var _ extractors.Extractor = (*Network)(nil)

// Open opens the network with the weights of the library.
func Open(ctx context.Context, device *accel.Device) (*Network, error) {
	return OpenBytes(ctx, device, official)
}

// OpenBytes opens the network with the weights of a safetensors file, float32 arrays by the paths of their variables, such
// as internal/fashioncnntrain writes. The error names the first variable that is missing, unknown or of another shape.
func OpenBytes(ctx context.Context, device *accel.Device, file []byte) (*Network, error) {
	arrays, sha, err := decode(file)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := &Network{sha: sha, official: bytes.Equal(file, official), store: model.NewStore()}
	if err := n.newExec(device.Backend); err != nil {
		return nil, err
	}
	if err := n.setWeights(arrays); err != nil {
		n.Close()
		return nil, err
	}
	if device.Backend.Capabilities().PreferConstantsForVariables {
		// The program holds the values that it was compiled with (pure Go): the next call compiles another one.
		n.exec.Finalize()
		if err := n.newExec(device.Backend); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// newExec makes the program.
func (n *Network) newExec(backend compute.Backend) (err error) {
	n.exec, err = model.NewExec(backend, n.store, func(scope *model.Scope, x *graph.Node) []*graph.Node {
		scope.SetTraining(x.Graph(), false)
		features, logits := Classifier(scope.At(Player).ResetVisited(), x)
		return []*graph.Node{features, logits}
	})
	if err != nil {
		return fmt.Errorf("fashioncnn: %w", err)
	}
	return nil
}

// setWeights compiles the network, which makes its variables, and gives them their values.
func (n *Network) setWeights(arrays map[string]weights.Array) error {
	err := exceptions.TryCatch[error](func() {
		if _, err := n.exec.Compile(shapes.Make(dtypes.Float32, batch, Side, Side, 1)); err != nil {
			panic(err)
		}
	})
	if err != nil {
		return fmt.Errorf("fashioncnn: the network cannot be built: %s", firstLine(err))
	}
	for v := range n.store.IterVariables() {
		name := strings.TrimPrefix(v.Path(), "/")
		a, found := arrays[name]
		if !found || !slices.Equal(a.Shape, v.Shape().Dimensions) {
			return fmt.Errorf("fashioncnn: variable %s must be %v, the weights have %v", name, v.Shape().Dimensions, a.Shape)
		}
		values, err := a.Float32s()
		if err == nil {
			err = v.SetValue(tensors.FromFlatDataAndDimensions(values, a.Shape...))
		}
		if err != nil {
			return fmt.Errorf("fashioncnn: variable %s: %w", name, err)
		}
	}
	if len(arrays) != n.store.NumVariables() {
		return fmt.Errorf("fashioncnn: the weights have %d variables, the network %d", len(arrays), n.store.NumVariables())
	}
	return nil
}

// Name returns "fashion-cnn".
func (n *Network) Name() string { return Name }

// WeightsSHA256 returns the checksum of the weights' file, in hex.
func (n *Network) WeightsSHA256() string { return n.sha }

// WeightsOfficial says whether the weights are those of the library.
func (n *Network) WeightsOfficial() bool { return n.official }

// Width returns Features for extractors.Pool, Classes for extractors.Logits and 0 for others.
func (n *Network) Width(o extractors.Output) int {
	switch o {
	case extractors.Pool:
		return Features
	case extractors.Logits:
		return Classes
	}
	return 0
}

// Preprocesses returns the only rule.
func (n *Network) Preprocesses() []extractors.Preprocess { return []extractors.Preprocess{Preprocess} }

// Batch returns the number of pictures that the device computes at a time.
func (n *Network) Batch() int { return batch }

// Extract returns the outputs asked for, each flat [len(images), Width]; see extractors.Extractor. The error names a rule
// or an output that the network has not, or a picture without pixels.
func (n *Network) Extract(ctx context.Context, images []*imaging.Image8, p extractors.Preprocess,
	outputs ...extractors.Output) ([][]float32, error) {
	if p != Preprocess {
		return nil, fmt.Errorf("fashioncnn: there is no preprocessing %q here, only %q", p, Preprocess)
	}
	out := make([][]float32, len(outputs))
	for i, o := range outputs {
		if n.Width(o) == 0 {
			return nil, fmt.Errorf("fashioncnn: the network has no output %q; it has %q and %q", o, extractors.Pool, extractors.Logits)
		}
		out[i] = make([]float32, 0, len(images)*n.Width(o))
	}
	if err := extractors.Check(images); err != nil {
		return nil, err
	}
	for at := 0; at < len(images); at += batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chunk := images[at:min(len(images), at+batch)]
		x := make([]float32, batch*Side*Side) // the last call is filled up with zeros
		for i, m := range chunk {
			prepare(m).Floats(x[i*Side*Side : (i+1)*Side*Side])
		}
		features, logits, err := n.call(x)
		if err != nil {
			return nil, err
		}
		for i, o := range outputs {
			rows := features
			if o == extractors.Logits {
				rows = logits
			}
			out[i] = append(out[i], rows[:len(chunk)*n.Width(o)]...)
		}
	}
	return out, nil
}

// prepare makes the network's input of a picture; see Preprocess.
func prepare(m *imaging.Image8) *imaging.Image8 {
	if m.C != 1 {
		m = imaging.ToImage8(m.Image(), 1)
	}
	if m.H != Side || m.W != Side {
		m = imaging.Resize(m, Side, Side, imaging.Bilinear)
	}
	return m
}

// call computes x [batch, 28, 28, 1], flat, on the device.
func (n *Network) call(x []float32) (features, logits []float32, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, nil, errors.New("fashioncnn: the network is closed")
	}
	out, err := n.exec.Call(tensors.FromFlatDataAndDimensions(x, batch, Side, Side, 1))
	if err != nil {
		return nil, nil, fmt.Errorf("fashioncnn: %s", firstLine(err))
	}
	if features, err = tensors.CopyFlatData[float32](out[0]); err != nil {
		return nil, nil, fmt.Errorf("fashioncnn: %w", err)
	}
	if logits, err = tensors.CopyFlatData[float32](out[1]); err != nil {
		return nil, nil, fmt.Errorf("fashioncnn: %w", err)
	}
	return features, logits, nil
}

// Close frees the device's memory. Calls after it return an error.
func (n *Network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.closed = true
		n.exec.Finalize()
		n.store.Finalize()
	}
	return nil
}

// firstLine is the message of a graph error without the stack that follows it.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
