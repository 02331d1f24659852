package gan

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

var update = flag.Bool("update", false, "rewrite testdata/snap")

// TestVariableLists keeps paths and shapes of all variables, because checkpoints are read by them.
func TestVariableLists(t *testing.T) {
	const file = "testdata/snap/variables.txt"
	var b bytes.Buffer
	for _, test := range []struct {
		name          string
		size, classes int
		g, d          Network
	}{
		{"dcgan 32 px, batch", 32, 0, DCGANGenerator(32, 3, 2), DCGANDiscriminator(32, 2, "batch")},
		{"dcgan 32 px, layer", 32, 0, DCGANGenerator(32, 3, 2), DCGANDiscriminator(32, 2, "layer")},
		{"dcgan 32 px, spectral", 32, 0, DCGANGenerator(32, 3, 2), DCGANDiscriminator(32, 2, "spectral")},
		{"conv-wgan-gp 32 px", 32, 0, WGANGPConvGenerator(32, 3, 2), WGANGPConvCritic(32, 2)},
		{"resnet-wgan-gp 32 px", 32, 0, WGANGPGenerator(32, 3, 2), WGANGPCritic(32, 2)},
		{"resnet-wgan-gp 64 px", 64, 0, WGANGPGenerator(64, 3, 2), WGANGPCritic(64, 2)},
		{"resnet-sngan 32 px", 32, 0, SNGANGenerator(32, 3, 4, 0), SNGANDiscriminator(32, 2, 0)},
		{"resnet-sngan 32 px, 5 classes", 32, 5, SNGANGenerator(32, 3, 4, 5), SNGANDiscriminator(32, 2, 5)},
		{"resnet-sngan 48 px", 48, 0, SNGANGenerator(48, 3, 2, 0), SNGANDiscriminator(48, 2, 0)},
		{"resnet-sngan 64 px", 64, 0, SNGANGenerator(64, 3, 2, 0), SNGANDiscriminator(64, 2, 0)},
		{"mlp-vae, the encoder as D", 32, 0, MLPDecoder(32, 3, 2), MLPEncoder(7, 2)},
		{"conv-vae 32 px, the encoder as D", 32, 0, ConvDecoder(32, 3, 2), ConvEncoder(32, 7, 2)},
		{"dcgan 32 px, the encoder as D", 32, 0, DCGANGenerator(32, 3, 2), DCGANEncoder(32, 7, 2, "batch")},
	} {
		p := &pair{batch: 2, latents: 7, size: test.size, g: test.g, d: test.d}
		if test.classes > 0 {
			p.labels, p.zLabels = []int32{0, 1}, []int32{1, 0}
		}
		fmt.Fprintf(&b, "# %s\n", test.name)
		store := p.newStore(t)
		for _, player := range []string{GeneratorPlayer, DiscriminatorPlayer} {
			for _, v := range sortedVariables(store, player) {
				fmt.Fprintf(&b, "%s %s trained=%t\n", v.Path(), v.Shape(), v.Trainable)
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d of %s is %q, the networks differ from there on (go test -update, if old checkpoints may break)", i+1, file, line)
		}
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("the networks have more variables than %s", file)
	}
}

// TestNetworksPanic: what is wrong is named with what was given.
func TestNetworksPanic(t *testing.T) {
	for _, test := range []struct {
		network Network
		dims    []int
		words   string
	}{
		{SNGANGenerator(28, 1, 2, 0), []int{2, 5}, "28"},
		{SNGANGenerator(32, 1, 2, 0), []int{2, 5, 1}, "[2, 5, 1]"},
		{SNGANGenerator(32, 1, 2, 3), []int{2, 5}, "3 classes"},
		{SNGANDiscriminator(32, 2, 3), []int{2, 32, 32, 1}, "3 classes"},
		{SNGANDiscriminator(48, 2, 0), []int{2, 32, 32, 1}, "[2, 32, 32, 1]"},
		{SNGANDiscriminator(128, 2, 0), []int{2, 128, 128, 1}, "128"},
		{WGANGPGenerator(28, 1, 2), []int{2, 5}, "28"},
		{WGANGPCritic(8, 2), []int{2, 8, 8, 1}, "16 px or more, not 8"},
		{WGANGPCritic(32, 2), []int{2, 28, 28, 1}, "[2, 28, 28, 1]"},
		{WGANGPConvGenerator(32, 1, 2), []int{5}, "[5]"},
		{WGANGPConvCritic(4, 2), []int{2, 4, 4, 1}, "not 4"},
	} {
		exec, err := model.NewExec(testbackend.Go(t), model.NewStore(), func(scope *model.Scope, g *Graph) *Node {
			return test.network(scope, IotaFull(g, shapes.Make(dtypes.Float32, test.dims...)))
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.Compile(); err == nil || !strings.Contains(firstLine(err), test.words) {
			t.Errorf("inputs %v: %v, want an error that says %q", test.dims, err, test.words)
		}
		exec.Finalize()
	}
}
