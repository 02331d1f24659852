package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"github.com/gogan-ml/gogan/gan/toy"
	"github.com/gogan-ml/gogan/notebooks/figures"
	"github.com/gogan-ml/gogan/weights"
)

var wgangpToy = Experiment{Name: "wgan-gp-toy",
	About: "critics against a fixed generator, data + N(0, 1): weight clipping, gradient penalties of λ 0.1, 1 and 10",
	Run: func(ctx context.Context, b Bench) error {
		for _, data := range []toy.Distribution{toy.WGANGPRing(), toy.WGANGPGrid(), toy.SwissRoll{}} {
			for _, cfg := range []toy.Config{toy.ClippedCritic(), toy.Critic(0.1), toy.Critic(1), toy.Critic(10)} {
				cfg.Data, cfg.Seed = data, 1
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
	criticPoints = 10_000 // of either side, to measure the gap
)

// critic trains one critic and keeps its values on a grid: the array "value" [y][x] of ROW-DATA.npz.
func (b Bench) critic(ctx context.Context, cfg toy.Config) error {
	row := "clipping"
	if cfg.ClipWeights == 0 {
		row = fmt.Sprintf("lambda %g", cfg.GPLambda)
	}
	row += " " + cfg.Data.Name()
	trial := figures.Trial{Row: row, Seed: cfg.Seed, Steps: b.steps(cfg.PaperSteps, 20), PaperSteps: cfg.PaperSteps}
	file := fmt.Sprintf("%s-%g-%s", cfg.Preset, cfg.GPLambda, cfg.Data.Name())
	r, err := b.train(ctx, filepath.Join(b.Runs, file), cfg, &trial)
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
	var out bytes.Buffer
	arrays := map[string]weights.Array{"value": weights.FromFloat32(values, criticSide, criticSide)}
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

// measureCritic returns the difference of the critic's means on new reals and on new fakes.
func measureCritic(r *toy.Run, cfg toy.Config) (map[string]float64, error) {
	fakes, err := r.Draw(criticPoints, 1)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for i, points := range []toy.Points{toy.Draw(cfg.Data, criticPoints, 2), fakes} {
		values, err := r.Critic(points)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			out["gap"] += float64(1-2*i) * float64(v) / criticPoints
		}
	}
	return out, nil
}
