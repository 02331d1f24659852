package stats

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/gogan-ml/gogan/metrics/stats/internal/linalg"
)

// The confidence intervals resample the pictures of each side with replacement (Efron 1979, "Bootstrap Methods: Another
// Look at the Jackknife"). Replicate i draws from the PCG generator with seed (Seed, i), the reals first. A side whose
// rows are not kept, such as one from a statistics file, stays as it is: the interval then knows nothing of its size.
// A replicate of a distance takes as long as the distance itself, and with more pictures than features as long as their
// moments on top.

// interval returns the 2.5 and 97.5 percentiles of the replicates, moved by what the value and their mean differ by. The
// scores of few pictures are biased (FID upwards), and resampling adds that bias a second time: the percentiles
// themselves would miss the value.
func interval(value float64, replicates []float64) [2]float64 {
	mean, _ := meanStd(replicates)
	sorted := slices.Sorted(slices.Values(replicates))
	return [2]float64{percentile(sorted, 0.025) + value - mean, percentile(sorted, 0.975) + value - mean}
}

// percentile interpolates between the two values nearest to a share of the sorted values.
func percentile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// replicate returns the generator of replicate i.
func replicate(seed int64, i int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), uint64(i))) }

// draw returns how often each of n pictures is drawn in n draws.
func draw(random *rand.Rand, n int) []int {
	times := make([]int, n)
	for range n {
		times[random.IntN(n)]++
	}
	return times
}

// resampled tells the caller that a replicate is done.
func (o Options) resampled(done int) error {
	if o.Resampled == nil {
		return nil
	}
	return o.Resampled(done, o.Bootstrap)
}

// bootstrap returns the interval of the distance between two sides, or none if the rows of neither are kept.
func bootstrap(value float64, sides [2]features, fixed [2]gaussian, o Options) ([2]float64, error) {
	if o.Bootstrap == 0 || sides[0].rows.N == 0 && sides[1].rows.N == 0 {
		return [2]float64{}, nil
	}
	replicates := make([]float64, o.Bootstrap)
	for i := range replicates {
		random := replicate(o.Seed, i)
		g := fixed
		for k, side := range sides {
			if side.rows.N > 0 {
				g[k] = gaussianOfTimes(side.rows, draw(random, side.rows.N), o.DDoF)
			}
		}
		replicates[i] = g[0].distance(g[1])
		if err := o.resampled(i + 1); err != nil {
			return [2]float64{}, err
		}
	}
	ends := interval(value, replicates)
	return [2]float64{max(0, ends[0]), ends[1]}, nil
}

// gaussianOfTimes returns the distribution of rows that occur the given numbers of times, as many in all as there are
// rows. The rows that occur, centred and weighed, are the factor if they are fewer than the features; else it comes from
// their covariance.
func gaussianOfTimes(rows Rows, times []int, ddof int) gaussian {
	mean := make([]float64, rows.D)
	var occurring []int
	for i, t := range times {
		if t == 0 {
			continue
		}
		occurring = append(occurring, i)
		for j, v := range rows.Row(i) {
			mean[j] += float64(t) * float64(v) / float64(rows.N)
		}
	}
	weighed := func(numbers []int) linalg.Matrix {
		m := linalg.New(len(numbers), rows.D)
		for k, i := range numbers {
			weight, to := math.Sqrt(float64(times[i])/float64(rows.N-ddof)), m.Row(k)
			for j, v := range rows.Row(i) {
				to[j] = weight * (float64(v) - mean[j])
			}
		}
		return m
	}
	if len(occurring) < rows.D {
		factor := weighed(occurring)
		return gaussian{mean, factor, false, factor.Norm2()}
	}
	cov := linalg.New(rows.D, rows.D)
	for numbers := range slices.Chunk(occurring, momentsBlock) {
		x := weighed(numbers)
		linalg.AddMul(cov, 1, x.T(), x, linalg.Lower)
	}
	l, triangular, _ := linalg.Factor(cov) // reads the lower triangle
	return gaussian{mean, l.T(), triangular, trace(cov.Data, rows.D)}
}

// bootstrapInception returns the interval of the Inception Score.
func bootstrapInception(value float64, logits Rows, o Options) ([2]float64, error) {
	if o.Bootstrap == 0 {
		return [2]float64{}, nil
	}
	replicates := make([]float64, o.Bootstrap)
	var wait sync.WaitGroup
	var mu sync.Mutex // of the two that follow
	done, stopped := 0, error(nil)
	next := func() bool { // after each replicate; false: no more
		mu.Lock()
		defer mu.Unlock()
		if done++; stopped == nil {
			stopped = o.resampled(done)
		}
		return stopped == nil
	}
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers { // every replicate draws for itself: who computes it does not matter
		wait.Go(func() {
			for i := worker; i < len(replicates); i += workers {
				random := replicate(o.Seed, i)
				order := make([]int, logits.N)
				for j := range order {
					order[j] = random.IntN(logits.N)
				}
				replicates[i], _ = meanStd(inceptionScores(logits, order, o.ISSplits))
				if !next() {
					return
				}
			}
		})
	}
	wait.Wait()
	if stopped != nil {
		return [2]float64{}, stopped
	}
	return interval(value, replicates), nil
}
