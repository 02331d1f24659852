package extractors

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// A Preprocessor turns pictures into the input of a network on its device. A resize is two matrix products, one with the
// rows of pixels and one with the columns, so a rule is a way to make matrices. These are arguments of the program, and
// pictures are padded with black to one of few sizes, so that a folder of mixed sizes compiles few programs.
// It is safe for concurrent use.
type Preprocessor struct {
	backend compute.Backend
	size    int
	exec    *graph.Exec

	mu     sync.RWMutex // held for reading while a program runs
	closed bool
}

// maxPixels bounds the pictures (after padding) that are resized on the device. Beyond, nearly all of a matrix is zeros:
// of 512x512 pixels a core makes the network's input in 12 ms with matrices and in 2 to 5 ms by visiting the samples that
// count, of 256x256 in 5 ms with matrices; and a batch of large pictures would take gigabytes.
const maxPixels = 1 << 17

// NewPreprocessor returns a Preprocessor for a network whose input has size x size pixels and 3 channels.
func NewPreprocessor(backend compute.Backend, size int) (*Preprocessor, error) {
	exec, err := graph.NewExec(backend, resizeGraph)
	if err != nil {
		return nil, fmt.Errorf("extractors: %w", err)
	}
	exec.SetMaxCache(-1) // padded sizes are few
	return &Preprocessor{backend: backend, size: size, exec: exec}, nil
}

// Close frees the compiled programs. Calls after it return an error.
func (p *Preprocessor) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		p.exec.Finalize()
	}
	return nil
}

// Run resizes, clips and scales pictures by a rule: [batch, size, size, 3] float32, rows beyond the pictures filled with
// the first one again. Pictures may have any size and 1 or 3 channels. The caller finalizes the tensor.
func (p *Preprocessor) Run(images []*imaging.Image8, as Preprocess, batch int) (*tensors.Tensor, error) {
	r, err := as.rule()
	if err != nil {
		return nil, err
	}
	if len(images) < 1 || len(images) > batch {
		return nil, fmt.Errorf("extractors: %d pictures do not make a batch of %d", len(images), batch)
	}
	if err := Check(images); err != nil {
		return nil, err
	}
	filled := make([]*imaging.Image8, batch)
	for i := range filled {
		filled[i] = images[0]
	}
	copy(filled, images)
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return nil, errors.New("extractors: the preprocessor is closed")
	}
	h, w, uniform := commonSize(filled)
	if h*w > maxPixels {
		return tensors.FromFlatDataAndDimensions(r.resizeHost(filled, p.size), batch, p.size, p.size, colours), nil
	}
	return p.call(r, filled, h, w, uniform)
}

// Check returns an error that names the first picture without pixels or with other than 1 or 3 channels.
func Check(images []*imaging.Image8) error {
	for i, m := range images {
		switch {
		case m == nil:
			return fmt.Errorf("extractors: picture %d is missing", i)
		case m.C != 1 && m.C != colours:
			return fmt.Errorf("extractors: picture %d has %d channels, want 1 or 3", i, m.C)
		case m.H < 1 || m.W < 1 || len(m.Pix) != m.H*m.W*m.C:
			return fmt.Errorf("extractors: picture %d has %d samples for %dx%d pixels of %d channels", i, len(m.Pix), m.H, m.W, m.C)
		}
	}
	return nil
}

// commonSize returns the size that all pictures are padded to, and whether they have one size.
func commonSize(images []*imaging.Image8) (h, w int, uniform bool) {
	uniform = true
	for _, m := range images {
		h, w = max(h, m.H), max(w, m.W)
		uniform = uniform && m.H == images[0].H && m.W == images[0].W
	}
	return padded(h), padded(w), uniform
}

// padded returns the least 2^k or 3·2^k from 32 on that is not below n.
func padded(n int) int {
	for size := 32; ; size *= 2 {
		switch {
		case n <= size:
			return size
		case n <= size*3/2:
			return size * 3 / 2
		}
	}
}

// call runs the program on pictures padded to h x w pixels.
func (p *Preprocessor) call(r rule, images []*imaging.Image8, h, w int, uniform bool) (*tensors.Tensor, error) {
	pix := make([]uint8, len(images)*h*w*colours)
	for i, m := range images {
		placeRGB(pix[i*h*w*colours:], m, w)
	}
	sizes := images
	dims := []int{len(images), p.size}
	if uniform {
		sizes, dims = images[:1], []int{p.size}
	}
	rows, columns := make([]float32, len(sizes)*p.size*h), make([]float32, len(sizes)*p.size*w)
	for i, m := range sizes {
		fillMatrix(rows[i*p.size*h:], r.windows(m.H, p.size), h)
		fillMatrix(columns[i*p.size*w:], r.windows(m.W, p.size), w)
	}
	out, err := p.exec.Call(
		tensors.FromFlatDataAndDimensions(pix, len(images), h, w, colours),
		tensors.FromFlatDataAndDimensions(rows, append(dims, h)...),
		tensors.FromFlatDataAndDimensions(columns, append(dims, w)...),
		[]float32{r.low, r.high, r.scale, r.shift})
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("extractors: resizing: %s", line)
	}
	return out[0], nil
}

// placeRGB copies a picture to the upper left corner of one with rows of w pixels and 3 channels.
func placeRGB(dst []uint8, m *imaging.Image8, w int) {
	for y := range m.H {
		row, line := dst[y*w*colours:], m.Pix[y*m.W*m.C:(y+1)*m.W*m.C]
		if m.C == colours {
			copy(row, line)
			continue
		}
		for x, v := range line {
			row[colours*x], row[colours*x+1], row[colours*x+2] = v, v, v
		}
	}
}

// fillMatrix writes windows as a matrix [len(windows), in], which is zero before.
func fillMatrix(dst []float32, windows []window, in int) {
	for i, w := range windows {
		copy(dst[i*in+w.first:], w.weights)
	}
}

// resizeGraph resizes x [batch, h, w, 3] uint8 with rows [size, h] and columns [size, w], or [batch, size, ...] where
// pictures have several sizes; rule is low, high, scale, shift. The result is [batch, size, size, 3] float32.
func resizeGraph(x, rows, columns, rule *graph.Node) *graph.Node {
	batch, size := x.Shape().Dim(0), rows.Shape().Dim(-2)
	x = graph.ConvertDType(graph.TransposeAllAxes(x, 0, 3, 1, 2), dtypes.Float32)
	y := timesTransposed(x, columns)                    // [batch, 3, h, size]
	y = timesTransposed(graph.Transpose(y, 2, 3), rows) // [batch, 3, size, size], transposed
	y = graph.TransposeAllAxes(y, 0, 3, 2, 1)           // [batch, size, size, 3]
	number := func(i int) *graph.Node { return graph.Reshape(graph.Slice(rule, graph.AxisElem(i))) }
	y = graph.Min(graph.Max(y, number(0)), number(1))
	y = graph.Add(graph.Mul(y, number(2)), number(3))
	y.AssertDims(batch, size, size, colours)
	return y
}

// timesTransposed multiplies the last axis of x [batch, 3, m, n] with matrix [k, n] or [batch, k, n]:
// [batch, 3, m, k].
func timesTransposed(x, matrix *graph.Node) *graph.Node {
	if matrix.Rank() == 2 {
		return graph.EinsumAxes(x, matrix, [][2]int{{3, 1}}, nil)
	}
	return graph.EinsumAxes(x, matrix, [][2]int{{3, 2}}, [][2]int{{0, 0}})
}
