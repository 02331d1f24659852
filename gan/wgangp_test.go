package gan

import (
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	. "github.com/gomlx/gomlx/core/graph"
)

// TestCriticsEqualReference compares the networks of WGAN-GP and DCGAN's discriminator under layer and spectral norm; see
// make_critics.py. XLA runs the residual ones, which hold all that the others do.
func TestCriticsEqualReference(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/critics.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*pair{
		{name: "resnet", g: WGANGPGenerator(32, 3, 3), d: WGANGPCritic(32, 3), scale: 0.8, loss: Wasserstein, penalty: wganPenalty},
		{name: "conv", g: WGANGPConvGenerator(32, 3, 1), d: WGANGPConvCritic(32, 1), loss: Wasserstein, penalty: wganPenalty},
		{name: "layer", g: DCGANGenerator(32, 3, 3), d: DCGANDiscriminator(32, 3, "layer"), loss: Wasserstein, penalty: wganPenalty},
		{name: "spectral", g: DCGANGenerator(32, 3, 3), d: DCGANDiscriminator(32, 3, "spectral"), loss: Hinge},
	} {
		t.Run(p.name, func(t *testing.T) {
			p.ref, p.batch, p.latents, p.size, p.saltD, p.stride = ref, 4, 6, 32, 201, 127
			p.onlyD = p.name == "layer" || p.name == "spectral"
			p.compareForward(t, testbackend.Go(t))
			p.compareSteps(t, testbackend.Go(t))
			if p.name == "resnet" {
				p.compareSteps(t, testbackend.XLA(t))
			}
		})
	}
}

// wganPenalty is 10·E[(||∇d(x^)|| - 1)²] with the alpha of make_critics.py.
func wganPenalty(d func(x *Node) *Node, real, fake *Node) *Node {
	alpha := golden.Values(102, real.Shape().Dim(0))
	for i := range alpha {
		alpha[i] = (1 + alpha[i]) / 2
	}
	return GradientPenalty(d, real, fake, Const(real.Graph(), alpha), GP{Lambda: 10, Target: 1})
}

// TestCriticsParameters: the counts are those of make_critics.py at the authors' width of 128 and latents of 128.
func TestCriticsParameters(t *testing.T) {
	ref, err := weights.ReadNPZ("testdata/ref/critics.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*pair{
		{name: "resnet", g: WGANGPGenerator(32, 3, 128), d: WGANGPCritic(32, 128)},
		{name: "conv", g: WGANGPConvGenerator(32, 3, 128), d: WGANGPConvCritic(32, 128)},
	} {
		p.batch, p.latents, p.size = 2, 128, 32
		want, err := ref[p.name+".parameters"].Int64s()
		if err != nil {
			t.Fatal(err)
		}
		p.compareCounts(t, int(want[0]), int(want[1]))
	}
}
