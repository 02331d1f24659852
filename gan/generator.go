package gan

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"strings"
	"sync"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A Generator draws pictures from a trained run. It is safe for concurrent use.
type Generator struct {
	config Config

	mu      sync.Mutex // one call of the device at a time
	network *Inference
	closed  bool
	auto    *autoencoder // of a VAE, nil of others
}

// A picture must not depend on those that are drawn with it, so every call of the device draws the same number.
const drawBatch = 16

// newGenerator builds the variables of the generator that a run would sample from: the moving average if there is one.
func newGenerator(backend compute.Backend, cfg Config) (*Generator, error) {
	g := &Generator{config: cfg}
	if cfg.Method == MethodVAE {
		g.auto = &autoencoder{config: cfg, backend: backend}
	}
	inputs := []shapes.Shape{shapes.Make(dtypes.Float32, drawBatch, cfg.Latents.Dim)}
	if cfg.Classes > 0 {
		inputs = append(inputs, shapes.Make(dtypes.Int32, drawBatch))
	}
	player := cfg.averaged(GeneratorPlayer)
	var err error
	g.network, err = NewInference(backend, []string{player}, func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		x := cfg.generator()(scope.At("%s", player).ResetVisited(), inputs...)
		x.AssertDims(drawBatch, cfg.height(), cfg.ImageSize, cfg.Channels)
		return []*graph.Node{x}
	}, inputs...)
	if err != nil {
		return nil, fmt.Errorf("gan: the generator cannot be built: %w", err)
	}
	return g, nil
}

// averaged is the scope of the variables to draw with: that of the moving average, if there is one.
func (c Config) averaged(scope string) string {
	if c.EMAKimg > 0 {
		return scope + emaSuffix
	}
	return scope
}

// setWeights takes the generator's variables out of a checkpoint.
func (g *Generator) setWeights(arrays map[string]weights.Array) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.network.SetWeights(arrays); err != nil {
		return err
	}
	if g.auto != nil {
		g.auto.setWeights(arrays)
	}
	return nil
}

// Load opens the generator of a run directory at its newest checkpoint, of a file that `gogan weights convert RUN` made
// from one, or of another program's file (a generator of ForeignKinds). It needs neither the data nor the discriminator. A
// run with a generator of one's own needs WithGenerator.
func Load(path string, options ...LoadOption) (*Generator, error) {
	device, err := accel.Default(context.Background())
	if err != nil {
		return nil, err
	}
	return LoadOn(device, path, options...)
}

// A LoadOption changes what Load expects or takes.
type LoadOption func(*loading)

type loading struct {
	generator Network
	encoder   Network
	best      bool
}

// WithGenerator gives the code of a generator that is not a preset's.
func WithGenerator(network Network) LoadOption { return func(l *loading) { l.generator = network } }

// BestCheckpoint takes the checkpoint with the best score instead of the newest one; see Run.Evaluate. It is an error if
// the run has no scores.
func BestCheckpoint() LoadOption { return func(l *loading) { l.best = true } }

// LoadOn is Load on a device that the caller chose.
func LoadOn(device *accel.Device, path string, options ...LoadOption) (*Generator, error) {
	var l loading
	for _, option := range options {
		option(&l)
	}
	cfg, arrays, err := readModel(path, l.best)
	if err != nil {
		return nil, err
	}
	if l.generator != nil {
		cfg.Generator = l.generator
	}
	cfg.Encoder = l.encoder
	if strings.Contains(cfg.Networks, "own generator") && cfg.Generator == nil {
		return nil, fmt.Errorf("gan: %s was trained with a generator of its own; give it to Load with gan.WithGenerator", path)
	}
	g, err := newGenerator(device.Backend, cfg)
	if err != nil {
		return nil, err
	}
	if err := g.setWeights(arrays); err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return g, nil
}

// Config returns the config of the run.
func (g *Generator) Config() Config { return g.config }

// Seeds lists the seeds from (included) to (excluded).
func Seeds(from, to int64) []int64 {
	seeds := make([]int64, 0, max(0, to-from))
	for s := from; s < to; s++ {
		seeds = append(seeds, s)
	}
	return seeds
}

// Sample draws one picture for each seed: the same seed gives the same picture, whatever is drawn with it. A generator
// with classes shows class seed mod Classes unless the option Class says otherwise.
func (g *Generator) Sample(ctx context.Context, seeds []int64, options ...SampleOption) ([]image.Image, error) {
	out, err := g.draw(ctx, seeds, options...)
	return asImages(out), err
}

// A SampleOption changes what a conditional generator draws.
type SampleOption func(*sampling)

type sampling struct{ class *int }

// Class makes every picture one of class k, counted from 0 in the order of the data's classes.
func Class(k int) SampleOption { return func(s *sampling) { s.class = &k } }

// labels are the classes of n pictures: the option's, else byDefault.
func (g *Generator) labels(n int, byDefault func(i int) int32, options []SampleOption) ([]int32, error) {
	var s sampling
	for _, option := range options {
		option(&s)
	}
	switch {
	case s.class != nil && g.config.Classes == 0:
		return nil, errors.New("gan: this generator was trained without classes; leave the class out")
	case s.class != nil && (*s.class < 0 || *s.class >= g.config.Classes):
		return nil, fmt.Errorf("gan: class %d, this generator draws 0 to %d", *s.class, g.config.Classes-1)
	case g.config.Classes == 0:
		return nil, nil
	}
	labels := make([]int32, n)
	for i := range labels {
		if labels[i] = byDefault(i); s.class != nil {
			labels[i] = int32(*s.class)
		}
	}
	return labels, nil
}

// Latents returns z [len(seeds)][latent_dim], the latents of the seeds, to interpolate between.
func (g *Generator) Latents(seeds []int64) [][]float32 {
	flat, dim := g.config.Latents.Seeded(seeds), g.config.Latents.Dim
	rows := make([][]float32, len(seeds))
	for i := range rows {
		rows[i] = flat[i*dim : (i+1)*dim]
	}
	return rows
}

// Synthesize draws one picture for each row of z, each of length latent_dim; of class 0 unless the option Class says
// otherwise.
func (g *Generator) Synthesize(ctx context.Context, z [][]float32, options ...SampleOption) ([]image.Image, error) {
	dim := g.config.Latents.Dim
	flat := make([]float32, 0, len(z)*dim)
	for i, row := range z {
		if len(row) != dim {
			return nil, fmt.Errorf("gan: z[%d] has %d values, this generator takes %d", i, len(row), dim)
		}
		flat = append(flat, row...)
	}
	labels, err := g.labels(len(z), func(int) int32 { return 0 }, options)
	if err != nil {
		return nil, err
	}
	out, err := g.drawLatents(ctx, flat, labels)
	return asImages(out), err
}

func (g *Generator) draw(ctx context.Context, seeds []int64, options ...SampleOption) ([]*imaging.Image8, error) {
	k := int64(max(1, g.config.Classes))
	labels, err := g.labels(len(seeds), func(i int) int32 { return int32(((seeds[i] % k) + k) % k) }, options)
	if err != nil {
		return nil, err
	}
	return g.drawLatents(ctx, g.config.Latents.Seeded(seeds), labels)
}

// drawLatents draws pictures from z, flat rows, and their classes if the generator takes some.
func (g *Generator) drawLatents(ctx context.Context, z []float32, labels []int32) ([]*imaging.Image8, error) {
	if g.config.Sound() {
		return nil, errors.New("gan: this generator makes sounds, not pictures: draw them with SampleSounds")
	}
	return runLatents(ctx, g, z, labels, Pictures)
}

// runLatents runs the generator on z and labels in calls of drawBatch, each of whose outputs convert takes apart.
func runLatents[T any](ctx context.Context, g *Generator, z []float32, labels []int32, convert func(*tensors.Tensor) ([]T, error)) ([]T, error) {
	dim := g.config.Latents.Dim
	n := len(z) / dim
	out := make([]T, 0, n)
	for at := 0; at < n; at += drawBatch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chunk := make([]float32, drawBatch*dim) // the last call is filled up with zeros
		copy(chunk, z[at*dim:min(n, at+drawBatch)*dim])
		var classes []int32
		if labels != nil {
			classes = make([]int32, drawBatch)
			copy(classes, labels[at:min(n, at+drawBatch)])
		}
		x, err := g.call(chunk, classes)
		if err != nil {
			return nil, err
		}
		drawn, err := convert(x)
		if err != nil {
			return nil, err
		}
		out = append(out, drawn[:min(drawBatch, n-at)]...)
	}
	return out, nil
}

func (g *Generator) call(z []float32, labels []int32) (*tensors.Tensor, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, errors.New("gan: the generator is closed")
	}
	inputs := []any{tensors.FromFlatDataAndDimensions(z, drawBatch, g.config.Latents.Dim)}
	if labels != nil {
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(labels, drawBatch))
	}
	x, err := g.network.Call(inputs...)
	if err != nil {
		return nil, fmt.Errorf("gan: sampling: %w", err)
	}
	return x[0], nil
}

// Close frees the device's memory. Calls after it return an error.
func (g *Generator) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		g.network.Close()
		if g.auto != nil {
			g.auto.close()
		}
	}
	return nil
}

// Samples is a sequence of n pictures, drawn when it is read: seeds seed, seed+1, ... It is what metrics take.
type Samples struct {
	g       *Generator
	n       int
	seed    int64
	context context.Context
}

// Samples returns n pictures that are drawn when they are read.
func (g *Generator) Samples(n int, seed int64) *Samples {
	return &Samples{g: g, n: n, seed: seed, context: context.Background()}
}

// WithContext returns the same pictures; reading stops with ctx's error when it is cancelled.
func (s *Samples) WithContext(ctx context.Context) *Samples {
	copied := *s
	copied.context = ctx
	return &copied
}

// Len returns the number of pictures.
func (s *Samples) Len() int { return s.n }

// All draws the pictures in order.
func (s *Samples) All() iter.Seq2[image.Image, error] {
	return func(yield func(image.Image, error) bool) {
		for at := 0; at < s.n; at += drawBatch {
			images, err := s.g.Sample(s.context, Seeds(s.seed+int64(at), s.seed+int64(min(s.n, at+drawBatch))))
			if err != nil {
				yield(nil, err)
				return
			}
			for _, img := range images {
				if !yield(img, nil) {
					return
				}
			}
		}
	}
}

// Pictures converts x [n, height, width, channels] in [-1, 1].
func Pictures(x *tensors.Tensor) ([]*imaging.Image8, error) {
	d := x.Shape().Dimensions
	out := make([]*imaging.Image8, d[0])
	size := d[1] * d[2] * d[3]
	err := tensors.ConstFlatData(x, func(pix []float32) {
		for i := range out {
			out[i] = imaging.FromFloats(pix[i*size:(i+1)*size], d[1], d[2], d[3])
		}
	})
	return out, err
}

func asImages(in []*imaging.Image8) []image.Image {
	out := make([]image.Image, len(in))
	for i, m := range in {
		out[i] = m.Image()
	}
	return out
}

func gridImage(images []*imaging.Image8) image.Image {
	return imaging.Grid(images, gridSide, 2).Image()
}
