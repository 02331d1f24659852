package imaging

import (
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Filter is a resampling kernel of [Resize], named as in Pillow.
type Filter int

// The filters, each with the half-width of its kernel in source pixels (in target pixels when shrinking).
const (
	Box      Filter = iota // 0.5: the mean of the covered pixels
	Bilinear               // 1: triangle
	Bicubic                // 2: Keys' cubic convolution with a = -0.5
	Lanczos                // 3: windowed sinc
)

// String returns the name that [ParseFilter] takes.
func (f Filter) String() string {
	if f < Box || f > Lanczos {
		return fmt.Sprintf("Filter(%d)", int(f))
	}
	return [...]string{"box", "bilinear", "bicubic", "lanczos"}[f]
}

// ParseFilter returns the filter of a name: box, bilinear, bicubic or lanczos.
func ParseFilter(name string) (Filter, error) {
	for f := Box; f <= Lanczos; f++ {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("imaging: there is no filter %q: want box, bilinear, bicubic or lanczos", name)
}

// kernel returns the half-width and the weight at x of a filter. The conversions to float64 forbid fused
// multiply-add, which would change last bits from one processor to another.
func (f Filter) kernel() (support float64, weight func(x float64) float64) {
	switch f {
	case Box:
		return 0.5, func(x float64) float64 {
			if x > -0.5 && x <= 0.5 {
				return 1
			}
			return 0
		}
	case Bilinear:
		return 1, func(x float64) float64 { return max(0, 1-math.Abs(x)) }
	case Bicubic:
		const a = -0.5
		return 2, func(x float64) float64 {
			x = math.Abs(x)
			switch {
			case x < 1:
				return float64(float64(float64((a+2)*x)-(a+3))*x*x) + 1
			case x < 2:
				return float64(float64(float64(float64((x-5)*x)+8)*x)-4) * a
			}
			return 0
		}
	case Lanczos:
		return 3, func(x float64) float64 {
			if x >= -3 && x < 3 {
				return sinc(x) * sinc(x/3)
			}
			return 0
		}
	}
	panic(fmt.Sprintf("imaging: there is no filter %d", int(f)))
}

// sinc is sin(pi x)/(pi x).
func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// fixedBits is the number of fractional bits of a weight: 32 less 8 of the sample and 2 of the sum's growth.
const fixedBits = 22

// window says which source samples make one target sample, with weights in fixed point that add up to about 1.
type window struct {
	first   int
	weights []int32
}

// windows returns the window of each of `to` target samples over `from` source samples. When shrinking the kernel is
// stretched by the scale, so that every source sample counts.
func windows(from, to int, f Filter) []window {
	support, weight := f.kernel()
	scale := float64(from) / float64(to)
	stretch := max(scale, 1)
	support *= stretch
	out := make([]window, to)
	values := make([]float64, 0, 2*int(math.Ceil(support))+1)
	for i := range out {
		center := float64((float64(i) + 0.5) * scale)
		first := max(int(center-support+0.5), 0)
		end := min(int(center+support+0.5), from)
		values = values[:0]
		sum := 0.0
		for x := first; x < end; x++ {
			w := weight(float64((float64(x) - center + 0.5) * (1 / stretch)))
			values = append(values, w)
			sum += w
		}
		fixed := make([]int32, len(values))
		for k, w := range values {
			if sum != 0 {
				w /= sum
			}
			// Rounded to nearest, halves away from zero.
			fixed[k] = int32(float64(w*(1<<fixedBits)) + math.Copysign(0.5, w))
		}
		out[i] = window{first, fixed}
	}
	return out
}

// Resize returns m with w x h pixels, equal to Image.resize of Pillow 13 to the bit: a horizontal and a vertical pass,
// each with the kernel stretched when shrinking, weights in fixed point with 22 fractional bits, samples rounded to 8
// bits between the passes. Four channels are RGBA: colour is weighted by alpha, as Pillow does by way of its mode RGBa.
//
// The horizontal pass comes first, unless the height loses more than twice as many pixels as the width (a rule found by
// comparing with Pillow 13.0.0; earlier versions always begin with the horizontal pass, so that a picture which shrinks
// much more in height may differ from theirs by a level; squares to squares are the same in all versions).
// Resize panics if a size is not positive or m has no pixels.
func Resize(m *Image8, w, h int, f Filter) *Image8 {
	if w <= 0 || h <= 0 || m.W <= 0 || m.H <= 0 {
		panic(fmt.Sprintf("imaging: cannot resize %dx%d pixels to %dx%d: all sizes must be positive", m.W, m.H, w, h))
	}
	out := &Image8{H: m.H, W: m.W, C: m.C, Pix: m.Pix}
	if w == m.W && h == m.H {
		out.Pix = append([]uint8(nil), m.Pix...)
		return out
	}
	if m.C == 4 {
		out = premultiply(m)
	}
	verticalFirst := h < m.H && m.H-h > 2*(m.W-w)
	if h != m.H && verticalFirst {
		out = resizeColumns(out, h, f)
	}
	if w != m.W {
		out = resizeRows(out, w, f)
	}
	if h != m.H && !verticalFirst {
		out = resizeColumns(out, h, f)
	}
	if m.C == 4 {
		unpremultiply(out)
	}
	return out
}

// resizeRows is the horizontal pass.
func resizeRows(m *Image8, w int, f Filter) *Image8 {
	out := NewImage8(m.H, w, m.C)
	wins := windows(m.W, w, f)
	parallel(m.H, len(m.Pix)+len(out.Pix), func(from, to int) {
		for y := from; y < to; y++ {
			src, dst := m.Pix[y*m.W*m.C:(y+1)*m.W*m.C], out.Pix[y*w*m.C:(y+1)*w*m.C]
			switch m.C {
			case 1:
				rowGrey(dst, src, wins)
			case 3:
				rowRGB(dst, src, wins)
			default:
				rowRGBA(dst, src, wins)
			}
		}
	})
	return out
}

func rowGrey(dst, src []uint8, wins []window) {
	for x, win := range wins {
		sum := int32(1 << (fixedBits - 1))
		for k, v := range src[win.first : win.first+len(win.weights)] {
			sum += int32(v) * win.weights[k]
		}
		dst[x] = clip8(sum)
	}
}

func rowRGB(dst, src []uint8, wins []window) {
	for x, win := range wins {
		r, g, b := int32(1<<(fixedBits-1)), int32(1<<(fixedBits-1)), int32(1<<(fixedBits-1))
		in := src[3*win.first:]
		for k, weight := range win.weights {
			p := in[3*k : 3*k+3 : 3*k+3]
			r += int32(p[0]) * weight
			g += int32(p[1]) * weight
			b += int32(p[2]) * weight
		}
		dst[3*x], dst[3*x+1], dst[3*x+2] = clip8(r), clip8(g), clip8(b)
	}
}

func rowRGBA(dst, src []uint8, wins []window) {
	for x, win := range wins {
		for c := range 4 {
			sum := int32(1 << (fixedBits - 1))
			for k, weight := range win.weights {
				sum += int32(src[4*(win.first+k)+c]) * weight
			}
			dst[4*x+c] = clip8(sum)
		}
	}
}

// resizeColumns is the vertical pass: each target row is a weighted sum of source rows, whatever the channels.
func resizeColumns(m *Image8, h int, f Filter) *Image8 {
	out := NewImage8(h, m.W, m.C)
	wins := windows(m.H, h, f)
	stride := m.W * m.C
	parallel(h, len(m.Pix)+len(out.Pix), func(from, to int) {
		sums := make([]int32, stride)
		for y := from; y < to; y++ {
			for i := range sums {
				sums[i] = 1 << (fixedBits - 1)
			}
			for k, weight := range wins[y].weights {
				at := (wins[y].first + k) * stride
				for i, v := range m.Pix[at : at+stride] {
					sums[i] += int32(v) * weight
				}
			}
			dst := out.Pix[y*stride : (y+1)*stride]
			for i, sum := range sums {
				dst[i] = clip8(sum)
			}
		}
	})
	return out
}

// clip8 takes a rounded sum back to 0..255.
func clip8(sum int32) uint8 {
	return uint8(min(max(sum>>fixedBits, 0), 255))
}

// parallelWork is the number of samples below which starting goroutines costs more than it saves.
const parallelWork = 1 << 18

// parallel runs do over [0, n) in one piece, or in one for each processor if there is enough work.
func parallel(n, work int, do func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), n, 1+work/parallelWork)
	if workers <= 1 {
		do(0, n)
		return
	}
	var wait sync.WaitGroup
	for i := range workers {
		wait.Go(func() { do(i*n/workers, (i+1)*n/workers) })
	}
	wait.Wait()
}

// premultiply returns RGBA with the colours multiplied by alpha.
func premultiply(m *Image8) *Image8 {
	out := NewImage8(m.H, m.W, 4)
	for i := 0; i < len(m.Pix); i += 4 {
		a := m.Pix[i+3]
		for c := range 3 {
			out.Pix[i+c] = mulDiv255(m.Pix[i+c], a)
		}
		out.Pix[i+3] = a
	}
	return out
}

// unpremultiply divides the colours by alpha, in place; where alpha is 0 they stay.
func unpremultiply(m *Image8) {
	for i := 0; i < len(m.Pix); i += 4 {
		a := int(m.Pix[i+3])
		if a == 0 || a == 255 {
			continue
		}
		for c := range 3 {
			m.Pix[i+c] = uint8(min(255*int(m.Pix[i+c])/a, 255))
		}
	}
}
