package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/gan/toy"
	"github.com/gogan-ml/gogan/notebooks/figures"
	"github.com/gogan-ml/gogan/weights"
)

var wgangpToy = Experiment{Name: "wgan-gp-toy",
	About: "critics against a fixed generator, data + N(0, 1): weight clipping, gradient penalties of λ 0.1, 1 and 10; 128 units of 512",
	Run: func(ctx context.Context, b Bench) error {
		for _, data := range []toy.Distribution{toy.WGANGPRing(), toy.WGANGPGrid(), toy.SwissRoll{}} {
			for _, cfg := range []toy.Config{toy.ClippedCritic(), toy.Critic(0.1), toy.Critic(1), toy.Critic(10)} {
				cfg.Data, cfg.Seed = data, 1
				cfg.Units, cfg.CriticUnits = 128, 128 // of 512
				if err := b.critic(ctx, cfg); err != nil {
					return err
				}
			}
		}
		return nil
	}}

const (
	criticSide   = 49     // nodes in each direction of the grid on which a critic is kept
	criticReach  = 3.0    // the grid covers [-criticReach, criticReach]², as the authors' picture
	criticPoints = 10_000 // of either side, to measure the gap and gradients
	criticStep   = 0.01   // h of the differences
	keptWeights  = 1001   // quantiles
)

// critic trains one critic and keeps of it, in ROW-DATA.npz, its values on a grid, "value" [y][x], and quantiles of its
// weights, "weights" [keptWeights].
func (b Bench) critic(ctx context.Context, cfg toy.Config) error {
	row := "clipping"
	if cfg.ClipWeights == 0 {
		row = fmt.Sprintf("lambda %g", cfg.GPLambda)
	}
	row += " " + cfg.Data.Name()
	trial := figures.Trial{Row: row, Seed: cfg.Seed, Steps: b.steps(cfg.PaperSteps, 20), PaperSteps: cfg.PaperSteps}
	file := fmt.Sprintf("%s-%g-%s", cfg.Preset, cfg.GPLambda, cfg.Data.Name())
	dir := filepath.Join(b.Runs, file)
	r, err := b.train(ctx, dir, cfg, &trial)
	if err != nil {
		return err
	}
	defer r.Close()
	if trial.Values, err = measureCritic(r, cfg); err != nil {
		return err
	}
	values, err := r.Critic(plane())
	if err != nil {
		return err
	}
	quantiles, err := criticWeights(dir)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	arrays := map[string]weights.Array{"value": weights.FromFloat32(values, criticSide, criticSide), "weights": weights.FromFloat32(quantiles, keptWeights)}
	if err := weights.WriteNPZ(&out, arrays, true); err != nil {
		return err
	}
	if err := b.write(file+".npz", out.Bytes()); err != nil {
		return err
	}
	return b.add(trial)
}

// plane returns the nodes of the grid, row by row from the bottom.
func plane() toy.Points {
	var at toy.Points
	for y := range criticSide {
		for x := range criticSide {
			at = append(at, node(x), node(y))
		}
	}
	return at
}

func node(i int) float32 { return float32(criticReach * (2*float64(i)/(criticSide-1) - 1)) }

// measureCritic returns, of new points, "gap", the difference of the critic's means on reals and on fakes, and of the norm of
// its gradient on straight lines between them, where the penalty acts, the mean "norm", the standard deviation "norm_sd" and
// the largest, "steepest".
func measureCritic(r *toy.Run, cfg toy.Config) (map[string]float64, error) {
	reals := toy.Draw(cfg.Data, criticPoints, 2)
	fakes, err := r.Draw(criticPoints, 1)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for i, points := range []toy.Points{reals, fakes} {
		values, err := r.Critic(points)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			out["gap"] += float64(1-2*i) * float64(v) / criticPoints
		}
	}
	norms, err := criticSlopes(r, between(reals, fakes))
	if err != nil {
		return nil, err
	}
	out["steepest"] = slices.Max(norms)
	for _, n := range norms {
		out["norm"] += n / criticPoints
	}
	for _, n := range norms {
		out["norm_sd"] += (n - out["norm"]) * (n - out["norm"]) / criticPoints
	}
	out["norm_sd"] = math.Sqrt(out["norm_sd"])
	return out, nil
}

// between returns a point on the line from each point of a to that of b, uniformly.
func between(a, b toy.Points) toy.Points {
	rng := rand.New(rand.NewPCG(3, 0))
	out := slices.Clone(a)
	for i := range a.Len() {
		share := rng.Float32()
		for axis := 2 * i; axis < 2*i+2; axis++ {
			out[axis] += share * (b[axis] - a[axis])
		}
	}
	return out
}

// criticSlopes returns the norm of the critic's gradient at points: central differences, which are exact within a piece of a
// network of ReLUs.
func criticSlopes(r *toy.Run, at toy.Points) ([]float64, error) {
	norms := make([]float64, at.Len())
	for axis := range 2 {
		var sides [2][]float32
		for side, h := range []float32{-criticStep, criticStep} {
			moved := slices.Clone(at)
			for i := axis; i < len(moved); i += 2 {
				moved[i] += h
			}
			var err error
			if sides[side], err = r.Critic(moved); err != nil {
				return nil, err
			}
		}
		for i := range norms {
			norms[i] = math.Hypot(norms[i], float64(sides[1][i]-sides[0][i])/(2*criticStep))
		}
	}
	return norms, nil
}

// criticWeights returns keptWeights quantiles of the critic's weights, biases left out, in the newest checkpoint of a run.
func criticWeights(dir string) ([]float32, error) {
	d, err := run.Open(dir)
	if err != nil {
		return nil, err
	}
	_, arrays, _, _, err := d.Load()
	if err != nil {
		return nil, err
	}
	var all []float32
	for name, a := range arrays {
		if strings.HasPrefix(name, gan.DiscriminatorPlayer+"/") && strings.HasSuffix(name, "/weight") {
			values, err := a.Float32s()
			if err != nil {
				return nil, err
			}
			all = append(all, values...)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the checkpoint in %s has no weights of a critic", dir)
	}
	slices.Sort(all)
	out := make([]float32, keptWeights)
	for i := range out {
		out[i] = all[i*(len(all)-1)/(keptWeights-1)]
	}
	return out, nil
}
