package gan

import (
	"bytes"
	"image"
	"math"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// linearVAE has one pixel x = a·z + σ·noise, whose density is N(0, a²+σ²), and q(z|x) = N(a·x/(a²+σ²), var), which is the
// true posterior for var = σ²/(a²+σ²).
func linearVAE(t *testing.T, a, std, variance float64) *Generator {
	t.Helper()
	cfg := VAE()
	cfg.Latents.Dim, cfg.Likelihood, cfg.LikelihoodStd = 1, Gaussian, std
	cfg.ImageSize, cfg.Channels = 1, 1
	cfg.Generator = func(_ *model.Scope, inputs ...*graph.Node) *graph.Node {
		return graph.Reshape(graph.MulScalar(inputs[0], a), -1, 1, 1, 1)
	}
	cfg.Encoder = func(_ *model.Scope, inputs ...*graph.Node) *graph.Node {
		mean := graph.MulScalar(graph.Reshape(inputs[0], -1, 1), a/(a*a+std*std))
		return graph.Concatenate([]*graph.Node{mean, graph.AddScalar(graph.MulScalar(mean, 0), math.Log(variance))}, -1)
	}
	g, err := newGenerator(testbackend.Go(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	if err := g.setWeights(nil); err != nil {
		t.Fatal(err)
	}
	return g
}

// exactEvidence is the mean of log N(x; 0, variance) over the first n pictures of one pixel.
func exactEvidence(t *testing.T, n int, variance float64) (mean float64) {
	t.Helper()
	for at := 0; at < n; at += drawBatch {
		x, _, err := noise{1, 1}.Batch(0, int64(at), drawBatch)
		if err != nil {
			t.Fatal(err)
		}
		values, err := tensors.CopyFlatData[float32](x)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values[:min(drawBatch, n-at)] {
			mean -= (float64(v)*float64(v)/variance + math.Log(2*math.Pi*variance)) / 2 / float64(n)
		}
	}
	return mean
}

// With the true posterior every sample of the importance-weighted bound is log p(x) itself. With one that is too wide the
// bounds are ordered: ELBO, which lacks KL(q || p(z|x)), then that of many samples, then log p(x).
func TestEvidenceOfALinearVAE(t *testing.T) {
	const a, std, n = 0.8, 0.6, 400
	variance := a*a + std*std
	posterior := std * std / variance
	exact := exactEvidence(t, n, variance)
	e, err := linearVAE(t, a, std, posterior).Evidence(t.Context(), noise{1, 1}, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the bound at the true posterior", e.ImportanceWeighted, exact, 1e-5)

	g := linearVAE(t, a, std, 2*posterior)
	var bounds []float64
	for _, samples := range []int{1, 100} {
		if e, err = g.Evidence(t.Context(), noise{1, 1}, n, samples); err != nil {
			t.Fatal(err)
		}
		bounds = append(bounds, e.ImportanceWeighted)
	}
	// KL of N(m, 2v) from N(m, v); 400·100 samples of -log p(x|z), which has a standard deviation below 2: 5 of them.
	near(t, "ELBO", e.ELBO, exact-(1-math.Ln2)/2, 0.05)
	near(t, "ELBO by its parts", e.ELBO, -e.Reconstruction-e.KL, 1e-12)
	if !(bounds[0] < bounds[1]-0.05) {
		t.Errorf("bounds of 1 and 100 samples: %v, want the second one higher", bounds)
	}
	// It falls short by var(w)/2k, and is off by sqrt(var(w)/kn), where w = sqrt(2)·exp(-ε²/2) has var(w) = 2/sqrt(3) - 1.
	near(t, "100 samples", bounds[1], exact, 0.001+5*0.002)
	if _, err := g.Evidence(t.Context(), noise{1, 1}, 4, 0); err == nil {
		t.Error("no samples were enough")
	}
}

// A trained VAE is opened from its directory: means and reconstructions do not depend on what is encoded with them, and
// the reconstruction is the decoder's picture of the mean.
func TestEncode(t *testing.T) {
	dir := t.TempDir()
	cfg := tinyVAE()
	cfg.EMAKimg = 0.01
	train(t, open(t, dir, cfg), 40)
	g, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	var pictures []image.Image
	for i := range 20 {
		m := imaging.NewImage8(28, 28, 1)
		for j := range m.Pix {
			m.Pix[j] = uint8(i*j + 7*i)
		}
		pictures = append(pictures, m.Image())
	}
	mean, logVar, err := g.Encode(t.Context(), pictures)
	if err != nil || len(mean) != 20 || len(logVar) != 20 || len(mean[0]) != 4 {
		t.Fatalf("%d means, %d variances, %v", len(mean), len(logVar), err)
	}
	alone, _, err := g.Encode(t.Context(), pictures[18:19])
	if err != nil {
		t.Fatal(err)
	}
	for i := range alone[0] {
		near(t, "mean alone", float64(alone[0][i]), float64(mean[18][i]), 0)
	}
	if mean[18][0] == mean[3][0] {
		t.Error("two pictures have one mean")
	}
	back, err := g.Reconstruct(t.Context(), pictures)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := g.Synthesize(t.Context(), mean)
	if err != nil {
		t.Fatal(err)
	}
	for i := range back {
		if !bytes.Equal(pixels(t, back[i]), pixels(t, drawn[i])) {
			t.Fatalf("reconstruction %d is not what the decoder draws for the mean", i)
		}
	}
	small := imaging.NewImage8(30, 30, 1).Image()
	for _, bad := range [][]image.Image{{small}, {pictures[0], small}} {
		if _, _, err := g.Encode(t.Context(), bad); err == nil {
			t.Error("a picture of another size was encoded")
		}
	}
}

func TestOnlyAVAEEncodes(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(*Config)
	}{
		{"no encoder", func(c *Config) { *c = tiny() }},
		{"gan.WithEncoder", func(c *Config) { c.Encoder = MLPEncoder(4, 8) }},
	} {
		dir := t.TempDir()
		cfg := tinyVAE()
		test.change(&cfg)
		train(t, open(t, dir, cfg), 4)
		g, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dir)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		picture := []image.Image{imaging.NewImage8(28, 28, 1).Image()}
		if _, _, err := g.Encode(t.Context(), picture); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
		if cfg.Encoder == nil {
			continue
		}
		own, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dir, WithEncoder(cfg.Encoder))
		if err != nil {
			t.Fatal(err)
		}
		defer own.Close()
		if _, _, err := own.Encode(t.Context(), picture); err != nil {
			t.Error(err)
		}
	}
}
