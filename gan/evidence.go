package gan

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// Evidence is how well a VAE explains pictures: means in nats for each of them.
type Evidence struct {
	// Name of the data, the number of its pictures that were looked at, and of the z drawn for each.
	Data    string `json:"data"`
	N       int    `json:"n"`
	Samples int    `json:"samples"`
	// ELBO is the evidence lower bound E_q[log p(x|z)] - KL(q(z|x) || p(z)) <= log p(x), which is -Reconstruction - KL.
	ELBO           float64 `json:"elbo"`
	Reconstruction float64 `json:"reconstruction"`
	KL             float64 `json:"kl"`
	// ImportanceWeighted is a higher lower bound of log p(x), and the nearer to it the more samples there are:
	//
	//	E[log 1/k Σ_k p(x|z_k)p(z_k)/q(z_k|x)]
	//
	// Burda et al. 2016, equation 8, https://arxiv.org/abs/1509.00519. With one sample it is another estimate of ELBO.
	ImportanceWeighted float64 `json:"importance_weighted"`
}

// String is one line for people.
func (e Evidence) String() string {
	return fmt.Sprintf("ELBO %.2f nats (reconstruction %.2f, KL %.2f), importance-weighted bound %.2f (%d samples, %d pictures of %s)",
		e.ELBO, e.Reconstruction, e.KL, e.ImportanceWeighted, e.Samples, e.N, e.Data)
}

// Evidence measures a VAE on the first n pictures of data in the order of seed 0, with the given number of samples of
// q(z|x) for each, the same ones in each call. To tell what it learned from what it learned by heart, take pictures that it
// was not trained with. β plays no part. It returns an error for runs that have no encoder, and for n or samples below 1.
func (g *Generator) Evidence(ctx context.Context, data Data, n, samples int) (Evidence, error) {
	if n < 1 || samples < 1 {
		return Evidence{}, fmt.Errorf("gan: evidence of %d pictures with %d samples of each; want at least 1 of both", n, samples)
	}
	out := Evidence{Data: data.Name(), N: n, Samples: samples}
	source := g.config.source(data)
	source.seed = 0
	for at := 0; at < n; at += drawBatch {
		// A batch is always whole; what lies beyond n is not counted.
		batch, err := source.Next(int64(at), drawBatch)
		if err != nil {
			return Evidence{}, err
		}
		if err := g.addEvidence(ctx, &out, batch.X, at); err != nil {
			return Evidence{}, err
		}
	}
	out.Reconstruction /= float64(n * samples)
	out.KL /= float64(n)
	out.ELBO = -out.Reconstruction - out.KL
	out.ImportanceWeighted /= float64(n)
	return out, nil
}

// addEvidence adds up the pictures x, of which the first is number at.
func (g *Generator) addEvidence(ctx context.Context, sum *Evidence, x *tensors.Tensor, at int) error {
	pictures := min(drawBatch, sum.N-at)
	logWeights := make([][]float64, pictures)
	for k := range sum.Samples {
		if err := ctx.Err(); err != nil {
			return err
		}
		noise := make([]float32, drawBatch*g.config.Latents.Dim)
		g.config.Latents.draw(stream("evidence", int64(at), int64(k)), noise)
		e, err := g.callAutoencoder(x, noise)
		if err != nil {
			return err
		}
		for i := range pictures {
			sum.Reconstruction += float64(e.reconstruction[i])
			logWeights[i] = append(logWeights[i], float64(e.logWeight[i]))
			if k == 0 {
				sum.KL += float64(e.kl[i])
			}
		}
	}
	for _, w := range logWeights {
		sum.ImportanceWeighted += logMeanExp(w)
	}
	return nil
}

// logMeanExp is log of the mean of exp(v), without overflow.
func logMeanExp(v []float64) float64 {
	top, sum := math.Inf(-1), 0.0
	for _, x := range v {
		top = max(top, x)
	}
	for _, x := range v {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum/float64(len(v)))
}
