package cyclegan

import (
	"fmt"

	"github.com/gogan-ml/gogan/internal/foreign"
)

// A generator of the reference code is nn.Sequential, in which paddings, norms and activations are layers too: the first
// residual block is layer 10.
const resnetFirstBlock = 10

func resnetName(i int) string { return fmt.Sprintf("model.%d", i) }

// resnetBlock is a convolution of block i. Between the two a dropout takes a place.
func resnetBlock(i, conv int, dropout bool) (name, norm string) {
	at := 1
	if conv == 2 {
		if at = 5; dropout {
			at = 6
		}
	}
	block := resnetName(resnetFirstBlock+i) + ".conv_block."
	return fmt.Sprint(block, at), fmt.Sprint(block, at+1)
}

// readResNet reads the sizes off the tensors.
func readResNet(s foreign.State) (layout, string, error) {
	o := ResNet{Upsampling: Transposed}
	first, err := s.Dims(resnetName(1)+".weight", 4)
	if err != nil {
		return layout{}, "", err
	}
	o.Width, o.Channels = first[0], first[1]
	if o.Norm, err = normOf(s, resnetName(1), resnetName(2)); err != nil {
		return layout{}, "", err
	}
	o.Blocks = s.Count(func(i int) string {
		conv, _ := resnetBlock(i, 1, false)
		return conv + ".weight"
	})
	without, _ := resnetBlock(0, 2, false)
	with, _ := resnetBlock(0, 2, true)
	o.Dropout = s.Has(with+".weight") && !s.Has(without+".weight") // without it, a batch norm may be where with it a convolution is
	last, err := s.Dims(resnetName(resnetFirstBlock+o.Blocks+7)+".weight", 4)
	if err != nil {
		return layout{}, "", err
	}
	return o.layout(last[0]), o.Norm, nil
}

// layout is the generator with so many channels out. The reference code doubles with transposed convolutions alone; those
// of Resize would have their places.
func (o ResNet) layout(out int) layout {
	n := normed(o.Norm)
	doubling, double := "convt", transposed
	if o.Upsampling == Resize {
		doubling, double = "conv", convolution
	}
	bias := n == InstanceNorm
	var ports []foreign.Port
	normedLayer := func(conv []foreign.Port, at, layer, maps int) {
		ports = append(append(ports, conv...), n.ports(resnetName(at+1), fmt.Sprintf("%03d-bn", layer), maps)...)
	}
	normedLayer(convolution(resnetName(1), "000-conv", o.Channels, o.Width, 7, bias), 1, 0, o.Width)
	for i := 1; i <= 2; i++ {
		at := 1 + 3*i
		normedLayer(convolution(resnetName(at), fmt.Sprintf("%03d-conv", i), o.Width<<(i-1), o.Width<<i, 3, bias), at, i, o.Width<<i)
	}
	maps := o.Width << 2
	for i := range o.Blocks {
		for conv := 1; conv <= 2; conv++ {
			name, norm := resnetBlock(i, conv, o.Dropout)
			ours := fmt.Sprintf("%03d-block/", 3+i)
			ports = append(ports, convolution(name, fmt.Sprint(ours, "conv", conv), maps, maps, 3, bias)...)
			ports = append(ports, n.ports(norm, fmt.Sprint(ours, "bn", conv), maps)...)
		}
	}
	at, layer := resnetFirstBlock+o.Blocks, 3+o.Blocks
	for i := 1; i >= 0; i-- {
		normedLayer(double(resnetName(at), fmt.Sprintf("%03d-%s", layer, doubling), o.Width<<(i+1), o.Width<<i, 3, bias), at, layer, o.Width<<i)
		at, layer = at+3, layer+1
	}
	ports = append(ports, convolution(resnetName(at+1), fmt.Sprintf("%03d-conv", layer), o.Width, out, 7, true)...)
	dropout := ""
	if o.Dropout {
		dropout = "dropout"
	}
	return layout{
		kind: KindG, what: words("ResNet generator of "+counted(o.Blocks, "block"), counted(o.Width, "map"), o.Norm+" norm", dropout,
			channelsInWords(o.Channels, out)),
		in: o.Channels, out: out, stride: resnetStride, smallest: resnetSmallest, network: o.to(out), ports: ports,
	}
}

// unetLevel is what comes before the layers' numbers in level i: a level is a layer of the one around it.
func unetLevel(i int) string {
	name := "model.model."
	for level := 1; level <= i; level++ {
		if level == 1 {
			name += "1.model."
		} else {
			name += "3.model."
		}
	}
	return name
}

// unetConv is the convolution on the way down in level i. In all but the outermost one an activation comes first.
func unetConv(i int) string {
	if i == 0 {
		return unetLevel(0) + "0"
	}
	return unetLevel(i) + "1"
}

// readUNet reads the sizes off the tensors. Dropout leaves no trace in them.
func readUNet(s foreign.State) (layout, string, error) {
	var o UNet
	first, err := s.Dims(unetConv(0)+".weight", 4)
	if err != nil {
		return layout{}, "", err
	}
	o.Width, o.Channels = first[0], first[1]
	last, err := s.Dims(unetLevel(0)+"3.weight", 4)
	if err != nil {
		return layout{}, "", err
	}
	if o.Norm, err = normOf(s, unetConv(1), unetLevel(1)+"2"); err != nil {
		return layout{}, "", err
	}
	o.Downs = s.Count(func(i int) string { return unetConv(i) + ".weight" })
	if o.Downs < fewestDowns {
		return layout{}, "", fmt.Errorf("it is a U-Net of %d levels; they have %d or more", o.Downs, fewestDowns)
	}
	return o.layout(last[1]), o.Norm, nil
}

// layout is the generator with so many channels out.
func (o UNet) layout(out int) layout {
	n := normed(o.Norm)
	bias := n == InstanceNorm
	var ports []foreign.Port
	for i := range o.Downs {
		ours := fmt.Sprintf("%03d-level/", i)
		in, up := o.Channels, out
		if i > 0 {
			in, up = o.maps(i-1), o.maps(i-1)
		}
		outermost, innermost := i == 0, i == o.Downs-1
		ports = append(ports, convolution(unetConv(i), ours+"down", in, o.maps(i), 4, bias)...)
		if !outermost && !innermost {
			ports = append(ports, n.ports(unetLevel(i)+"2", ours+"downbn", o.maps(i))...)
		}
		at, skip := 5, 2 // besides what comes from below, the way up sees what was before
		switch {
		case outermost:
			at = 3
		case innermost:
			at, skip = 3, 1
		}
		ports = append(ports, transposed(fmt.Sprint(unetLevel(i), at), ours+"up", skip*o.maps(i), up, 4, bias || outermost)...)
		if !outermost {
			ports = append(ports, n.ports(fmt.Sprint(unetLevel(i), at+1), ours+"upbn", up)...)
		}
	}
	return layout{
		kind: KindG, what: words("U-Net generator of "+counted(o.Downs, "level"), counted(o.Width, "map"), o.Norm+" norm",
			channelsInWords(o.Channels, out)),
		in: o.Channels, out: out, stride: 1 << o.Downs, smallest: 1 << o.Downs, network: o.to(out), ports: ports,
	}
}
