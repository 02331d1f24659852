package extractors_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/tensors"
)

const size = 299

var rules = []extractors.Preprocess{extractors.TF1, extractors.PytorchFID, extractors.Clean, extractors.Torchmetrics}

// picture is that of make_preprocess.py: samples by formula.
func picture(salt uint32, h, w, c int) *imaging.Image8 {
	m := imaging.NewImage8(h, w, c)
	for i, v := range golden.Values(salt, len(m.Pix)) {
		m.Pix[i] = uint8(128 * (v + 1))
	}
	return m
}

func newPreprocessor(t *testing.T) *extractors.Preprocessor {
	t.Helper()
	p, err := extractors.NewPreprocessor(testbackend.XLA(t), size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// run returns the input of the network for each picture, flat.
func run(t *testing.T, p *extractors.Preprocessor, rule extractors.Preprocess, batch int, images ...*imaging.Image8) [][]float32 {
	t.Helper()
	x, err := p.Run(images, rule, batch)
	if err != nil {
		t.Fatal(err)
	}
	defer x.FinalizeAll()
	if want := fmt.Sprint([]int{batch, size, size, 3}); fmt.Sprint(x.Shape().Dimensions) != want {
		t.Fatalf("the input is %s, want %s", x.Shape(), want)
	}
	flat := tensors.MustCopyFlatData[float32](x)
	out := make([][]float32, batch)
	for i := range out {
		out[i] = flat[i*size*size*3 : (i+1)*size*size*3]
	}
	return out
}

func near(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= tolerance) {
			t.Errorf("%s: value %d is %.9g, want %.9g", what, i, got[i], want[i])
			return
		}
	}
}

// TestRulesEqualThePrograms compares with what the programs feed their networks, in the range [-1, 1]: 1e-6 is some
// roundings of float32, and a rule that is another one differs by 1e-2 at least. Pictures of 299x299 pixels and
// more are resized on the host, and with them all others of a batch; the rest on the device, alone and beside another size.
func TestRulesEqualThePrograms(t *testing.T) {
	stored, err := weights.ReadNPZ("testdata/ref/preprocess.npz")
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
	stride, err := stored["stride"].Int64s()
	if err != nil {
		t.Fatal(err)
	}
	subset := func(x []float32) (out []float32) {
		for i := 0; i < len(x); i += int(stride[0]) {
			out = append(out, x[i])
		}
		return out
	}
	p := newPreprocessor(t)
	const tolerance = 1e-6
	for _, rule := range rules {
		mixed := run(t, p, rule, 2, images[0], images[3])
		onHost := run(t, p, rule, len(images), images...)
		for i, m := range images {
			want, err := stored[fmt.Sprintf("%s.%d", rule, i)].Float32s()
			if err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("%s: %dx%d", rule, m.H, m.W)
			near(t, what, subset(run(t, p, rule, 1, m)[0]), want, tolerance)
			near(t, what+" on the host", subset(onHost[i]), want, tolerance)
			if k := slices.Index([]int{0, 3}, i); k >= 0 {
				near(t, what+" beside another size", subset(mixed[k]), want, tolerance)
			}
		}
	}
}

// TestRulesDiffer: pictures tell the rules apart, so the comparison above means something.
func TestRulesDiffer(t *testing.T) {
	p := newPreprocessor(t)
	m := picture(7, 350, 40, 3)
	inputs := map[extractors.Preprocess][]float32{}
	for _, rule := range rules {
		inputs[rule] = run(t, p, rule, 1, m)[0]
	}
	for i, a := range rules {
		for _, b := range rules[i+1:] {
			var sum float64
			for k, v := range inputs[a] {
				sum += math.Abs(float64(v - inputs[b][k]))
			}
			if mean := sum / float64(len(inputs[a])); mean < 0.01 {
				t.Errorf("%s and %s differ by %g in the mean", a, b, mean)
			}
		}
	}
}

// Grey is colour with three equal channels, on the device and on the host; a batch that is not full repeats a picture.
func TestGreyAndShortBatch(t *testing.T) {
	p := newPreprocessor(t)
	for _, h := range []int{20, 4000} {
		grey := picture(3, h, 90, 1)
		colour := imaging.ToImage8(grey.Image(), 3)
		got := run(t, p, extractors.Clean, 3, grey, colour)
		near(t, fmt.Sprintf("grey of %d rows", h), got[0], got[1], 0)
		near(t, "the rest of the batch", got[2], got[0], 0)
	}
}

// Values at the edges stay in the range of the rule: clean clips what bicubic overshoots.
func TestClip(t *testing.T) {
	p := newPreprocessor(t)
	m := imaging.NewImage8(8, 8, 3)
	for i := range m.Pix {
		m.Pix[i] = uint8(255 * (i / 12 % 2))
	}
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range run(t, p, extractors.Clean, 1, m)[0] {
		low, high = min(low, v), max(high, v)
	}
	if low != -1 || high != 127./128 {
		t.Errorf("clean gives values in [%g, %g], want exactly [-1, 127/128]", low, high)
	}
}

// TestResize: the exported form on floats is the same arithmetic.
func TestResize(t *testing.T) {
	p := newPreprocessor(t)
	m := picture(5, 77, 130, 3)
	x := make([]float32, len(m.Pix))
	for i, v := range m.Pix {
		x[i] = float32(v) / 255
	}
	got, err := extractors.PytorchFID.Resize(x, m.H, m.W, size)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		got[i] = 2*v - 1
	}
	near(t, "Resize", got, run(t, p, extractors.PytorchFID, 1, m)[0], 1e-6)
	if _, err := extractors.PytorchFID.Resize(x[1:], m.H, m.W, size); err == nil || !strings.Contains(err.Error(), "[77, 130, 3]") {
		t.Errorf("too few values: error %v", err)
	}
}

func TestPreprocessorErrors(t *testing.T) {
	p := newPreprocessor(t)
	good := picture(1, 4, 4, 3)
	for _, test := range []struct {
		rule   extractors.Preprocess
		images []*imaging.Image8
		want   string
	}{
		{"tf2", []*imaging.Image8{good}, `no preprocessing "tf2"; there are clean, pytorch-fid, tf1, torchmetrics`},
		{extractors.TF1, nil, "0 pictures"},
		{extractors.TF1, []*imaging.Image8{good, good, good}, "3 pictures do not make a batch of 2"},
		{extractors.TF1, []*imaging.Image8{good, nil}, "picture 1 is missing"},
		{extractors.TF1, []*imaging.Image8{good, imaging.NewImage8(4, 4, 4)}, "picture 1 has 4 channels"},
		{extractors.TF1, []*imaging.Image8{imaging.NewImage8(0, 4, 3)}, "picture 0 has 0 samples"},
	} {
		if _, err := p.Run(test.images, test.rule, 2); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q in it", test.rule, err, test.want)
		}
	}
	p.Close()
	p.Close()
	if _, err := p.Run([]*imaging.Image8{good}, extractors.TF1, 1); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("closed: error %v", err)
	}
}
