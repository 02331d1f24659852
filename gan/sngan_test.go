package gan

import (
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
)

// TestSNGANEqualsReference compares both networks with those of mimicry in the authors' form; see make_sngan.py. XLA, which
// compiles for 3 s a program, runs the steps of the conditional ones.
func TestSNGANEqualsReference(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/sngan.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name          string
		size, classes int
		saltD         uint32
	}{{"u32", 32, 0, 904}, {"c32", 32, 3, 238}, {"u48", 48, 0, 904}, {"u64", 64, 0, 904}} {
		p := &pair{name: test.name, ref: ref, batch: 4, latents: 6, size: test.size, saltD: test.saltD, stride: 127, loss: Hinge,
			g: SNGANGenerator(test.size, 3, 3, test.classes), d: SNGANDiscriminator(test.size, 3, test.classes)}
		if test.classes > 0 {
			p.labels, p.zLabels = []int32{2, 0, 1, 2}, []int32{1, 2, 0, 1}
		}
		t.Run(test.name, func(t *testing.T) {
			p.compareForward(t, testbackend.Go(t))
			if test.size == 32 {
				p.compareSteps(t, testbackend.Go(t))
			}
			if test.classes > 0 {
				p.compareSteps(t, testbackend.XLA(t))
			}
		})
	}
}

// TestSNGANParameters: 32 px are the published counts; 48 and 64 px what mimicry's count_params says of its classes, which
// are the same (at 32 px its D has a bias more).
func TestSNGANParameters(t *testing.T) {
	for _, test := range []struct{ size, classes, widthG, widthD, g, d int }{
		{32, 0, 256, 128, 4276739, 1053824},
		{32, 10, 256, 128, 4304387, 1055104},
		{48, 0, 64, 64, 4878083, 10141441},
		{64, 0, 64, 64, 12220675, 10141441},
	} {
		p := &pair{batch: 1, latents: 128, size: test.size,
			g: SNGANGenerator(test.size, 3, test.widthG, test.classes), d: SNGANDiscriminator(test.size, test.widthD, test.classes)}
		if test.classes > 0 {
			p.labels, p.zLabels = []int32{0}, []int32{0}
		}
		p.compareCounts(t, test.g, test.d)
	}
}
