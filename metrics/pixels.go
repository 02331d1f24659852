package metrics

import (
	"context"
	"fmt"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
)

// Pixels is the extractor of [Nearest] that takes the samples of a picture for its features.
const Pixels = "pixels"

// pixels is an extractor without a network: a row is the picture, samples 0 to 255 in the order height, width, channel.
type pixels struct{ h, w, c int }

// pixelsLike returns an extractor for pictures of the size and channels of the first of some.
func pixelsLike(images Images) (pixels, error) {
	if images == nil {
		return pixels{}, fmt.Errorf("metrics: there are no %s", realSide)
	}
	for img, err := range images.All() {
		if err != nil {
			return pixels{}, &PictureError{realSide, 0, err}
		}
		b := img.Bounds()
		return pixels{b.Dy(), b.Dx(), imaging.Channels(img)}, nil
	}
	return pixels{}, fmt.Errorf("metrics: there are no %s", realSide)
}

func (pixels) Name() string                  { return Pixels }
func (pixels) WeightsSHA256() string         { return "" }
func (pixels) WeightsOfficial() bool         { return false }
func (pixels) Preprocesses() []Preprocess    { return []Preprocess{"none"} }
func (pixels) Batch() int                    { return 64 }
func (pixels) Close() error                  { return nil }
func (p pixels) Width(extractors.Output) int { return p.h * p.w * p.c }

// Extract implements [extractors.Extractor]. Grey is replicated where the first picture had colour.
func (p pixels) Extract(ctx context.Context, images []*imaging.Image8, _ Preprocess, outputs ...extractors.Output) ([][]float32, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	rows := make([]float32, 0, len(images)*p.h*p.w*p.c)
	for _, m := range images {
		if m.H != p.h || m.W != p.w || m.C > p.c {
			return nil, fmt.Errorf("metrics: pixels of a picture of %dx%d with %d channels do not compare with those of %dx%d with %d: "+
				"bring all to one size and colour, or compare features", m.W, m.H, m.C, p.w, p.h, p.c)
		}
		if m.C != p.c {
			m = imaging.ToImage8(m.Image(), p.c)
		}
		for _, v := range m.Pix {
			rows = append(rows, float32(v))
		}
	}
	out := make([][]float32, len(outputs))
	for i := range out {
		out[i] = rows
	}
	return out, nil
}
