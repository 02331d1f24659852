package extractors

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Resize resamples a picture x [h, w, 3] of any values to [size, size, 3] as the rule does, without its clipping and
// scaling.
func (p Preprocess) Resize(x []float32, h, w, size int) ([]float32, error) {
	r, err := p.rule()
	if err != nil {
		return nil, err
	}
	if h < 1 || w < 1 || size < 1 || len(x) != h*w*colours {
		return nil, fmt.Errorf("extractors: %d values are no picture [%d, %d, 3] to make %d pixels of", len(x), h, w, size)
	}
	out := make([]float32, size*size*colours)
	resample(out, x, h, w, colours, r.windows(h, size), r.windows(w, size))
	return out, nil
}

// colours is the number of channels of every network here that takes pictures of any size.
const colours = 3

// resizeHost resizes pictures on the host by the rule, clipped and scaled: [len(images), size, size, 3]. It visits only
// the samples that count, which is what large pictures need.
func (r rule) resizeHost(images []*imaging.Image8, size int) []float32 {
	out := make([]float32, len(images)*size*size*colours)
	var wait sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(images))
	for worker := range workers {
		wait.Go(func() {
			for i := worker; i < len(images); i += workers {
				m, dst := images[i], out[i*size*size*colours:(i+1)*size*size*colours]
				resample(dst, m.Pix, m.H, m.W, m.C, r.windows(m.H, size), r.windows(m.W, size))
				for k, v := range dst {
					dst[k] = min(max(v, r.low), r.high)*r.scale + r.shift
				}
			}
		})
	}
	wait.Wait()
	return out
}

// resample resizes pix [h, w, channels] to dst [len(rows), len(columns), 3]: each needed line horizontally, then all
// vertically. One channel is replicated.
func resample[T uint8 | float32](dst []float32, pix []T, h, w, channels int, rows, columns []window) {
	width := len(columns) * colours
	lines := make([][]float32, h)
	line := func(y int) []float32 {
		if lines[y] == nil {
			lines[y] = make([]float32, width)
			resampleLine(lines[y], pix[y*w*channels:(y+1)*w*channels], channels, columns)
		}
		return lines[y]
	}
	done := 0 // windows move on: no later row sees a line before this one
	for i, row := range rows {
		for ; done < row.first; done++ {
			lines[done] = nil
		}
		sum := dst[i*width : (i+1)*width]
		for k, weight := range row.weights {
			for j, v := range line(row.first + k) {
				if k == 0 {
					sum[j] = weight * v
				} else {
					sum[j] += weight * v
				}
			}
		}
	}
}

// resampleLine resizes one line of pixels.
func resampleLine[T uint8 | float32](dst []float32, line []T, channels int, columns []window) {
	for j, column := range columns {
		var r, g, b float32
		if channels == 1 {
			for k, weight := range column.weights {
				r += weight * float32(line[column.first+k])
			}
			g, b = r, r
		} else {
			in := line[column.first*colours:]
			for k, weight := range column.weights {
				p := in[k*colours : k*colours+colours : k*colours+colours]
				r += weight * float32(p[0])
				g += weight * float32(p[1])
				b += weight * float32(p[2])
			}
		}
		dst[j*colours], dst[j*colours+1], dst[j*colours+2] = r, g, b
	}
}
