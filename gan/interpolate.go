package gan

import (
	"context"
	"fmt"
	"image"
	"math"
)

// Interpolate draws steps pictures from each seed to the next, both ends included: rows of steps pictures, one row less
// than there are seeds. spherical walks on great circles (Slerp), which is for normal latents, else on lines (Lerp);
// Latents.Normal says which fits. Of a generator with classes all pictures are of class 0 unless the option Class says
// otherwise. It returns an error with fewer than two seeds or two steps.
//
// Radford et al. 2016, section 6.1, https://arxiv.org/abs/1511.06434: on such a walk pictures change smoothly where a
// generator has learned more than its data by heart.
func (g *Generator) Interpolate(ctx context.Context, seeds []int64, steps int, spherical bool, options ...SampleOption) ([]image.Image, error) {
	rows, err := g.walk(seeds, steps, spherical)
	if err != nil {
		return nil, err
	}
	return g.Synthesize(ctx, rows, options...)
}

// Loop draws the closed walk through all seeds and back to the first, steps pictures on the way from each to the next, of
// which the first is the seed's own: an animation of them repeats without a jump. For the rest see Interpolate.
func (g *Generator) Loop(ctx context.Context, seeds []int64, steps int, spherical bool, options ...SampleOption) ([]image.Image, error) {
	if len(seeds) < 2 || steps < 1 {
		return nil, fewPoints(len(seeds), steps, 1)
	}
	closed := append(seeds[:len(seeds):len(seeds)], seeds[0])
	rows, err := g.walk(closed, steps+1, spherical)
	if err != nil {
		return nil, err
	}
	var z [][]float32
	for i, row := range rows {
		if i%(steps+1) != steps { // the end of a leg is the start of the next
			z = append(z, row)
		}
	}
	return g.Synthesize(ctx, z, options...)
}

// walk returns steps latents from each seed to the next, both ends included.
func (g *Generator) walk(seeds []int64, steps int, spherical bool) (z [][]float32, err error) {
	if len(seeds) < 2 || steps < 2 {
		return nil, fewPoints(len(seeds), steps, 2)
	}
	join := Lerp
	if spherical {
		join = Slerp
	}
	ends := g.Latents(seeds)
	for i := range len(ends) - 1 {
		z = append(z, join(ends[i], ends[i+1], steps)...)
	}
	return z, nil
}

func fewPoints(seeds, steps, least int) error {
	return fmt.Errorf("gan: interpolation between %d seeds in %d steps: want at least 2 seeds and %d steps", seeds, steps, least)
}

// Lerp returns steps points on the line from a to b, both ends included; steps is at least 2. For latents of a
// uniform distribution.
func Lerp(a, b []float32, steps int) [][]float32 {
	return between(steps, func(t float64) []float32 { return mix(a, b, 1-t, t) })
}

// Slerp returns steps points on the great circle from a to b, both ends included; steps is at least 2. For latents of
// N(0, I), which lie near a sphere: points on the line between two of them are shorter than any that G has seen.
//
//	q(t) = sin((1-t)ω)/sin ω · a + sin(tω)/sin ω · b,    cos ω = a·b / (|a||b|)
//
// White 2016, https://arxiv.org/abs/1609.04468, section 2.1 (after Shoemake 1985). Where a and b point the same or the
// opposite way the circle is not defined, and the line is taken.
func Slerp(a, b []float32, steps int) [][]float32 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	omega := math.Acos(max(-1, min(1, ab/math.Sqrt(aa*bb))))
	if s := math.Sin(omega); s > 1e-6 {
		return between(steps, func(t float64) []float32 {
			return mix(a, b, math.Sin((1-t)*omega)/s, math.Sin(t*omega)/s)
		})
	}
	return Lerp(a, b, steps)
}

func between(steps int, at func(t float64) []float32) [][]float32 {
	out := make([][]float32, max(2, steps))
	for i := range out {
		out[i] = at(float64(i) / float64(len(out)-1))
	}
	return out
}

func mix(a, b []float32, wa, wb float64) []float32 {
	out := make([]float32, len(a))
	for i := range out {
		out[i] = float32(wa*float64(a[i]) + wb*float64(b[i]))
	}
	return out
}
