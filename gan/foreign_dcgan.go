package gan

import (
	"fmt"

	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/weights"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// The networks of PyTorch's DCGAN example (pytorch/examples, dcgan/main.py), and of its variants with fewer or more layers,
// are nn.Sequential: the number in a tensor's name is the place of its layer, activations included.

// isDCGANGenerator: layer 1 is a batch norm.
func isDCGANGenerator(s foreign.State) bool { return s.Has("main.0.weight") && s.Has("main.1.weight") }

// isDCGANDiscriminator: layer 1 is an activation, layer 2 a convolution.
func isDCGANDiscriminator(s foreign.State) bool {
	return s.Has("main.0.weight") && s.Has("main.2.weight")
}

// readDCGANGenerator reads the sizes off the tensors: layers 0, 3, 6, ... are convolutions, a batch norm follows each but
// the last.
func readDCGANGenerator(s foreign.State) (*foreignNetwork, error) {
	name := func(i int) string { return fmt.Sprintf("main.%d.weight", 3*i) }
	doublings := s.Count(name) - 1
	first, last, size, err := dcganEnds(s, name, doublings)
	if err != nil {
		return nil, err
	}
	latents, width, channels := first[0], first[1]>>(doublings-1), last[1]
	return &foreignNetwork{architecture: "dcgan", size: size, channels: channels, latents: latents, width: width,
		ports: dcganGeneratorPorts(size, channels, latents, width), network: DCGANGenerator(size, channels, width)}, nil
}

func dcganGeneratorPorts(size, channels, latents, width int) []foreign.Port {
	start, doublings := dcganStart(size)
	var ports []foreign.Port
	for i, in, maps := 0, latents, width<<(doublings-1); i <= doublings; i++ {
		kernel := 4
		if i == 0 {
			kernel = start
		}
		if i == doublings {
			maps = channels
		}
		ports = append(ports, foreign.Port{Name: fmt.Sprintf("main.%d.weight", 3*i), Shape: []int{in, maps, kernel, kernel}, Perm: foreign.TransposedAxes,
			Ours: []string{fmt.Sprintf("%03d-convt/weight", 2*i)}})
		if i < doublings {
			ports = append(ports, foreign.BatchNorm(fmt.Sprintf("main.%d", 3*i+1), fmt.Sprintf("%03d-bn", 2*i+1), maps)...)
		}
		in, maps = maps, maps/2
	}
	return ports
}

// readDCGANDiscriminator reads the sizes off the tensors: layers 0, 2, 5, 8, ... are convolutions, a batch norm follows
// those in the middle. The original ends with a sigmoid, so its output is a probability [batch].
func readDCGANDiscriminator(s foreign.State) (*foreignNetwork, error) {
	name := func(i int) string { return fmt.Sprintf("main.%d.weight", max(0, 3*i-1)) }
	doublings := s.Count(name) - 1
	_, first, size, err := dcganEnds(s, func(i int) string { return name(doublings - i) }, doublings)
	if err != nil {
		return nil, err
	}
	width, channels := first[0], first[1]
	logits := DCGANDiscriminator(size, width, "batch")
	return &foreignNetwork{architecture: "dcgan", size: size, channels: channels, width: width,
		ports: dcganDiscriminatorPorts(size, channels, width),
		network: func(scope *model.Scope, inputs ...*Node) *Node {
			return Reshape(Sigmoid(logits(scope, inputs...)), inputs[0].Shape().Dim(0))
		}}, nil
}

func dcganDiscriminatorPorts(size, channels, width int) []foreign.Port {
	start, doublings := dcganStart(size)
	var ports []foreign.Port
	for i, in, maps := 0, channels, width; i <= doublings; i++ {
		kernel := 4
		if i == doublings {
			kernel, maps = start, 1
		}
		ports = append(ports, foreign.Port{Name: fmt.Sprintf("main.%d.weight", max(0, 3*i-1)), Shape: []int{maps, in, kernel, kernel}, Perm: foreign.KernelAxes,
			Ours: []string{fmt.Sprintf("%03d-conv/weight", 2*i)}})
		if i > 0 && i < doublings {
			ports = append(ports, foreign.BatchNorm(fmt.Sprintf("main.%d", 3*i), fmt.Sprintf("%03d-bn", 2*i+1), maps)...)
		}
		in, maps = maps, 2*maps
	}
	return ports
}

// ExportDCGAN returns the newest checkpoint of a DCGAN run, or what is in a file that Export made, as the state dict of a
// network of PyTorch's DCGAN example: kind is dcgan-g (the moving average if the run has one) or dcgan-d. The example's
// classes load it where size, width and channels are theirs; counters of batches, which are not kept here, are absent.
func ExportDCGAN(path, kind string) (map[string]weights.Array, error) {
	cfg, arrays, err := readModel(path, false)
	if err != nil {
		return nil, err
	}
	var ports []foreign.Port
	player := DiscriminatorPlayer
	switch {
	case cfg.Architecture != "dcgan" || cfg.Networks != "preset":
		return nil, fmt.Errorf("gan: %s has the networks %s (%s), only those of dcgan can be written as %s", path, cfg.Architecture, cfg.Networks, kind)
	case kind == "dcgan-g":
		player = cfg.averaged(GeneratorPlayer)
		ports = dcganGeneratorPorts(cfg.ImageSize, cfg.Channels, cfg.Latents.Dim, cfg.BaseChannels)
	case kind == "dcgan-d" && cfg.DiscriminatorNorm == "batch":
		ports = dcganDiscriminatorPorts(cfg.ImageSize, cfg.Channels, cfg.discriminatorChannels())
	case kind == "dcgan-d":
		return nil, fmt.Errorf("gan: the discriminator of %s has norm %s; that of the DCGAN example has batch norm", path, cfg.DiscriminatorNorm)
	default:
		return nil, fmt.Errorf("gan: there is no kind %q to write; there are dcgan-g, dcgan-d", kind)
	}
	out, err := foreign.Backwards(arrays, ports, player+"/")
	if err != nil {
		return nil, fmt.Errorf("gan: %s: %w", path, err)
	}
	return out, nil
}

// dcganEnds returns the shapes of the kernels at the smallest map, convolution 0 of name, and at the image, and the size
// of the image: the first kernel covers the smallest map, and each of the others doubles it.
func dcganEnds(s foreign.State, name func(i int) string, doublings int) (small, image []int, size int, err error) {
	if small, err = s.Dims(name(0), 4); err != nil {
		return nil, nil, 0, err
	}
	if doublings < 1 {
		return nil, nil, 0, fmt.Errorf("it has one convolution, %s", name(0))
	}
	if image, err = s.Dims(name(doublings), 4); err != nil {
		return nil, nil, 0, err
	}
	size = small[2] << doublings
	if start, n := dcganStart(size); start != small[2] || n != doublings {
		return nil, nil, 0, fmt.Errorf("tensor %s is %v; of networks with %d doublings the maps of 4x4 and of odd sizes are known", name(0), small, doublings)
	}
	return small, image, size, nil
}
