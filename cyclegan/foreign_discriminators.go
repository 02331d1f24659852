package cyclegan

import (
	"fmt"

	"github.com/gogan-ml/gogan/internal/foreign"
)

// The networks of a discriminator are nn.Sequential: an activation follows the first convolution, a norm and an activation
// each of the others. A PatchGAN is called model, a PixelGAN net.
const (
	patchPrefix = "model."
	pixelPrefix = "net."
)

// convIn is the name of convolution i, normIn that of the norm after it.
func convIn(prefix string, i int) string { return fmt.Sprint(prefix, max(0, 3*i-1)) }
func normIn(prefix string, i int) string { return fmt.Sprint(prefix, 3*i) }

// isDiscriminator tells by the first two convolutions.
func isDiscriminator(s foreign.State, prefix string) bool {
	return s.Has(convIn(prefix, 0)+".weight") && s.Has(convIn(prefix, 1)+".weight")
}

// readDiscriminator reads the sizes off the tensors.
func readDiscriminator(s foreign.State, prefix string) (layout, string, error) {
	first, err := s.Dims(convIn(prefix, 0)+".weight", 4)
	if err != nil {
		return layout{}, "", err
	}
	o := Patch{Width: first[0], Channels: first[1]}
	if o.Norm, err = normOf(s, convIn(prefix, 1), normIn(prefix, 1)); err != nil {
		return layout{}, "", err
	}
	if prefix == pixelPrefix {
		return o.layout(), o.Norm, nil
	}
	convolutions := s.Count(func(i int) string { return convIn(prefix, i) + ".weight" })
	if o.Layers = convolutions - 2; o.Layers < 1 {
		return layout{}, "", fmt.Errorf("it has %d convolutions, a PatchGAN has at least 3", convolutions)
	}
	return o.layout(), o.Norm, nil
}

// layout is the discriminator.
func (o Patch) layout() layout {
	n := normed(o.Norm)
	bias := n == InstanceNorm
	prefix, kernel, last, smallest := patchPrefix, 4, o.Layers+1, 3<<o.Layers // of which the last but one map is 2x2
	what, lastBias := "PatchGAN discriminator of "+counted(o.Layers, "layer"), true
	if o.Layers == 0 {
		prefix, kernel, last, smallest = pixelPrefix, 1, 2, 2
		what, lastBias = "PixelGAN discriminator", bias
	}
	ports := convolution(convIn(prefix, 0), "000-conv", o.Channels, o.Width, kernel, true)
	maps := o.Width
	for i := 1; i < last; i++ {
		in := maps
		maps = o.Width * min(1<<i, widest)
		ports = append(ports, convolution(convIn(prefix, i), fmt.Sprintf("%03d-conv", i), in, maps, kernel, bias)...)
		ports = append(ports, n.ports(normIn(prefix, i), fmt.Sprintf("%03d-bn", i), maps)...)
	}
	ports = append(ports, convolution(convIn(prefix, last), fmt.Sprintf("%03d-conv", last), maps, 1, kernel, lastBias)...)
	return layout{
		kind: KindD, what: words(what, counted(o.Width, "map"), o.Norm+" norm", channelsInWords(o.Channels, o.Channels)),
		in: o.Channels, out: 1, stride: 1, smallest: smallest, network: PatchGAN(o), ports: ports,
	}
}
