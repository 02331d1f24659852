package lab

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// means is a network whose features are the mean grey levels of a picture's four quarters.
type means struct{}

func (means) Name() string                          { return "means" }
func (means) WeightsSHA256() string                 { return "" }
func (means) WeightsOfficial() bool                 { return true }
func (means) Preprocesses() []extractors.Preprocess { return []extractors.Preprocess{"none"} }
func (means) Batch() int                            { return 16 }
func (means) Close() error                          { return nil }
func (means) Width(o extractors.Output) int         { return 4 }
func (means) Extract(_ context.Context, images []*imaging.Image8, _ extractors.Preprocess, outputs ...extractors.Output) ([][]float32, error) {
	rows := make([]float32, 4*len(images))
	for i, m := range images {
		for k, v := range m.Pix {
			quarter := k%m.W/(m.W/2) + k/m.W/(m.H/2)*2
			rows[4*i+quarter] += float32(v) / float32(len(m.Pix)/4) / 10
		}
	}
	out := make([][]float32, len(outputs))
	for i := range out {
		out[i] = rows
	}
	return out, nil
}

var options = metrics.Options{Network: means{}, Metrics: []string{"fd", "kd", "classifier_score", "prdc"}, KIDSubsets: 4, KIDSubsetSize: 60}

// TestStudy: what is measured can be drawn and judged, a shift that darkens pictures is seen, copies are not seen by the
// distance but by the nearest real.
func TestStudy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	study, err := NewStudy(t.Context(), dir, source(400), &options)
	if err != nil {
		t.Fatal(err)
	}
	defer study.Close()
	if err := study.Floor(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	for _, d := range []Distortion{Shift(1, 4), Copies(0.5, 1)} {
		if err := study.Measure(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if _, err := figures.DoseFigure(dir, d.Name); err != nil {
			t.Error(err)
		}
	}
	doses, err := figures.ReadDoses(dir, "copies")
	if err != nil {
		t.Fatal(err)
	}
	if first, last := doses.Doses[0].Nearest, doses.Doses[2].Nearest; first <= 0 || last != 0 {
		t.Errorf("the nearest real is %g from others and %g from copies", first, last)
	}
	if got := doses.Doses[2].Results[0]; got.Name != "fd_means" || got.NReal != 400 || got.NFake != 200 || !(got.Value >= 0) {
		t.Errorf("the distance of copies is %v", got)
	}
	table, err := figures.Verdicts(dir, "shift", "copies")
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string][]string{} // by the title, without it
	for _, row := range table.Rows {
		verdicts[row[0]] = row[1:]
	}
	shift, copies := verdicts["Shift (pixels)"], verdicts["Copies of reals (share)"]
	if len(shift) != 7 || len(copies) != 7 {
		t.Fatalf("the table says\n%v", table)
	}
	if shift[0] != "from 1" {
		t.Errorf("the distance sees the shift %q, want from 1", shift[0])
	}
	if strings.HasPrefix(copies[0], "from") || copies[6] != "from 100%" && copies[6] != "from 50%" {
		t.Errorf("of copies the distance says %q and the nearest real %q", copies[0], copies[6])
	}
}

// TestPlane: the directions of the largest variances 9 and 4 of a covariance turned by 30 degrees.
func TestPlane(t *testing.T) {
	c, s := math.Cos(math.Pi/6), math.Sin(math.Pi/6)
	u, v := []float64{c, s, 0}, []float64{-s, c, 0}
	set := &metrics.Stats{N: 2, Mean: []float64{1, 2, 3}, Cov: make([]float64, 9)}
	for i := range 3 {
		for j := range 3 {
			set.Cov[3*i+j] = 9*u[i]*u[j] + 4*v[i]*v[j]
		}
	}
	set.Cov[8] = 1
	set.Pool.N, set.Pool.D, set.Pool.Data = 1, 3, []float32{float32(1 + 2*c), float32(2 + 2*s), 7}
	plane, err := NewPlane(set)
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := plane.Cloud("one", set)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(math.Abs(cloud.X[0])-2) > 1e-6 || math.Abs(cloud.Y[0]) > 1e-6 || cloud.Name != "one" { // float32 features
		t.Errorf("a point 2 along the first direction lies at (%g, %g)", cloud.X[0], cloud.Y[0])
	}
	if math.Abs(math.Abs(dot(plane.axes[1], v))-1) > 1e-9 {
		t.Errorf("the second direction is %v, want %v", plane.axes[1], v)
	}
	if _, err := NewPlane(&metrics.Stats{}); err == nil {
		t.Error("a plane without moments")
	}
}

func TestBias(t *testing.T) {
	all := &metrics.Stats{N: 9, DDoF: 1}
	all.Pool.N, all.Pool.D, all.Pool.Data = 9, 1, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	b, err := Bias(all, []int{2, 9}, 3, 1, func(some *metrics.Stats) (float64, error) { return some.Mean[0], nil })
	if err != nil {
		t.Fatal(err)
	}
	if mean, std := b.Spread(1); mean != 5 || std != 0 {
		t.Errorf("all nine have the mean %g ± %g, want 5 ± 0", mean, std)
	}
	if _, std := b.Spread(0); std == 0 {
		t.Error("choices of two do not differ")
	}
	if x, y := b.Inverse(3); len(x) != 3 || x[0] != 1./9 || y[0] != 5 {
		t.Errorf("the points of at least 3 are %v, %v", x, y)
	}
	if _, err := Bias(all, []int{10}, 1, 1, nil); err == nil {
		t.Error("10 of 9 were chosen")
	}
}

// TestNormalBias: the excess of many vectors is d²/4n + d/n (the means) within the spread of its sum, and half as many give
// about twice of it.
func TestNormalBias(t *testing.T) {
	const d = 32
	for _, n := range []int{1024, 2048} {
		got, err := NormalBias(d, n, 1)
		if err != nil {
			t.Fatal(err)
		}
		// d(d+1)/4n and |mean|² = d/n; 10 % is three times what the sum of some hundred squares varies by.
		want := float64(d*(d+1))/float64(4*n) + float64(d)/float64(n)
		if math.Abs(got-want) > 0.1*want {
			t.Errorf("%d vectors lie %g away, want about %g", n, got, want)
		}
	}
	if _, err := NormalBias(d, 1, 1); err == nil {
		t.Error("one vector has a distance")
	}
}
