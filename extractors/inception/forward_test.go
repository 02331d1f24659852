package inception_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/weights"
)

// channelsFirst returns the samples of a picture as [3, h, w].
func channelsFirst(m *imaging.Image8) []uint8 {
	out := make([]uint8, 0, len(m.Pix))
	for c := range m.C {
		for i := c; i < len(m.Pix); i += m.C {
			out = append(out, m.Pix[i])
		}
	}
	return out
}

func unit(pix []uint8) []float32 {
	out := make([]float32, len(pix))
	for i, v := range pix {
		out[i] = float32(v) / 255
	}
	return out
}

func floats(t *testing.T, a weights.Array) []float32 {
	t.Helper()
	values, err := a.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func forward(t *testing.T, x weights.Array, taps bool) map[string]weights.Array {
	t.Helper()
	out, err := network(t).Forward(context.Background(), x, extractors.TF1, taps)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestForwardEqualsPytorchFID: floats in [0, 1] are treated as by pytorch-fid's class, its first blocks included.
func TestForwardEqualsPytorchFID(t *testing.T) {
	images, stored := reference(t)
	rows := map[string][]float32{}
	for _, m := range images { // of different sizes: one array each
		out := forward(t, weights.FromFloat32(unit(channelsFirst(m)), 1, 3, m.H, m.W), true)
		for name, a := range out {
			rows[name] = append(rows[name], floats(t, a)...)
		}
	}
	compare(t, stored, "pytorch-fid.pool", rows["features"], 1e-5)
	for _, tap := range []string{"64", "192", "768"} {
		compare(t, stored, "pytorch-fid."+tap, rows[tap], 1e-5)
	}
}

// TestForwardAtFullSize: what has 299x299 pixels is not resized. The picture's pixels are repeated, as in
// make_inception.py.
func TestForwardAtFullSize(t *testing.T) {
	images, stored := reference(t)
	m := images[1]
	const size = 299
	x := make([]float32, 3*size*size)
	for i, v := range unit(channelsFirst(m)) {
		c, y, column := i/(m.H*m.W), i/m.W%m.H, i%m.W
		for dy := range 8 {
			for dx := range 10 {
				if row, at := 8*y+dy, 10*column+dx; row < size && at < size {
					x[(c*size+row)*size+at] = v
				}
			}
		}
	}
	compare(t, stored, "boxed.pool", floats(t, forward(t, weights.FromFloat32(x, 1, 3, size, size), false)["features"]), 1e-5)
}

// TestForwardOfPictures: uint8 arrays are pictures, as torch-fidelity's class takes them.
func TestForwardOfPictures(t *testing.T) {
	images, stored := reference(t)
	rows := map[string][]float32{}
	for _, m := range images {
		for name, a := range forward(t, weights.FromUint8(channelsFirst(m), 1, 3, m.H, m.W), false) {
			rows[name] = append(rows[name], floats(t, a)...)
		}
	}
	compare(t, stored, "tf1.pool", rows["features"], 1e-5)
	compare(t, stored, "tf1.logits", rows["logits_unbiased"], 1e-5)
	compare(t, stored, "tf1.logits_biased", rows["logits"], 1e-5)
	compare(t, stored, "tf1.spatial", rows["spatial"], 1e-5)
	if len(rows) != 4 {
		t.Errorf("without taps there are %d outputs, want 4", len(rows))
	}
}

func TestForwardErrors(t *testing.T) {
	for _, test := range []struct {
		x    weights.Array
		want string
	}{
		{weights.FromFloat32(make([]float32, 12), 3, 2, 2), "[3 2 2]"},
		{weights.FromFloat32(make([]float32, 4), 1, 1, 2, 2), "[1 1 2 2]"},
		{weights.FromFloat32(nil, 0, 3, 2, 2), "[0 3 2 2]"},
		{weights.FromInt64(make([]int64, 12), 1, 3, 2, 2), "x is I64"},
	} {
		if _, err := network(t).Forward(context.Background(), test.x, extractors.TF1, false); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q in it", err, test.want)
		}
	}
}
