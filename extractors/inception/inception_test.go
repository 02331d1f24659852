package inception_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/extractors/inception"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/inceptionweights"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
)

var shared struct {
	sync.Once
	network *inception.Network
	err     error
}

// network is opened once for all tests, as compiling it takes seconds.
func network(t testing.TB) *inception.Network {
	t.Helper()
	device := device(t)
	shared.Do(func() {
		opt := &inception.Options{Weights: inceptionweights.File(t)}
		inception.SetBatch(opt, 4)
		shared.network, shared.err = inception.Open(context.Background(), device, opt)
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.network
}

func device(t testing.TB) *accel.Device { return &accel.Device{Backend: testbackend.XLA(t)} }

// picture is that of make_inception.py: samples by formula.
func picture(salt uint32, h, w, c int) *imaging.Image8 {
	m := imaging.NewImage8(h, w, c)
	for i, v := range golden.Values(salt, len(m.Pix)) {
		m.Pix[i] = uint8(128 * (v + 1))
	}
	return m
}

// reference returns the pictures and the arrays of make_inception.py.
func reference(t *testing.T) ([]*imaging.Image8, map[string]weights.Array) {
	t.Helper()
	stored, err := weights.ReadNPZ("testdata/ref/inception.npz")
	if err != nil {
		t.Fatal(err)
	}
	sizes, err := stored["sizes"].Int64s()
	if err != nil {
		t.Fatal(err)
	}
	var images []*imaging.Image8
	for i := 0; i < len(sizes); i += 2 {
		images = append(images, picture(uint32(i/2+1), int(sizes[i]), int(sizes[i+1]), 3))
	}
	return images, stored
}

// strides are those of make_inception.py.
var strides = map[string]int{"tf1.logits_biased": 11, "tf1.spatial": 11, "pytorch-fid.pool": 11, "boxed.pool": 11,
	"pytorch-fid.64": 4001, "pytorch-fid.192": 4001, "pytorch-fid.768": 4001}

// compare fails unless got is the stored array to tol of its largest value, element by element.
func compare(t *testing.T, stored map[string]weights.Array, name string, got []float32, tol float64) {
	t.Helper()
	want, err := stored[name].Float32s()
	if err != nil {
		t.Fatal(err)
	}
	if stride := strides[name]; stride > 0 {
		var subset []float32
		for i := 0; i < len(got); i += stride {
			subset = append(subset, got[i])
		}
		got = subset
	}
	near(t, name, got, want, tol)
}

func near(t *testing.T, name string, got, want []float32, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d values, want %d", name, len(got), len(want))
		return
	}
	var scale, worst float64
	at := 0
	for i, w := range want {
		scale = max(scale, math.Abs(float64(w)))
		if d := math.Abs(float64(got[i]) - float64(w)); !(d <= worst) {
			worst, at = d, i
		}
	}
	if !(worst <= tol*scale) {
		t.Errorf("%s[%d] is %.8g, want %.8g: %.2g of the largest value, want at most %g", name, at, got[at], want[at], worst/scale, tol)
	}
}

func extract(t *testing.T, images []*imaging.Image8, p extractors.Preprocess, outputs ...extractors.Output) [][]float32 {
	t.Helper()
	rows, err := network(t).Extract(context.Background(), images, p, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outputs {
		if len(rows[i]) != len(images)*network(t).Width(o) {
			t.Fatalf("%s has %d values for %d pictures", o, len(rows[i]), len(images))
		}
	}
	return rows
}

// TestEqualsTorchFidelity and the next compare with the programs themselves. float32 through 94 layers rounds to some
// 1e-6; 1e-5 would show a wrong epsilon of batch norm or one wrong pooling.
func TestEqualsTorchFidelity(t *testing.T) {
	images, stored := reference(t)
	rows := extract(t, images, extractors.TF1, extractors.Pool, extractors.Logits, extractors.Spatial)
	compare(t, stored, "tf1.pool", rows[0], 1e-5)
	compare(t, stored, "tf1.logits", rows[1], 1e-5)
	compare(t, stored, "tf1.spatial", rows[2], 1e-5)
}

func TestEqualsPytorchFID(t *testing.T) {
	images, stored := reference(t)
	compare(t, stored, "pytorch-fid.pool", extract(t, images, extractors.PytorchFID, extractors.Pool)[0], 1e-5)
}

// TestIndependence: rows are those of a picture alone, wherever it stands, whatever its neighbours' size. Other programs
// of the resize round otherwise: 1e-6 is asked for.
func TestIndependence(t *testing.T) {
	var images []*imaging.Image8
	for i := range network(t).Batch() + 3 { // two calls, the second one short
		images = append(images, picture(uint32(20+i), 24, 24, 3))
	}
	images[1] = picture(90, 300, 170, 3) // mixes the sizes of the first call
	images[2] = picture(91, 24, 24, 1)
	together := extract(t, images, extractors.Clean, extractors.Spatial, extractors.Pool)
	for _, i := range []int{0, 1, 2, len(images) - 1} {
		alone := extract(t, images[i:i+1], extractors.Clean, extractors.Pool)[0]
		row := together[1][i*inception.Features : (i+1)*inception.Features]
		near(t, fmt.Sprintf("picture %d", i), row, alone, 1e-6)
	}
}

// TestConcurrentUse: calls from several goroutines get the rows of their own pictures.
func TestConcurrentUse(t *testing.T) {
	images := []*imaging.Image8{picture(60, 20, 20, 3), picture(61, 33, 20, 3), picture(62, 9, 70, 3)}
	want := extract(t, images, extractors.TF1, extractors.Pool)[0]
	n := network(t)
	var wait sync.WaitGroup
	for i, m := range images {
		wait.Go(func() {
			rows, err := n.Extract(context.Background(), []*imaging.Image8{m}, extractors.TF1, extractors.Pool)
			if err != nil {
				t.Error(err)
				return
			}
			near(t, fmt.Sprintf("picture %d", i), rows[0], want[i*inception.Features:(i+1)*inception.Features], 1e-6)
		})
	}
	wait.Wait()
}

func TestExtractErrors(t *testing.T) {
	good := []*imaging.Image8{picture(1, 8, 8, 3)}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, test := range []struct {
		ctx    context.Context
		images []*imaging.Image8
		rule   extractors.Preprocess
		output extractors.Output
		want   string
	}{
		{cancelled, good, extractors.TF1, extractors.Pool, "canceled"},
		{context.Background(), good, "tf2", extractors.Pool, `no preprocessing "tf2"`},
		{context.Background(), good, extractors.TF1, "relu5", `no output "relu5"`},
		{context.Background(), append(slices.Repeat(good, 9), nil), extractors.TF1, extractors.Pool, "picture 9 is missing"},
	} {
		if _, err := network(t).Extract(test.ctx, test.images, test.rule, test.output); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q in it", err, test.want)
		}
	}
	if rows, err := network(t).Extract(context.Background(), nil, extractors.TF1, extractors.Pool); err != nil || len(rows[0]) != 0 {
		t.Errorf("no pictures: %d values, error %v", len(rows[0]), err)
	}
}
