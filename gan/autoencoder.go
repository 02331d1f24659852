package gan

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// autoencoder is both networks of a trained VAE in one program, which is built when it is first asked for.
type autoencoder struct {
	config  Config
	backend compute.Backend
	arrays  map[string]weights.Array // of a checkpoint
	both    *Inference               // nil: not built yet
}

// inference is what the program says of drawBatch pictures and as much noise.
type inference struct {
	mean, logVar                  [][]float32 // of q(z|x)
	pictures                      []*imaging.Image8
	reconstruction, kl, logWeight []float32 // one each; logWeight is log p(x|z)p(z)/q(z|x)
}

// close frees what was built.
func (a *autoencoder) close() {
	if a.both != nil {
		a.both.Close()
		a.both = nil
	}
}

// setWeights takes the variables of both networks; what was built with others is dropped.
func (a *autoencoder) setWeights(arrays map[string]weights.Array) {
	a.close()
	a.arrays = map[string]weights.Array{}
	for name, array := range arrays {
		scope, _, _ := strings.Cut(name, "/")
		if scope == a.config.averaged(EncoderScope) || scope == a.config.averaged(GeneratorPlayer) {
			a.arrays[name] = array
		}
	}
}

// build creates the variables with the weights, and the program.
func (a *autoencoder) build() error {
	if a.both != nil {
		return nil
	}
	if strings.Contains(a.config.Networks, "own encoder") && a.config.Encoder == nil {
		return errors.New("gan: this run was trained with an encoder of its own; give it to Load with gan.WithEncoder")
	}
	scopes := []string{a.config.averaged(EncoderScope), a.config.averaged(GeneratorPlayer)}
	both, err := NewInference(a.backend, scopes, a.graph,
		shapes.Make(dtypes.Float32, drawBatch, a.config.height(), a.config.ImageSize, a.config.Channels),
		shapes.Make(dtypes.Float32, drawBatch, a.config.Latents.Dim))
	if err != nil {
		return fmt.Errorf("gan: the autoencoder cannot be built: %w", err)
	}
	if err := both.SetWeights(a.arrays); err != nil {
		both.Close()
		return err
	}
	a.both = both
	return nil
}

// graph maps x [drawBatch, height, width, channels] and noise [drawBatch, latent_dim] to mean and log variance of q(z|x),
// both [drawBatch, latent_dim], the decoder's output for z, and -log p(x|z), KL and log p(x|z)p(z)/q(z|x), all [drawBatch].
func (a *autoencoder) graph(scope *model.Scope, inputs []*Node) []*Node {
	x, noise := inputs[0], inputs[1]
	v := vae{Config: a.config}
	at := func(name string) *model.Scope { return scope.At("%s", a.config.averaged(name)).ResetVisited() }
	mean, logVar := v.posterior(a.config.encoder()(at(EncoderScope), x))
	z := Reparameterize(mean, logVar, noise)
	y := a.config.generator()(at(GeneratorPlayer), z)
	reconstruction := v.negLogLikelihood(x, y)
	// The constants of both normal densities cancel: log p(z) - log q(z|x) = Σ (ε² + log σ² - z²)/2.
	prior := MulScalar(ReduceSum(Sub(Add(Square(noise), logVar), Square(z)), -1), 0.5)
	return []*Node{mean, logVar, y, reconstruction, KL(mean, logVar), Sub(prior, reconstruction)}
}

// call runs the program on pictures and noise of drawBatch rows.
func (a *autoencoder) call(x *tensors.Tensor, noise []float32) (*inference, error) {
	if err := a.build(); err != nil {
		return nil, err
	}
	out, err := a.both.Call(x, tensors.FromFlatDataAndDimensions(noise, drawBatch, a.config.Latents.Dim))
	if err != nil {
		return nil, fmt.Errorf("gan: encoding: %w", err)
	}
	e := &inference{}
	if e.pictures, err = Pictures(out[2]); err != nil {
		return nil, err
	}
	for i, to := range map[int]*[][]float32{0: &e.mean, 1: &e.logVar} {
		flat, err := tensors.CopyFlatData[float32](out[i])
		if err != nil {
			return nil, err
		}
		for row := range drawBatch {
			*to = append(*to, flat[row*a.config.Latents.Dim:(row+1)*a.config.Latents.Dim])
		}
	}
	for i, to := range map[int]*[]float32{3: &e.reconstruction, 4: &e.kl, 5: &e.logWeight} {
		if *to, err = tensors.CopyFlatData[float32](out[i]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// WithEncoder gives the code of a VAE's encoder that is not a preset's; see Generator.Encode.
func WithEncoder(network Network) LoadOption { return func(l *loading) { l.encoder = network } }

// Encode returns the mean and the log variance of q(z|x), [len(images)][latent_dim], of pictures of one size, which is not
// above the networks'. Only a VAE has an encoder; the error of other runs says so.
func (g *Generator) Encode(ctx context.Context, images []image.Image) (mean, logVar [][]float32, err error) {
	err = g.encode(ctx, images, func(e *inference, n int) {
		mean, logVar = append(mean, e.mean[:n]...), append(logVar, e.logVar[:n]...)
	})
	return mean, logVar, err
}

// Reconstruct returns what a VAE makes of pictures: the decoder's output for the mean of q(z|x). See Encode.
func (g *Generator) Reconstruct(ctx context.Context, images []image.Image) ([]image.Image, error) {
	var out []*imaging.Image8
	err := g.encode(ctx, images, func(e *inference, n int) { out = append(out, e.pictures[:n]...) })
	return asImages(out), err
}

// encode hands each drawBatch of pictures, without noise, to use; n of them are wanted.
func (g *Generator) encode(ctx context.Context, images []image.Image, use func(e *inference, n int)) error {
	noise := make([]float32, drawBatch*g.config.Latents.Dim)
	for at := 0; at < len(images); at += drawBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		some := images[at:min(len(images), at+drawBatch)]
		x, err := g.toTensor(some)
		if err != nil {
			return err
		}
		e, err := g.callAutoencoder(x, noise)
		if err != nil {
			return err
		}
		use(e, len(some))
	}
	return nil
}

// toTensor converts up to drawBatch pictures to x [drawBatch, height, width, channels], the last ones black.
func (g *Generator) toTensor(images []image.Image) (*tensors.Tensor, error) {
	size, c := images[0].Bounds().Size(), g.config.Channels
	n := size.X * size.Y * c
	pixels := make([]float32, drawBatch*n)
	for i, m := range images {
		if m.Bounds().Size() != size {
			return nil, fmt.Errorf("gan: pictures to encode must be of one size, got %v and %v", size, m.Bounds().Size())
		}
		imaging.ToImage8(m, c).Floats(pixels[i*n : (i+1)*n])
	}
	x := tensors.FromFlatDataAndDimensions(pixels, drawBatch, size.Y, size.X, c)
	x, err := fit(x, g.config.height(), g.config.ImageSize, c)
	if err != nil {
		return nil, fmt.Errorf("gan: encoding: %w", err)
	}
	return x, nil
}

func (g *Generator) callAutoencoder(x *tensors.Tensor, noise []float32) (*inference, error) {
	if g.auto == nil {
		return nil, errors.New("gan: this generator has no encoder; train it with method vae (presets vae, vae-mlp, vae-conv)")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, errors.New("gan: the generator is closed")
	}
	return g.auto.call(x, noise)
}
