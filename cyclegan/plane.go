package cyclegan

import "context"

// A plane is a picture as networks see it: pix [h, w, c], values in [-1, 1].
type plane struct {
	h, w, c int
	pix     []float32
}

// reflected is x in the upper left corner of h x w, the rest its reflections: behind the last row comes the last but one, as
// with torch.nn.ReflectionPad2d, and where the picture is used up, it is reflected again. One row or column is repeated.
func (x plane) reflected(h, w int) plane {
	if h == x.h && w == x.w {
		return x
	}
	out := plane{h: h, w: w, c: x.c, pix: make([]float32, 0, h*w*x.c)}
	for i := range h {
		row := mirrored(i, x.h) * x.w
		for j := range w {
			at := (row + mirrored(j, x.w)) * x.c
			out.pix = append(out.pix, x.pix[at:at+x.c]...)
		}
	}
	return out
}

// mirrored is where index i >= 0 comes to lie in n > 0 places with mirrors at both ends.
func mirrored(i, n int) int {
	if n == 1 {
		return 0
	}
	i %= 2 * (n - 1)
	return min(i, 2*(n-1)-i)
}

// crop is the part of h x w pixels whose first is at (top, left).
func (x plane) crop(top, left, h, w int) plane {
	if h == x.h && w == x.w {
		return x
	}
	out := plane{h: h, w: w, c: x.c, pix: make([]float32, 0, h*w*x.c)}
	for i := range h {
		at := ((top+i)*x.w + left) * x.c
		out.pix = append(out.pix, x.pix[at:at+w*x.c]...)
	}
	return out
}

// tiled translates x in tiles that overlap. All have one size, so that one program does.
func (t *Translator) tiled(ctx context.Context, x plane, c cutting) (plane, error) {
	h, w := min(c.tile, x.h), min(c.tile, x.w)
	overlap := c.tile / 8
	out := plane{h: x.h, w: x.w, c: t.runner.out, pix: make([]float32, x.h*x.w*t.runner.out)}
	sum := make([]float32, x.h*x.w) // of the weights
	for _, top := range starts(x.h, h, overlap) {
		for _, left := range starts(x.w, w, overlap) {
			if err := context.Cause(ctx); err != nil {
				return plane{}, err
			}
			y, err := t.whole(x.crop(top, left, h, w), c.multiple)
			if err != nil {
				return plane{}, err
			}
			out.add(y, top, left, overlap, sum)
		}
	}
	for i := range sum {
		for k := range out.c {
			out.pix[i*out.c+k] /= sum[i]
		}
	}
	return out, nil
}

// starts are where the fewest tiles of the given length begin that cover a line and overlap by at least so much, at equal
// distances.
func starts(line, tile, overlap int) []int {
	if tile >= line {
		return []int{0}
	}
	step := tile - overlap
	n := (line-tile+step-1)/step + 1
	out := make([]int, n)
	for i := range out {
		out[i] = i * (line - tile) / (n - 1)
	}
	return out
}

// add adds a tile, whose first pixel is at (top, left), with weights that fall towards its edges over the overlap, and adds
// these to sum.
func (x plane) add(tile plane, top, left, overlap int, sum []float32) {
	for i := range tile.h {
		for j := range tile.w {
			weight := ramp(i, tile.h, overlap) * ramp(j, tile.w, overlap)
			at, from := (top+i)*x.w+left+j, (i*tile.w+j)*x.c
			sum[at] += weight
			for k := range x.c {
				x.pix[at*x.c+k] += weight * tile.pix[from+k]
			}
		}
	}
}

// ramp rises from both ends of n places to 1.
func ramp(i, n, overlap int) float32 {
	return float32(min(i+1, n-i, overlap+1)) / float32(overlap+1)
}
