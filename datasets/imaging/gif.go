package imaging

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"slices"
	"time"
)

// AnimateGIF writes frames of one size as a GIF that repeats for ever, each shown for delay, and the last one for pause
// longer (rounded to hundredths of a second, at least two: many viewers slow faster ones down). Grey frames keep every level; colours are reduced to
// 256 by a palette common to all frames (median cut) with error diffusion (Floyd and Steinberg). Alpha is dropped. The bytes depend on the
// arguments alone. The error says which frame has another size, or is that of writing.
func AnimateGIF(w io.Writer, frames []*Image8, delay, pause time.Duration) error {
	if len(frames) == 0 {
		return errors.New("imaging: a GIF needs at least one frame")
	}
	first := frames[0]
	if first.H < 1 || first.W < 1 || first.H > 0xffff || first.W > 0xffff {
		return fmt.Errorf("imaging: a GIF cannot have %dx%d pixels", first.W, first.H)
	}
	grey := true
	for i, f := range frames {
		if f.H != first.H || f.W != first.W {
			return fmt.Errorf("imaging: frame %d has %dx%d pixels, frame 0 has %dx%d", i, f.W, f.H, first.W, first.H)
		}
		grey = grey && f.C == 1
	}
	pal := greys()
	var dither *ditherer
	if !grey {
		pal = medianCut(frames)
		dither = newDitherer(pal)
	}
	bounds := image.Rect(0, 0, first.W, first.H)
	out := &gif.GIF{Config: image.Config{ColorModel: pal, Width: first.W, Height: first.H}}
	for i, f := range frames {
		img := image.NewPaletted(bounds, pal)
		if grey {
			copy(img.Pix, f.Pix)
		} else {
			dither.draw(img.Pix, ToImage8(f.Image(), 3))
		}
		out.Image = append(out.Image, img)
		shown := delay
		if i == len(frames)-1 {
			shown += pause
		}
		hundredths := (shown + 5*time.Millisecond) / (10 * time.Millisecond)
		out.Delay = append(out.Delay, int(min(max(hundredths, 2), 0xffff)))
	}
	if err := gif.EncodeAll(w, out); err != nil {
		return fmt.Errorf("imaging: write GIF: %w", err)
	}
	return nil
}

// greys is the palette of all 256 levels.
func greys() color.Palette {
	pal := make(color.Palette, 256)
	for i := range pal {
		pal[i] = color.RGBA{uint8(i), uint8(i), uint8(i), 255}
	}
	return pal
}

// maxCutSamples bounds the pixels that choose a palette; more give no better one.
const maxCutSamples = 1 << 16

// medianCut makes a palette of at most 256 colours: the box of colours with the widest side, weighted by its number of
// pixels, is cut at the median of that side until there are enough; each box gives its mean (P. Heckbert, "Color image
// quantization for frame buffer display", 1982).
func medianCut(frames []*Image8) color.Palette {
	boxes := [][][3]uint8{samplePixels(frames)}
	for len(boxes) < 256 {
		best, bestScore, bestAxis := -1, 0, 0
		for i, box := range boxes {
			for axis := range 3 {
				lo, hi := uint8(255), uint8(0)
				for _, p := range box {
					lo, hi = min(lo, p[axis]), max(hi, p[axis])
				}
				if score := (int(hi) - int(lo)) * len(box); hi > lo && score > bestScore {
					best, bestScore, bestAxis = i, score, axis
				}
			}
		}
		if best < 0 {
			break // fewer than 256 colours
		}
		box := boxes[best]
		slices.SortStableFunc(box, func(a, b [3]uint8) int { return int(a[bestAxis]) - int(b[bestAxis]) })
		cut := nearestStep(box, bestAxis)
		boxes[best] = box[:cut]
		boxes = append(boxes, box[cut:])
	}
	pal := make(color.Palette, len(boxes))
	for i, box := range boxes {
		var sum [3]int
		for _, p := range box {
			for c := range 3 {
				sum[c] += int(p[c])
			}
		}
		n := len(box)
		pal[i] = color.RGBA{uint8((sum[0] + n/2) / n), uint8((sum[1] + n/2) / n), uint8((sum[2] + n/2) / n), 255}
	}
	return pal
}

// nearestStep gives the place nearest to the middle of a sorted box at which the value on an axis changes, so that equal
// colours stay together. There is one, since the box has two values.
func nearestStep(box [][3]uint8, axis int) int {
	for d, middle := 0, len(box)/2; ; d++ {
		for _, cut := range []int{middle - d, middle + d} {
			if cut > 0 && cut < len(box) && box[cut-1][axis] != box[cut][axis] {
				return cut
			}
		}
	}
}

// samplePixels takes pixels of all frames at an even distance.
func samplePixels(frames []*Image8) [][3]uint8 {
	total := len(frames) * frames[0].H * frames[0].W
	step := max(1, total/maxCutSamples)
	var out [][3]uint8
	at := 0 // index of the next sample, over all frames
	for i, f := range frames {
		rgb := ToImage8(f.Image(), 3)
		size := rgb.H * rgb.W
		for ; at < (i+1)*size; at += step {
			p := rgb.Pix[3*(at-i*size):]
			out = append(out, [3]uint8{p[0], p[1], p[2]})
		}
	}
	return out
}
