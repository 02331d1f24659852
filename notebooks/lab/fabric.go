package lab

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/metrics"
)

// Weave dyes pictures with fine stripes, each in a direction of its own, as fabrics have: samples are multiplied by
//
//	1 - depth·(1 + cos(2π d/period))/2
//
// with the distance d across the stripes in pixels. What is black stays black. A period of some pixels is detail that a
// smaller picture cannot hold: a resize must average it away, or it comes back as stripes that were never there.
func Weave(p *Pictures, period, depth float64, seed uint64) *Pictures {
	return p.each(func(i int, m *imaging.Image8) *imaging.Image8 {
		angle := math.Pi * rand.New(rand.NewPCG(seed, uint64(i)+1)).Float64()
		dx, dy := math.Cos(angle), math.Sin(angle)
		out := imaging.NewImage8(m.H, m.W, m.C)
		for y := range m.H {
			for x := range m.W {
				wave := (1 + math.Cos(2*math.Pi*(dx*float64(x)+dy*float64(y))/period)) / 2
				for c := range m.C {
					at := (y*m.W+x)*m.C + c
					out.Pix[at] = level(float64(m.Pix[at]) * (1 - depth*wave))
				}
			}
		}
		return out
	})
}

// Resize makes size x size pixels of every picture by the rule of a program, as it does for its network, and rounds the
// result to 8 bits, so that another network can look at it. Grey pictures stay grey.
func Resize(p *Pictures, rule metrics.Preprocess, size int) (*Pictures, error) {
	const colours = 3 // what the rules are for
	for i, m := range p.Images {
		if m.C != 1 {
			return nil, fmt.Errorf("lab: picture %d has %d channels; only grey ones are resized here", i, m.C)
		}
	}
	var failed error
	out := p.each(func(_ int, m *imaging.Image8) *imaging.Image8 {
		x := make([]float32, len(m.Pix)*colours)
		for i, v := range m.Pix {
			x[colours*i], x[colours*i+1], x[colours*i+2] = float32(v), float32(v), float32(v)
		}
		y, err := rule.Resize(x, m.H, m.W, size)
		if err != nil {
			failed = err
			return m
		}
		small := imaging.NewImage8(size, size, 1)
		for i := range small.Pix {
			small.Pix[i] = level(float64(y[colours*i]))
		}
		return small
	})
	if failed != nil {
		return nil, fmt.Errorf("lab: %w", failed)
	}
	out.Title = string(rule)
	return out, nil
}
