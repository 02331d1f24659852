package stats

import (
	"fmt"
	"math"

	"github.com/gogan-ml/gogan/internal/mt19937"
)

// InceptionScore returns the Inception Score of generated pictures (Salimans et al. 2016, "Improved Techniques for
// Training GANs", https://arxiv.org/abs/1606.03498, sec. 4),
//
//	exp(E KL(p(y|x) ‖ p(y)))
//
// of their logits [N, C] without bias: "is", or "classifier_score_" with the name of another extractor. As in
// torch-fidelity the pictures are permuted by RandomState(Seed) and cut into ISSplits contiguous parts; Value is the
// mean over the parts and Std the standard deviation, divided by their number. Bootstrap replicates give the
// 95 % interval. It returns an error if no logits are kept
// or there are fewer than ISSplits.
func InceptionScore(fake *Stats, opt *Options) (Result, error) {
	o, err := opt.resolve()
	if err != nil {
		return Result{}, err
	}
	r := fake.describe(o)
	r.Name = named(r.Extractor, "is", "classifier_score")
	logits := fake.Logits
	if logits.N == 0 {
		return Result{}, fmt.Errorf("stats: %s: no logits of %s are kept", r.Name, fake.name("fake"))
	}
	if err := logits.check(); err != nil {
		return Result{}, fmt.Errorf("stats: %s: %s: %w", r.Name, fake.name("fake"), err)
	}
	if logits.N < o.ISSplits {
		return Result{}, fmt.Errorf("stats: %s: %s has %d pictures for %d splits: give more pictures, or fewer splits (--is-splits)",
			r.Name, fake.name("fake"), logits.N, o.ISSplits)
	}
	order := mt19937.New(uint32(o.Seed)).Permutation(logits.N)
	r.Value, r.Std = meanStd(inceptionScores(logits, order, o.ISSplits))
	r.StdOf = "splits"
	if r.CI, err = bootstrapInception(r.Value, logits, o); err != nil {
		return Result{}, err
	}
	return r, nil
}

// inceptionScores returns the score of each part of the rows in the given order.
func inceptionScores(logits Rows, order []int, splits int) []float64 {
	scores := make([]float64, splits)
	for s := range scores {
		part := order[s*len(order)/splits : (s+1)*len(order)/splits]
		marginal := make([]float64, logits.D)
		p := make([]float64, logits.D)
		negEntropy := 0.0 // Σ over rows of Σ p log p
		for _, i := range part {
			negEntropy += softmax(p, logits.Row(i))
			for j, v := range p {
				marginal[j] += v
			}
		}
		n := float64(len(part))
		kl := negEntropy / n
		for _, sum := range marginal {
			if q := sum / n; q > 0 {
				kl -= q * math.Log(q)
			}
		}
		scores[s] = math.Exp(kl)
	}
	return scores
}

// softmax writes the probabilities of a row of logits to p and returns Σ p log p.
func softmax(p []float64, logits []float32) float64 {
	largest := logits[0]
	for _, v := range logits {
		largest = max(largest, v)
	}
	sum, dot := 0.0, 0.0
	for j, v := range logits {
		x := float64(v) - float64(largest)
		e := math.Exp(x)
		p[j] = e
		sum += e
		dot += e * x
	}
	for j := range p {
		p[j] /= sum
	}
	return dot/sum - math.Log(sum)
}

// meanStd returns mean and standard deviation, divided by the number of values, as np.std does.
func meanStd(values []float64) (mean, std float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		std += (v - mean) * (v - mean) / n
	}
	return mean, math.Sqrt(std)
}
