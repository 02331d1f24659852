package figures

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Normal is a one-dimensional normal distribution.
type Normal struct{ Mean, Std float64 }

// density returns exp(-(x-μ)²/2σ²) / (σ √(2π)).
func (n Normal) density(x float64) float64 {
	t := (x - n.Mean) / n.Std
	return math.Exp(-t*t/2) / (n.Std * math.Sqrt(2*math.Pi))
}

// Discriminator returns the best discriminator of p against q at x,
//
//	D*(x) = p(x) / (p(x) + q(x))
//
// Goodfellow et al. 2014, proposition 1, https://arxiv.org/abs/1406.2661. It is 1/(1 + q/p), with the ratio from the
// logarithms, so that it is right where both densities are too small for a float.
func Discriminator(p, q Normal, x float64) float64 {
	tp, tq := (x-p.Mean)/p.Std, (x-q.Mean)/q.Std
	return 1 / (1 + math.Exp((tp*tp-tq*tq)/2+math.Log(p.Std/q.Std)))
}

// Densities draws the game in one dimension, a panel for each generator: the density p of the data, the density p_g of
// the generator, and the best discriminator D* = p/(p + p_g) between them. titles and generators have equal length.
func Densities(data Normal, generators []Normal, titles []string) (*Figure, error) {
	if len(generators) == 0 || len(generators) != len(titles) {
		return nil, fmt.Errorf("figures: %d generators and %d titles", len(generators), len(titles))
	}
	figure := &Figure{width: fullWidth}
	low, high, top := data.Mean-4*data.Std, data.Mean+4*data.Std, 1.0
	for _, g := range append(generators[:len(generators):len(generators)], data) {
		if g.Std <= 0 {
			return nil, fmt.Errorf("figures: a standard deviation of %g; want a positive one", g.Std)
		}
		low, high = min(low, g.Mean-3*g.Std), max(high, g.Mean+3*g.Std)
		top = max(top, g.density(g.Mean))
	}
	for i, g := range generators {
		const points = 400
		var real, fake, best Series
		real.Name, fake.Name, best.Name = "p", "p_g", "D*"
		fake.Dashed = true // at equilibrium it lies on p
		for k := range points + 1 {
			x := low + (high-low)*float64(k)/points
			for _, s := range []struct {
				to *Series
				y  float64
			}{{&real, data.density(x)}, {&fake, g.density(x)}, {&best, Discriminator(data, g, x)}} {
				s.to.X, s.to.Y = append(s.to.X, x), append(s.to.Y, s.y)
			}
		}
		axes := Axes{Title: titles[i], X: "x", YMin: 0, YMax: top * 1.05}
		p, err := linePanel(axes, []Series{real, fake, best}, []Guide{{Name: "1/2", Y: 0.5}})
		if err != nil {
			return nil, err
		}
		figure.panels = append(figure.panels, p)
	}
	return figure, nil
}

// Histogram draws the shares of values that fall into equal bins over their common range, one outline for each series
// (its Y; X is not used).
func Histogram(axes Axes, bins int, series []Series) (*Figure, error) {
	if bins < 1 {
		return nil, fmt.Errorf("figures: %d bins; want at least 1", bins)
	}
	values := nothing()
	for _, s := range series {
		for _, y := range s.Y {
			if math.IsNaN(y) || math.IsInf(y, 0) {
				return nil, fmt.Errorf("figures: series %q holds %g", s.Name, y)
			}
			values.include(y)
		}
	}
	if values.low > values.high {
		return nil, fmt.Errorf("figures: %q has no value to count", strings.TrimSpace(axes.Title))
	}
	low, high := values.widened(0)
	p := newPanel(axes.Title, axes.X, axes.Y)
	p.Add(rules())
	width := (high - low) / float64(bins)
	var top float64
	for i, s := range series {
		shares := make([]float64, bins)
		for _, y := range s.Y {
			shares[min(bins-1, int((y-low)/width))] += 1 / float64(len(s.Y))
		}
		outline := plotter.XYs{{X: low}}
		for b, share := range shares {
			left := low + float64(b)*width
			outline = append(outline, plotter.XY{X: left, Y: share}, plotter.XY{X: left + width, Y: share})
			top = max(top, share)
		}
		outline = append(outline, plotter.XY{X: high})
		line := draw.LineStyle{Color: paint(i), Width: vg.Points(1.6)}
		p.Add(&plotter.Line{XYs: outline, LineStyle: line})
		p.name(s.Name, line)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, 0, top*1.08
	if axes.YMin != axes.YMax {
		p.Y.Min, p.Y.Max = axes.YMin, axes.YMax
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	return &Figure{panels: []*panel{p}, width: fullWidth}, nil
}
