package metrics

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"math"
	"sync/atomic"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/internal/golden"
)

// network is an extractor whose features are linear in the pixels, so that tests can say what a score must be.
type network struct {
	name     string
	width    int // of pool and spatial
	batch    int
	rules    []Preprocess
	official bool
	headless bool                         // no logits
	broken   func(m *imaging.Image8) bool // pictures that give NaN

	pictures atomic.Int64 // that were extracted
	closed   atomic.Bool
}

// small is a network of 8 features that is not inception-2015.
func small() *network {
	return &network{name: "tiny-net", width: 8, batch: 4, rules: []Preprocess{"whole", "half"}, official: true}
}

// classes is the width of the logits.
const classes = 5

func (n *network) Name() string               { return n.name }
func (n *network) WeightsSHA256() string      { return "0123456789abcdef" }
func (n *network) WeightsOfficial() bool      { return n.official }
func (n *network) Preprocesses() []Preprocess { return n.rules }
func (n *network) Batch() int                 { return n.batch }
func (n *network) Close() error               { n.closed.Store(true); return nil }

func (n *network) Width(o extractors.Output) int {
	switch {
	case o != extractors.Logits:
		return n.width
	case n.headless:
		return 0
	}
	return classes
}

// Extract returns as feature j the mean over all samples of sample i times cos(i·(j+1)), half of it by another rule than
// the first.
func (n *network) Extract(ctx context.Context, images []*imaging.Image8, p Preprocess, outputs ...extractors.Output) ([][]float32, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(images) == 0 || len(images) > n.batch {
		return nil, fmt.Errorf("%d pictures at once, the batch is %d", len(images), n.batch)
	}
	n.pictures.Add(int64(len(images)))
	out := make([][]float32, len(outputs))
	for k, o := range outputs {
		for _, m := range images {
			for j := range n.Width(o) {
				sum := 0.0
				for i, v := range m.Pix {
					sum += float64(v) * math.Cos(float64(i*(j+1)))
				}
				if p != n.rules[0] {
					sum /= 2
				}
				if n.broken != nil && n.broken(m) {
					sum = math.NaN()
				}
				out[k] = append(out[k], float32(sum/float64(len(m.Pix))))
			}
		}
	}
	return out, nil
}

// pictures are 6 x 6 grey pictures by formula, brighter by shift.
type pictures struct {
	n, shift int
	salt     uint32
	rgb      bool
}

func (p pictures) Len() int     { return p.n }
func (p pictures) Name() string { return fmt.Sprintf("pictures %d", p.salt) }

func (p pictures) at(i int) image.Image {
	m := imaging.NewImage8(6, 6, 1)
	for k, v := range golden.Scaled(p.salt+uint32(i), len(m.Pix), 100) {
		m.Pix[k] = uint8(120 + int(v) + p.shift)
	}
	if p.rgb {
		return imaging.ToImage8(m.Image(), 3).Image()
	}
	return m.Image()
}

func (p pictures) All() iter.Seq2[image.Image, error] {
	return func(yield func(image.Image, error) bool) {
		for i := range p.n {
			if !yield(p.at(i), nil) {
				return
			}
		}
	}
}

// reversed are Images from the last to the first.
func reversed(p pictures) Images {
	return Sequence(p.n, func(yield func(image.Image, error) bool) {
		for i := range p.n {
			if !yield(p.at(p.n-1-i), nil) {
				return
			}
		}
	})
}

// unsized hides the length.
func unsized(images Images) Images { return Sequence(-1, images.All()) }

// damaged are Images of which every picture whose number is in bad cannot be read.
func damaged(p pictures, bad ...int) Images {
	return Sequence(p.n, func(yield func(image.Image, error) bool) {
		for i := range p.n {
			img, err := p.at(i), error(nil)
			for _, b := range bad {
				if i == b {
					img, err = nil, fmt.Errorf("photos/%04d.png: cut short", i)
				}
			}
			if !yield(img, err) {
				return
			}
		}
	})
}

var errReader = errors.New("nobody may read this")

// unread fails the test if it is read.
func unread(t *testing.T, n int) Images {
	return Sequence(n, func(yield func(image.Image, error) bool) {
		t.Error("the pictures were read")
		yield(nil, errReader)
	})
}

// near fails the test if two numbers differ by more than tolerance times the larger of 1 and want.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// mixed are n pictures of two sizes.
func mixed(n int) Images {
	return Sequence(n, func(yield func(image.Image, error) bool) {
		for i := range n {
			m := imaging.ToImage8(pictures{}.at(i), 1)
			if i%2 == 1 {
				m = imaging.CenterCrop(m, 4)
			}
			if !yield(m.Image(), nil) {
				return
			}
		}
	})
}
