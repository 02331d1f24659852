package lab

import (
	"image"
	"image/color"
	"math"
	"path/filepath"
	"testing"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
)

// One white pixel on black in the middle of 5x5: of the nine inner values one is -4·255, four are 255 and four 0.
func TestSharpness(t *testing.T) {
	dot := image.NewGray(image.Rect(0, 0, 5, 5))
	dot.SetGray(2, 2, color.Gray{Y: 255})
	flat := image.NewGray(image.Rect(0, 0, 5, 5))
	want := (16 + 4) * 255. * 255 / 9 // the mean is 0
	if got := Sharpness([]image.Image{dot}); math.Abs(got-want) > 1e-9 {
		t.Errorf("a dot: %g, want %g", got, want)
	}
	if got := Sharpness([]image.Image{dot, flat}); math.Abs(got-want/2) > 1e-9 {
		t.Errorf("a dot and nothing: %g, want %g", got, want/2)
	}
	if got := SquaredError([]image.Image{dot, flat}, []image.Image{flat, flat}); math.Abs(got-1./50) > 1e-12 {
		t.Errorf("one pixel of 50 differs by 1: %g", got)
	}
}

func TestVAEOfARun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vae")
	data, err := datasets.Open("fashion-mini:train")
	if err != nil {
		t.Fatal(err)
	}
	cfg := gan.VAEMLP()
	cfg.BaseChannels, cfg.Latents.Dim = 32, 4
	run, err := gan.Open(dir, cfg, data)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	measure := func() gan.Evidence {
		e, err := Evidence(t.Context(), dir, data, 64, 1)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	before := measure()
	if err := run.TrainTo(t.Context(), 128*100, gan.Silent()); err != nil {
		t.Fatal(err)
	}
	if after := measure(); !(after.ELBO > before.ELBO+100) { // from 28·28·ln 2 = 543 nats to below 400
		t.Errorf("training changed the ELBO from %g to %g", before.ELBO, after.ELBO)
	}
	pictures, err := Read(data, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	shown := pictures.Show(3)
	back, err := Reconstruct(t.Context(), dir, shown)
	if err != nil || len(back) != 3 {
		t.Fatalf("%d reconstructions, %v", len(back), err)
	}
	if e := SquaredError(shown, back); !(e < SquaredError(shown, []image.Image{back[1], back[2], back[0]})) {
		t.Errorf("pictures are off by %g from their own reconstructions, and less from those of others", e)
	}
	walk, err := Between(t.Context(), dir, shown, 5)
	if err != nil || len(walk) != 10 {
		t.Fatalf("%d pictures of two walks of 5, %v", len(walk), err)
	}
	if SquaredError(walk[:1], back[:1]) != 0 || SquaredError(walk[9:], back[2:]) != 0 {
		t.Error("a walk does not end at the reconstructions")
	}
}
