package gan

import (
	"math"

	"github.com/gogan-ml/gogan/blocks"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// What a config trains its generator as.
const (
	MethodGAN = "gan" // against a discriminator
	MethodVAE = "vae" // as the decoder of a variational autoencoder
)

// Names of the player of a VAE, and of the scope of its encoder. The decoder is the generator, with its variables.
const (
	VAEPlayer    = "vae"
	EncoderScope = "encoder"
)

// Distributions p(x|z) of a picture around the decoder's output.
const (
	Bernoulli = "bernoulli"
	Gaussian  = "gaussian"
)

// vae is the variational autoencoder of a resolved config: Kingma and Welling 2014, https://arxiv.org/abs/1312.6114.
type vae struct {
	Config
	e, g Network
}

// vaeSpec returns the phase list of a VAE: one player owns both networks and minimises one loss.
func (c Config) vaeSpec(data Data) Spec {
	v := vae{Config: c, e: c.encoder(), g: c.generator()}
	s := Spec{
		Seed: c.Seed, Batch: c.Batch, Latents: &c.Latents,
		Players: []Player{{Name: VAEPlayer, Scopes: []string{EncoderScope, GeneratorPlayer}, Optimizer: c.GeneratorOptimizer,
			LR: c.Schedule.Factor}},
		Phases: []Phase{{Name: "elbo", Player: VAEPlayer, Fresh: true, Reals: true, Loss: v.loss}},
		Source: c.source(data),
	}
	if c.EMAKimg > 0 {
		for _, scope := range s.Players[0].Scopes {
			s.Controllers = append(s.Controllers, EMA{Player: VAEPlayer, Scope: scope,
				Batch:    c.Batch * c.GeneratorOptimizer.steps(),
				Halflife: c.EMAKimg * float64(Kimg), Rampup: c.EMARampup})
		}
	}
	return s
}

// loss is what a VAE minimises, in nats for each image: the negative of the evidence lower bound, if β is 1.
//
//	L = E_q[-log p(x|z)] + β·KL(q(z|x) || p(z))
//
// Kingma and Welling 2014, equation 3, with one z for each x; β: Higgins et al. 2017, equation 4,
// https://openreview.net/forum?id=Sy2fzU9gl. The N(0, I) of the trainer is the noise of z.
func (v vae) loss(s *Step) *Node {
	mean, logVar := v.posterior(s.Network(EncoderScope, v.e, s.X))
	y := s.Network(GeneratorPlayer, v.g, Reparameterize(mean, logVar, s.Z))
	reconstruction, kl := ReduceAllMean(v.negLogLikelihood(s.X, y)), ReduceAllMean(KL(mean, logVar))
	loss := Add(reconstruction, MulScalar(kl, v.Beta))
	s.Report("loss_elbo", loss)
	s.Report("reconstruction", reconstruction)
	s.Report("kl", kl)
	return loss
}

// posterior splits the encoder's output [batch, 2·latent_dim] into mean and log variance of q(z|x).
func (v vae) posterior(out *Node) (mean, logVar *Node) {
	out.AssertDims(-1, 2*v.Latents.Dim)
	return Slice(out, AxisRange(), AxisRange(0, v.Latents.Dim)), Slice(out, AxisRange(), AxisRange(v.Latents.Dim))
}

// negLogLikelihood is -log p(x|z) [batch] of images x for the decoder's output y.
func (v vae) negLogLikelihood(x, y *Node) *Node {
	if v.Likelihood == Gaussian {
		return GaussianNLL(x, y, v.LikelihoodStd)
	}
	return BernoulliNLL(x, y)
}

// Reparameterize returns z = μ + σ·ε, a sample of N(μ, σ²) through which gradients flow.
//
//	mean μ, logVar log σ², noise ε ~ N(0, I): all [batch, latent_dim], as the result
//
// Kingma and Welling 2014, section 2.4.
func Reparameterize(mean, logVar, noise *Node) *Node {
	return Add(mean, Mul(Exp(MulScalar(logVar, 0.5)), noise))
}

// KL is the divergence of N(μ, σ²) from N(0, I), in nats, summed over the latents.
//
//	KL = -1/2 · Σ_j (1 + log σ_j² - μ_j² - σ_j²)      mean μ, logVar log σ²: [batch, latent_dim] -> [batch]
//
// Kingma and Welling 2014, appendix B.
func KL(mean, logVar *Node) *Node {
	return MulScalar(ReduceSum(Sub(OnePlus(logVar), Add(Square(mean), Exp(logVar))), -1), -0.5)
}

// BernoulliNLL is -log p(x|z) in nats, summed over pixels and channels, where every one of them is on with a probability.
//
//	-Σ_i (t_i·log p_i + (1 - t_i)·log(1 - p_i)) = Σ_i (softplus(l_i) - t_i·l_i)      [batch, height, width, channels] -> [batch]
//
// with t = (x+1)/2 for x in [-1, 1] and p = (y+1)/2 = sigmoid(l) for the decoder's output y = tanh(l/2). The logits l are
// taken from before that tanh, so that the value is finite and exact wherever tanh rounds to ±1. Grey levels are treated
// as if they were probabilities, as is usual; the density of such pictures is not normalised (Loaiza-Ganem and Cunningham
// 2019, https://arxiv.org/abs/1907.06845).
//
// Kingma and Welling 2014, appendix C.1. It panics when y is not the output of a tanh or the shapes differ.
func BernoulliNLL(x, y *Node) *Node {
	if !x.Shape().Equal(y.Shape()) || x.Rank() < 2 {
		exceptions.Panicf("gan: BernoulliNLL needs images and outputs of one shape [batch, ...], got %s and %s", x.Shape(), y.Shape())
	}
	if y.Type() != NodeTypeTanh {
		exceptions.Panicf("gan: a bernoulli likelihood takes its logits from before the tanh at the end of the generator, which ends in %s; "+
			"end it in graph.Tanh, or set likelihood to gaussian", y.Type())
	}
	logits, target := MulScalar(y.Inputs()[0], 2), MulScalar(OnePlus(x), 0.5)
	return sumOfEach(Sub(blocks.Softplus(logits), Mul(target, logits)))
}

// GaussianNLL is -log p(x|z) in nats, summed over pixels and channels, for N(y, std²·I).
//
//	Σ_i ((x_i - y_i)²/(2·std²) + log(2π·std²)/2)      x, y [batch, height, width, channels] in [-1, 1] -> [batch]
//
// Kingma and Welling 2014, appendix C.2, with one standard deviation for all pixels. It panics when the shapes differ.
func GaussianNLL(x, y *Node, std float64) *Node {
	if !x.Shape().Equal(y.Shape()) || x.Rank() < 2 {
		exceptions.Panicf("gan: GaussianNLL needs images and outputs of one shape [batch, ...], got %s and %s", x.Shape(), y.Shape())
	}
	constant := math.Log(2*math.Pi*std*std) / 2
	return sumOfEach(AddScalar(MulScalar(Square(Sub(x, y)), 1/(2*std*std)), constant))
}

// sumOfEach sums x [batch, ...] over all axes but the first.
func sumOfEach(x *Node) *Node { return ReduceSum(Reshape(x, x.Shape().Dim(0), -1), -1) }
