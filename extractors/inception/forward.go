package inception

import (
	"context"
	"fmt"
	"slices"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/tensors"
)

// Forward computes what the original classes return for an array x, whose axes are theirs:
//
//	float [n, 3, h, w] in [0, 1]   is treated as pytorch-fid's InceptionV3 does: resized to 299x299 and moved to [-1, 1]
//	uint8 [n, 3 or 1, h, w]        are pictures, which rule p makes the input of
//
// The result has, as far as the weights reach, "features" [n, 2048], "spatial" [n, 2023], "logits" and "logits_unbiased"
// [n, 1008]; with taps also the outputs of pytorch-fid's first blocks, "64" [n, 64, 73, 73], "192" [n, 192, 35, 35] and
// "768" [n, 768, 17, 17].
func (n *Network) Forward(ctx context.Context, x weights.Array, p extractors.Preprocess, taps bool) (map[string]weights.Array, error) {
	inputs, err := newInputs(x, p)
	if err != nil {
		return nil, fmt.Errorf("inception: %w", err)
	}
	if len(n.names(taps)) == 0 {
		return nil, fmt.Errorf("inception: these weights end after block %d, before the features: ask for taps (--taps)", n.depth-1)
	}
	rows := map[string][]float32{}
	for at := 0; at < inputs.n; at += n.batch {
		if err := n.ready(ctx); err != nil {
			return nil, err
		}
		count := min(n.batch, inputs.n-at)
		in, err := inputs.tensor(n.preprocessor, at, count, n.batch)
		if err != nil {
			return nil, err
		}
		part, err := n.run(in, taps)
		if err != nil {
			return nil, err
		}
		for name, values := range part {
			rows[name] = append(rows[name], values[:len(values)/n.batch*count]...)
		}
	}
	return n.arrays(rows, inputs.n), nil
}

// arrays gives the rows of n pictures their shapes and the names that other programs use.
func (n *Network) arrays(rows map[string][]float32, count int) map[string]weights.Array {
	out := map[string]weights.Array{}
	for name, values := range rows {
		width := len(values) / count
		switch name {
		case string(extractors.Pool):
			out["features"] = weights.FromFloat32(values, count, width)
		case string(extractors.Logits):
			out["logits_unbiased"] = weights.FromFloat32(values, count, width)
			biased := slices.Clone(values)
			for i := range biased {
				biased[i] += n.bias[i%width]
			}
			out["logits"] = weights.FromFloat32(biased, count, width)
		case string(extractors.Spatial):
			out["spatial"] = weights.FromFloat32(values, count, width)
		default:
			tap := slices.Index(tapNames[:], name)
			side, channels := tapSides[tap], width/(tapSides[tap]*tapSides[tap])
			out[name] = weights.FromFloat32(channelsFirst(values, count, side*side, channels), count, channels, side, side)
		}
	}
	return out
}

// tapSides are the heights and widths of the outputs of the first stages.
var tapSides = [stages - 1]int{73, 35, 17}

// channelsFirst turns [n, pixels, channels] into [n, channels, pixels].
func channelsFirst(x []float32, n, pixels, channels int) []float32 {
	out := make([]float32, len(x))
	for i := range n {
		from, to := x[i*pixels*channels:], out[i*pixels*channels:]
		for p := range pixels {
			for c := range channels {
				to[c*pixels+p] = from[p*channels+c]
			}
		}
	}
	return out
}

// inputs are pictures of one size, uint8 or float32, as an array gave them.
type inputs struct {
	n, channels, h, w int
	rule              extractors.Preprocess
	pix               []uint8   // NCHW
	floats            []float32 // NCHW, in place of pix
}

func newInputs(x weights.Array, p extractors.Preprocess) (*inputs, error) {
	isPicture := x.DType == weights.U8
	if len(x.Shape) != 4 || x.Len() < 1 || x.Shape[1] != 3 && !(isPicture && x.Shape[1] == 1) {
		return nil, fmt.Errorf("x has the shape %v, want [n, 3, height, width]", x.Shape)
	}
	in := &inputs{n: x.Shape[0], channels: x.Shape[1], h: x.Shape[2], w: x.Shape[3], rule: p}
	var err error
	if isPicture {
		in.pix, err = x.Uint8s()
	} else if in.floats, err = x.Float32s(); err != nil {
		err = fmt.Errorf("x is %s, want floats in [0, 1] or uint8", x.DType)
	}
	return in, err
}

// tensor is the network's input for pictures at ... at+count-1, filled up to the batch.
func (in *inputs) tensor(p *extractors.Preprocessor, at, count, batch int) (*tensors.Tensor, error) {
	size := in.channels * in.h * in.w
	if in.pix != nil {
		var images []*imaging.Image8
		for i := at; i < at+count; i++ {
			m := imaging.NewImage8(in.h, in.w, in.channels)
			channelsLast(m.Pix, in.pix[i*size:(i+1)*size], in.channels)
			images = append(images, m)
		}
		return p.Run(images, in.rule, batch)
	}
	x := make([]float32, batch*Size*Size*3)
	picture := make([]float32, size)
	for i := range count {
		channelsLast(picture, in.floats[(at+i)*size:(at+i+1)*size], in.channels)
		resized, err := extractors.PytorchFID.Resize(picture, in.h, in.w, Size)
		if err != nil {
			return nil, err
		}
		for k, v := range resized {
			x[i*len(resized)+k] = 2*v - 1
		}
	}
	return tensors.FromFlatDataAndDimensions(x, batch, Size, Size, 3), nil
}

// channelsLast turns [channels, pixels] into [pixels, channels].
func channelsLast[T uint8 | float32](dst, src []T, channels int) {
	pixels := len(src) / channels
	for c := range channels {
		for p := range pixels {
			dst[p*channels+c] = src[c*pixels+p]
		}
	}
}
