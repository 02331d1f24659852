package fashioncnn

import (
	"bytes"
	"context"
	"image"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
)

func open(t *testing.T, device *accel.Device) *Network {
	t.Helper()
	n, err := Open(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func pure(t *testing.T) *accel.Device { return &accel.Device{Backend: testbackend.Go(t)} }

// pictures returns the first n test images of fashion-mini, with their classes.
func pictures(t *testing.T, n int) (images []*imaging.Image8, labels []int) {
	t.Helper()
	set, err := datasets.Open("fashion-mini:test")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		img, label, err := set.At(i)
		if err != nil {
			t.Fatal(err)
		}
		images, labels = append(images, imaging.ToImage8(img, 1)), append(labels, label)
	}
	return images, labels
}

// extract returns features and logits.
func extract(t *testing.T, n *Network, images ...*imaging.Image8) (features, logits []float32) {
	t.Helper()
	out, err := n.Extract(t.Context(), images, Preprocess, extractors.Logits, extractors.Pool)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 2 || len(out[0]) != len(images)*Classes || len(out[1]) != len(images)*Features {
		t.Fatalf("%d pictures gave %d outputs", len(images), len(out))
	}
	return out[1], out[0]
}

// distance is the largest absolute difference of two rows.
func distance(a, b []float32) float64 {
	var d float64
	for i := range a {
		d = max(d, math.Abs(float64(a[i])-float64(b[i])))
	}
	return d
}

// The values are PyTorch's, in float64; the features are up to about 5, so that 1e-4 is float32 over five layers.
func TestAgainstPyTorch(t *testing.T) {
	const tolerance = 1e-4
	ref, err := weights.ReadNPZ(filepath.Join("testdata", "ref", "fashioncnn.npz"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]float32{}
	for _, name := range []string{"features", "logits"} {
		if values[name], err = ref[name].Float32s(); err != nil {
			t.Fatal(err)
		}
	}
	pixels, err := ref["pixels"].Uint8s()
	if err != nil {
		t.Fatal(err)
	}
	var images []*imaging.Image8
	for m := range slices.Chunk(pixels, Side*Side) {
		images = append(images, &imaging.Image8{H: Side, W: Side, C: 1, Pix: m})
	}
	for name, device := range map[string]*accel.Device{"go": pure(t), "xla": {Backend: testbackend.XLA(t)}} {
		features, logits := extract(t, open(t, device), images...)
		if d := distance(features, values["features"]); d > tolerance || math.IsNaN(d) {
			t.Errorf("%s: features differ by %g", name, d)
		}
		if d := distance(logits, values["logits"]); d > tolerance || math.IsNaN(d) {
			t.Errorf("%s: logits differ by %g", name, d)
		}
	}
}

// The rows of a picture do not depend on the pictures beside it, nor on how many there are.
func TestRowsStandAlone(t *testing.T) {
	n := open(t, pure(t))
	images, _ := pictures(t, batch+3)
	features, logits := extract(t, n, images...)
	var wait sync.WaitGroup
	for _, i := range []int{0, 1, batch - 1, batch, batch + 2} {
		wait.Go(func() {
			out, err := n.Extract(context.Background(), images[i:i+1], Preprocess, extractors.Pool, extractors.Logits)
			if err != nil {
				t.Error(err)
				return
			}
			if d := distance(out[0], features[i*Features:]); d > 1e-5 {
				t.Errorf("picture %d alone has features that differ by %g", i, d)
			}
			if d := distance(out[1], logits[i*Classes:]); d > 1e-5 {
				t.Errorf("picture %d alone has logits that differ by %g", i, d)
			}
		})
	}
	wait.Wait()
	if distance(features[:Features], features[Features:2*Features]) < 0.1 {
		t.Error("two pictures have the same features")
	}
	if out, err := n.Extract(t.Context(), nil, Preprocess, extractors.Pool); err != nil || len(out) != 1 || len(out[0]) != 0 {
		t.Errorf("no picture gave %v, %v", out, err)
	}
}

// Colour becomes grey first, other sizes become 28x28 then, and 28x28 stays what it is.
func TestPreprocess(t *testing.T) {
	images, _ := pictures(t, 1)
	grey := images[0]
	if prepare(grey) != grey {
		t.Error("a grey picture of 28x28 was changed")
	}
	if got := prepare(imaging.ToImage8(grey.Image(), 3)); !bytes.Equal(got.Pix, grey.Pix) {
		t.Error("grey as RGB is another picture")
	}
	red := imaging.NewImage8(2, 2, 3)
	for i := 0; i < len(red.Pix); i += 3 {
		red.Pix[i] = 255
	}
	if got := prepare(red); got.H != Side || got.W != Side || got.C != 1 || got.Pix[0] != 76 { // 0.299 · 255
		t.Errorf("red of 2x2 became %dx%dx%d with %d", got.W, got.H, got.C, got.Pix[0])
	}
	wide := imaging.NewImage8(40, 50, 1)
	for i := range wide.Pix {
		wide.Pix[i] = uint8(i * 7)
	}
	if got, want := prepare(wide), imaging.Resize(wide, Side, Side, imaging.Bilinear); !bytes.Equal(got.Pix, want.Pix) {
		t.Error("a picture of 50x40 was not resized by Pillow's bilinear filter")
	}
	if got := imaging.ToImage8(image.NewGray(image.Rect(0, 0, 3, 3)), 1); prepare(got).Pix[0] != 0 {
		t.Error("black became another colour")
	}
}

func TestExtractRefuses(t *testing.T) {
	n := open(t, pure(t))
	images, _ := pictures(t, 1)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		ctx    context.Context
		images []*imaging.Image8
		rule   extractors.Preprocess
		output extractors.Output
		want   string
	}{
		{t.Context(), images, extractors.TF1, extractors.Pool, `"tf1"`},
		{t.Context(), images, Preprocess, extractors.Spatial, `"spatial"`},
		{t.Context(), []*imaging.Image8{images[0], imaging.NewImage8(0, 4, 1)}, Preprocess, extractors.Pool, "picture 1 has 0 samples"},
		{cancelled, images, Preprocess, extractors.Pool, "canceled"},
	} {
		if _, err := n.Extract(test.ctx, test.images, test.rule, test.output); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %s", err, test.want)
		}
	}
	if n.Width(extractors.Spatial) != 0 || n.Width(extractors.Pool) != Features || n.Width(extractors.Logits) != Classes ||
		n.Name() != "fashion-cnn" || n.Batch() != batch || len(n.Preprocesses()) != 1 {
		t.Error("the network says other things about itself than its constants")
	}
	for range 2 {
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Extract(t.Context(), images, Preprocess, extractors.Pool); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a closed network gave %v", err)
	}
}

// changed returns the embedded file with other arrays.
func changed(t *testing.T, change func(arrays map[string]weights.Array)) []byte {
	t.Helper()
	arrays, _, err := decode(official)
	if err != nil {
		t.Fatal(err)
	}
	change(arrays)
	var file bytes.Buffer
	if err := weights.WriteSafetensors(&file, arrays, nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestOtherWeights(t *testing.T) {
	const name = "classifier/010-dense/bias"
	official1 := open(t, pure(t))
	n, err := OpenBytes(t.Context(), pure(t), changed(t, func(a map[string]weights.Array) {
		a[name] = weights.FromFloat32(make([]float32, Classes), Classes)
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if !official1.WeightsOfficial() || n.WeightsOfficial() || len(n.WeightsSHA256()) != 64 || n.WeightsSHA256() == official1.WeightsSHA256() {
		t.Errorf("official %v and %v, checksums %s and %s", official1.WeightsOfficial(), n.WeightsOfficial(),
			official1.WeightsSHA256(), n.WeightsSHA256())
	}
	arrays, _, err := decode(official)
	if err != nil {
		t.Fatal(err)
	}
	bias, err := arrays[name].Float32s()
	if err != nil {
		t.Fatal(err)
	}
	images, _ := pictures(t, 1)
	_, with := extract(t, official1, images...)
	_, without := extract(t, n, images...)
	for i := range bias {
		if d := math.Abs(float64(with[i] - without[i] - bias[i])); d > 1e-4 {
			t.Errorf("logit %d without its bias differs from that minus the bias by %g", i, d)
		}
	}
	for want, file := range map[string][]byte{
		"cannot be read":    official[:len(official)/2],
		"no such thing":     nil,
		name:                changed(t, func(a map[string]weights.Array) { delete(a, name) }),
		"[10], the weights": changed(t, func(a map[string]weights.Array) { a[name] = weights.FromFloat32(make([]float32, 2), 2) }),
		"variables":         changed(t, func(a map[string]weights.Array) { a["more"] = weights.FromFloat32(make([]float32, 2), 2) }),
	} {
		if want == "no such thing" {
			want = "cannot be read"
		}
		if _, err := OpenBytes(t.Context(), pure(t), file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
