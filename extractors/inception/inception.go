// Package inception is the network of FID, Inception Score, KID and sFID: Inception v3 as TensorFlow published it on
// 2015-12-05, with 1008 outputs. Scores of other Inception networks, torchvision's among them, cannot be compared.
//
// The graph follows the weights' own program, not the paper: average poolings divide by the number of pixels inside the
// picture, the last block takes maxima where the others take means, batch norm adds 1e-3 to variances, and the logits of
// the Inception Score leave out the bias of the last layer.
package inception

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Name is what scores call the network.
const Name = "inception-2015"

// Sizes of the network's input and outputs.
const (
	Size            = 299 // pixels of a side
	Features        = 2048
	SpatialFeatures = 17 * 17 * spatialChannels

	spatialChannels = 7
)

// batchOn is the number of pictures of one call of a device. On a CPU more takes memory and no less time (measured with 4
// to 32 pictures); accelerators need more to be busy (not measured). The pure Go backend gains nothing from any.
func batchOn(platform string) int {
	switch platform {
	case "go":
		return 1
	case "cuda", "tpu":
		return 64
	}
	return 16
}

// Options says which weights to open and whom to tell about it. nil, like the zero value, takes the published weights.
type Options struct {
	// Weights is a file that weights.Read opens with a state dict of the network. "" takes the published file from the
	// cache, downloading it once (96 MB).
	Weights string
	// Progress is told how far the download is, at most ten times a second; total is -1 if unknown.
	Progress func(name string, done, total int64)

	mirrors []string // tests replace the published addresses and checksum,
	sha256  string
	batch   int // and the number of pictures of one call
}

// Network is the opened network. It is safe for concurrent use; calls of the device follow one another.
type Network struct {
	sha256       string
	depth        int  // the stages that the weights have
	head         bool // they have the last layer
	batch        int
	bias         []float32
	preprocessor *extractors.Preprocessor

	mu         sync.Mutex // one call of the device at a time; Close
	parameters []*tensors.Tensor
	features   *graph.Exec // pool, spatial, logits: those that there are
	taps       *graph.Exec // the same, and the outputs of the first stages
	closed     bool
}

var _ extractors.Extractor = (*Network)(nil)

// Open reads the weights and copies them to the device. It compiles nothing: the first call of Extract does. The weights
// must have all convolutions; [Network.Forward] alone also takes those of OpenPart.
func Open(ctx context.Context, device *accel.Device, opt *Options) (*Network, error) {
	n, err := OpenPart(ctx, device, opt)
	if err != nil {
		return nil, err
	}
	if n.depth < stages {
		n.Close()
		return nil, fmt.Errorf("inception: these weights end after block %d of %d, before the features of FID", n.depth-1, stages-1)
	}
	return n, nil
}

// OpenPart is Open for weights that may end after an early stage, as pytorch-fid's class saves them where it was asked for
// early features only.
func OpenPart(ctx context.Context, device *accel.Device, opt *Options) (*Network, error) {
	s, sum, err := load(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("inception: %w", err)
	}
	n := &Network{sha256: sum, depth: s.depth, head: s.head, batch: batchOn(device.Platform())}
	if opt != nil && opt.batch > 0 {
		n.batch = opt.batch
	}
	if n.bias, err = s.bias(); err != nil {
		return nil, fmt.Errorf("inception: %w", err)
	}
	if n.preprocessor, err = extractors.NewPreprocessor(device.Backend, Size); err != nil {
		return nil, err
	}
	program := func(taps bool) func(inputs []*graph.Node) []*graph.Node {
		return func(inputs []*graph.Node) []*graph.Node {
			return build(inputs[0], inputs[1:], n.depth, n.head).list(taps)
		}
	}
	if n.features, err = graph.NewExec(device.Backend, program(false)); err != nil {
		return nil, fmt.Errorf("inception: %w", err)
	}
	if n.taps, err = graph.NewExec(device.Backend, program(true)); err != nil {
		return nil, fmt.Errorf("inception: %w", err)
	}
	if n.parameters, err = s.upload(device.Backend); err != nil {
		return nil, fmt.Errorf("inception: %w", err)
	}
	return n, nil
}

// list returns the nodes that there are, in a fixed order.
func (o outputs) list(taps bool) []*graph.Node {
	nodes := []*graph.Node{o.pool, o.spatial, o.logits}
	if taps {
		nodes = append(nodes, o.taps[:]...)
	}
	return slices.DeleteFunc(nodes, func(n *graph.Node) bool { return n == nil })
}

// Name implements extractors.Extractor.
func (n *Network) Name() string { return Name }

// WeightsSHA256 implements extractors.Extractor.
func (n *Network) WeightsSHA256() string { return n.sha256 }

// WeightsOfficial says whether the file is the published one, byte for byte.
func (n *Network) WeightsOfficial() bool { return n.sha256 == SHA256 }

// Width implements extractors.Extractor: 2048, 1008, 2023. Weights that pytorch-fid's class saved have no logits.
func (n *Network) Width(o extractors.Output) int {
	switch {
	case o == extractors.Pool && n.depth == stages:
		return Features
	case o == extractors.Logits && n.head:
		return classes
	case o == extractors.Spatial && n.depth >= stages-1:
		return SpatialFeatures
	}
	return 0
}

// Preprocesses implements extractors.Extractor.
func (n *Network) Preprocesses() []extractors.Preprocess {
	return []extractors.Preprocess{extractors.TF1, extractors.PytorchFID, extractors.Clean, extractors.Torchmetrics}
}

// Batch implements extractors.Extractor.
func (n *Network) Batch() int { return n.batch }

// Close frees the device's memory. Calls after it return an error.
func (n *Network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.closed = true
		n.features.Finalize()
		n.taps.Finalize()
		finalize(n.parameters)
		return n.preprocessor.Close()
	}
	return nil
}

// Extract implements extractors.Extractor: pool is pool3 [2048], logits are those of the Inception Score, without the
// bias [1008], spatial are sFID's features [2023].
func (n *Network) Extract(ctx context.Context, images []*imaging.Image8, p extractors.Preprocess,
	wanted ...extractors.Output) ([][]float32, error) {
	out := make([][]float32, len(wanted))
	for i, o := range wanted {
		if n.Width(o) == 0 {
			return nil, fmt.Errorf("inception: these weights give no output %q", o)
		}
		out[i] = make([]float32, 0, len(images)*n.Width(o))
	}
	if !slices.Contains(n.Preprocesses(), p) {
		return nil, fmt.Errorf("inception: there is no preprocessing %q; there are %v", p, n.Preprocesses())
	}
	if err := extractors.Check(images); err != nil {
		return nil, err
	}
	for at := 0; at < len(images); at += n.batch {
		if err := n.ready(ctx); err != nil {
			return nil, err
		}
		part := images[at:min(at+n.batch, len(images))]
		x, err := n.preprocessor.Run(part, p, n.batch)
		if err != nil {
			return nil, err
		}
		rows, err := n.run(x, false)
		if err != nil {
			return nil, err
		}
		for i, o := range wanted {
			out[i] = append(out[i], rows[string(o)][:len(part)*n.Width(o)]...)
		}
	}
	return out, nil
}

var errClosed = errors.New("inception: the network is closed")

// ready returns an error if no further call of the device shall be made.
func (n *Network) ready(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return errClosed
	}
	return ctx.Err()
}

// Names of the outputs of the first stages, by their numbers of channels as in pytorch-fid.
var tapNames = [stages - 1]string{"64", "192", "768"}

// names are those of the outputs of a program, in the order of list.
func (n *Network) names(taps bool) []string {
	var names []string
	for _, o := range []extractors.Output{extractors.Pool, extractors.Spatial, extractors.Logits} {
		if n.Width(o) > 0 {
			names = append(names, string(o))
		}
	}
	if taps {
		names = append(names, tapNames[:min(n.depth, len(tapNames))]...)
	}
	return names
}

// run computes the outputs of x [batch, 299, 299, 3], which it frees: by name, flat.
func (n *Network) run(x *tensors.Tensor, taps bool) (map[string][]float32, error) {
	defer x.FinalizeAll()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, errClosed
	}
	args := []any{x}
	for _, p := range n.parameters {
		args = append(args, p)
	}
	program := n.features
	if taps {
		program = n.taps
	}
	results, err := program.Call(args...)
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("inception: %s", line)
	}
	defer finalize(results)
	out := map[string][]float32{}
	for i, name := range n.names(taps) {
		if out[name], err = tensors.CopyFlatData[float32](results[i]); err != nil {
			return nil, fmt.Errorf("inception: %w", err)
		}
	}
	return out, nil
}
