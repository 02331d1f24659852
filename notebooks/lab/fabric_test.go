package lab

import (
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/metrics"
)

// white returns one white picture with a black upper half.
func white(side int) *Pictures {
	m := imaging.NewImage8(side, side, 1)
	for i := side * side / 2; i < len(m.Pix); i++ {
		m.Pix[i] = 255
	}
	return &Pictures{Images: []*imaging.Image8{m}, Labels: []int{0}}
}

// contrast returns the standard deviation of the samples of the lower quarter.
func contrast(m *imaging.Image8) float64 {
	part := m.Pix[len(m.Pix)*3/4:]
	var sum, squares float64
	for _, v := range part {
		sum, squares = sum+float64(v), squares+float64(v)*float64(v)
	}
	n := float64(len(part))
	return math.Sqrt(squares/n - sum/n*sum/n)
}

// TestAliasing: stripes of three pixels are gone after an antialiased resize to a quarter, and come back as others after
// one that looks at two pixels of four.
func TestAliasing(t *testing.T) {
	p := Weave(white(112), 3, 0.8, 1)
	m := p.Images[0]
	for i := range len(m.Pix) / 2 {
		if m.Pix[i] != 0 {
			t.Fatal("black was dyed")
		}
	}
	if c := contrast(m); c < 60 || c > 85 { // a cosine of amplitude 102 has 72
		t.Errorf("the stripes have a contrast of %g", c)
	}
	for rule, alias := range map[metrics.Preprocess]bool{metrics.TF1: true, metrics.PytorchFID: true, metrics.Clean: false, metrics.Torchmetrics: false} {
		small, err := Resize(p, rule, 28)
		if err != nil {
			t.Fatal(err)
		}
		if small.Images[0].W != 28 || small.Images[0].H != 28 || small.Name() != string(rule) {
			t.Fatalf("%s gave %q of %dx%d", rule, small.Name(), small.Images[0].W, small.Images[0].H)
		}
		if c := contrast(small.Images[0]); (c > 15) != alias || !alias && c > 8 {
			t.Errorf("%s leaves a contrast of %g", rule, c)
		}
	}
	if _, err := Resize(p, "tf2", 28); err == nil || !strings.Contains(err.Error(), `no preprocessing "tf2"`) {
		t.Errorf("an unknown rule: error %v", err)
	}
	colour := &Pictures{Images: []*imaging.Image8{imaging.NewImage8(4, 4, 3)}, Labels: []int{0}}
	if _, err := Resize(colour, metrics.Clean, 2); err == nil || !strings.Contains(err.Error(), "3 channels") {
		t.Errorf("colour: error %v", err)
	}
}
