package cyclegan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/weights"
)

// layout is a network of this package as the reference code has it.
type layout struct {
	kind             string // KindG or KindD
	what             string // it is, in words
	in, out          int    // channels of what goes in and of what comes out
	stride, smallest int    // of height and width of a picture
	network          gan.Network
	ports            []foreign.Port
}

func (l layout) String() string { return l.what }

// KindG and KindD are the networks of the reference code, by the names of `gogan weights forward --as`: generators are in
// NAME_net_G_A.pth, NAME_net_G_B.pth or latest_net_G.pth, discriminators in NAME_net_D_A.pth and NAME_net_D_B.pth.
const (
	KindG = "cyclegan-g"
	KindD = "cyclegan-d"
)

// ForeignKinds lists the networks of the reference code that OpenForeign knows.
func ForeignKinds() []string { return []string{KindG, KindD} }

// GuessForeign returns the kind that the names of a state dict are of, or "".
func GuessForeign(arrays map[string]weights.Array) string {
	s := foreign.NewState(arrays)
	switch {
	case s.Has(resnetName(1)+".weight") && s.Has(resnetName(4)+".weight") || s.Has(unetConv(0)+".weight"):
		return KindG
	case isDiscriminator(s, patchPrefix) || isDiscriminator(s, pixelPrefix):
		return KindD
	}
	return ""
}

// readForeign finds out which network the tensors of a file are of, and returns it with its variables, named below prefix.
func readForeign(kind string, arrays map[string]weights.Array, prefix string) (layout, map[string]weights.Array, error) {
	s := foreign.NewState(arrays)
	var l layout
	var norm string
	var err error
	switch {
	case kind == KindG && s.Has(unetConv(0)+".weight"):
		l, norm, err = readUNet(s)
	case kind == KindG:
		l, norm, err = readResNet(s)
	case kind == KindD && isDiscriminator(s, pixelPrefix):
		l, norm, err = readDiscriminator(s, pixelPrefix)
	case kind == KindD:
		l, norm, err = readDiscriminator(s, patchPrefix)
	default:
		return layout{}, nil, fmt.Errorf("there is no kind %q; there are %s", kind, strings.Join(ForeignKinds(), ", "))
	}
	if err != nil {
		return layout{}, nil, err
	}
	if norm == InstanceNorm {
		s = withoutAverages(s)
	}
	variables, err := s.Through(l.ports, prefix)
	return l, variables, err
}

// withoutAverages leaves out what instance norms saved with PyTorch before 0.4: averages that they do not use, as each
// picture is normalized by its own statistics. The reference code drops them too.
func withoutAverages(s foreign.State) foreign.State {
	out := foreign.State{}
	for name, a := range s {
		if !strings.HasSuffix(name, ".running_mean") && !strings.HasSuffix(name, ".running_var") {
			out[name] = a
		}
	}
	return out
}

// normOf tells the norm of a network from two of its layers: batch norm has a scale, and before instance norm the
// convolution has a bias.
func normOf(s foreign.State, conv, norm string) (string, error) {
	switch {
	case s.Has(norm + ".weight"):
		return BatchNorm, nil
	case s.Has(conv + ".bias"):
		return InstanceNorm, nil
	}
	return "", fmt.Errorf("there is neither a bias of %s nor a scale of %s: networks have instance norm or batch norm here, not --norm none",
		conv, norm)
}

// convolution are the tensors of a convolution, whose kernel is square.
func convolution(name, ours string, in, out, kernel int, bias bool) []foreign.Port {
	return withBias(foreign.Port{Name: name + ".weight", Shape: []int{out, in, kernel, kernel}, Perm: foreign.KernelAxes,
		Ours: []string{ours + "/weight"}}, name, ours, out, bias)
}

// transposed are the tensors of a transposed convolution.
func transposed(name, ours string, in, out, kernel int, bias bool) []foreign.Port {
	return withBias(foreign.Port{Name: name + ".weight", Shape: []int{in, out, kernel, kernel}, Perm: foreign.TransposedAxes,
		Ours: []string{ours + "/weight"}}, name, ours, out, bias)
}

func withBias(weight foreign.Port, name, ours string, out int, bias bool) []foreign.Port {
	if !bias {
		return []foreign.Port{weight}
	}
	return []foreign.Port{weight, {Name: name + ".bias", Shape: []int{out}, Ours: []string{ours + "/bias"}}}
}

// ports are the tensors of a norm, none if it is the instance's.
func (n normed) ports(name, ours string, channels int) []foreign.Port {
	if n == InstanceNorm {
		return nil
	}
	return foreign.BatchNorm(name, ours, channels)
}

// words joins the parts of a description.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

func channelsInWords(in, out int) string {
	if in == out {
		return "pictures of " + counted(in, "channel")
	}
	return fmt.Sprintf("%s to %d", counted(in, "channel"), out)
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
