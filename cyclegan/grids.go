package cyclegan

import (
	"context"
	"fmt"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A grid has a row for each of the first pictures of both domains: x, G(x), F(G(x)), y, F(y), G(F(y)).
const (
	gridRows    = 6
	gridColumns = 6
	gridGap     = 2 // pixels
)

// grids draws the grids of a run.
type grids struct {
	rows    []gan.Batch // a picture of each domain
	columns [][2]*imaging.Image8
	cycles  *gan.Inference
}

func newGrids(backend compute.Backend, cfg Config, data gan.Source) (*grids, error) {
	g := &grids{}
	for i := range int64(gridRows) {
		b, err := data.Next(i, 1)
		if err != nil {
			return nil, err
		}
		var pictures [2]*imaging.Image8
		for k, v := range []*tensors.Tensor{b.X, b.Y} {
			images, err := gan.Pictures(v)
			if err != nil {
				return nil, err
			}
			pictures[k] = images[0]
		}
		g.rows, g.columns = append(g.rows, b), append(g.columns, pictures)
	}
	picture := shapes.Make(dtypes.Float32, 1, cfg.Height, cfg.Width, cfg.Channels)
	var err error
	g.cycles, err = gan.NewInference(backend, []string{ScopeG, ScopeF}, cfg.cycles, picture, picture)
	if err != nil {
		return nil, fmt.Errorf("cyclegan: the generators cannot be built: %w", err)
	}
	return g, nil
}

// cycles maps x and y, both [1, height, width, channels], to G(x), F(G(x)), F(y) and G(F(y)).
func (c Config) cycles(root *model.Scope, inputs []*Node) []*Node {
	call := func(name string, x *Node) *Node {
		return c.Generator()(root.At(gan.GeneratorPlayer).At("%s", name).ResetVisited(), x)
	}
	gx, fy := call("G", inputs[0]), call("F", inputs[1])
	return []*Node{gx, call("F", gx), fy, call("G", fy)}
}

// reals are the pictures of the data: x and y of each row.
func (g *grids) reals() []*imaging.Image8 {
	var out []*imaging.Image8
	for _, pictures := range g.columns {
		out = append(out, pictures[0], pictures[1])
	}
	return out
}

// draw returns the pictures of all rows.
func (g *grids) draw(ctx context.Context, arrays map[string]weights.Array) ([]*imaging.Image8, error) {
	if err := g.cycles.SetWeights(arrays); err != nil {
		return nil, err
	}
	var out []*imaging.Image8
	for i, row := range g.rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		made, err := g.cycles.Call(row.X, row.Y)
		if err != nil {
			return nil, fmt.Errorf("cyclegan: drawing a grid: %w", err)
		}
		pictures := make([]*imaging.Image8, len(made))
		for k, v := range made {
			images, err := gan.Pictures(v)
			if err != nil {
				return nil, err
			}
			pictures[k] = images[0]
		}
		out = append(out, g.columns[i][0], pictures[0], pictures[1], g.columns[i][1], pictures[2], pictures[3])
	}
	return out, nil
}

func (g *grids) close() {
	if g.cycles != nil {
		g.cycles.Close()
	}
}
