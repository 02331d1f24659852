package lab

import (
	"context"
	"image"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
)

// Reconstruct returns what the VAE of a run directory or an exported file makes of pictures.
func Reconstruct(ctx context.Context, path string, pictures []image.Image, options ...gan.LoadOption) ([]image.Image, error) {
	g, err := gan.Load(path, options...)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	return g.Reconstruct(ctx, pictures)
}

// Between encodes pictures and draws steps pictures on the line between the means of each two neighbours, the ends
// included: row after row of steps pictures, to show in as many columns.
func Between(ctx context.Context, path string, pictures []image.Image, steps int, options ...gan.LoadOption) ([]image.Image, error) {
	g, err := gan.Load(path, options...)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	means, _, err := g.Encode(ctx, pictures)
	if err != nil {
		return nil, err
	}
	var z [][]float32
	for i := range len(means) - 1 {
		z = append(z, gan.Lerp(means[i], means[i+1], steps)...)
	}
	return g.Synthesize(ctx, z)
}

// Evidence measures the VAE of a run directory or an exported file; see [gan.Generator.Evidence].
func Evidence(ctx context.Context, path string, data gan.Data, n, samples int, options ...gan.LoadOption) (gan.Evidence, error) {
	g, err := gan.Load(path, options...)
	if err != nil {
		return gan.Evidence{}, err
	}
	defer g.Close()
	return g.Evidence(ctx, data, n, samples)
}

// Sharpness is the mean over pictures of the variance of the Laplacian of grey levels, 0 to 255: it falls where pictures are
// blurred, and rises with noise. Only pixels with four neighbours count. Compare it between pictures of one size.
//
//	Δ = I(x-1,y) + I(x+1,y) + I(x,y-1) + I(x,y+1) - 4·I(x,y)
//
// LAPV of Pertuz et al. 2013, https://doi.org/10.1016/j.patcog.2012.11.011, after Pech-Pacheco et al. 2000.
func Sharpness(pictures []image.Image) float64 {
	sum := 0.0
	for _, p := range pictures {
		m := imaging.ToImage8(p, 1)
		at := func(x, y int) float64 { return float64(m.Pix[y*m.W+x]) }
		var n, mean, squares float64
		for y := 1; y < m.H-1; y++ {
			for x := 1; x < m.W-1; x++ {
				v := at(x-1, y) + at(x+1, y) + at(x, y-1) + at(x, y+1) - 4*at(x, y)
				n, mean, squares = n+1, mean+v, squares+v*v
			}
		}
		sum += squares/n - mean/n*mean/n
	}
	return sum / float64(len(pictures))
}

// SquaredError is the mean squared difference of the samples of pictures, which are of one size, scaled to [0, 1].
func SquaredError(a, b []image.Image) float64 {
	var sum, n float64
	for i := range a {
		x, y := imaging.ToImage8(a[i], imaging.Channels(a[i])), imaging.ToImage8(b[i], imaging.Channels(a[i]))
		for j := range x.Pix {
			d := (float64(x.Pix[j]) - float64(y.Pix[j])) / 255
			sum, n = sum+d*d, n+1
		}
	}
	return sum / n
}
