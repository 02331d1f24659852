package gan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/weights"
)

// foreignKinds are the networks of other programs that can be read, by the names of `gogan weights forward --as`.
var foreignKinds = []struct {
	name      string
	generator bool
	is        func(s foreign.State) bool
	read      func(s foreign.State) (*foreignNetwork, error)
}{
	{"dcgan-g", true, isDCGANGenerator, readDCGANGenerator},
	{"dcgan-d", false, isDCGANDiscriminator, readDCGANDiscriminator},
	{"sngan-g", true, isSNGANGenerator, readSNGANGenerator},
	{"sngan-d", false, isSNGANDiscriminator, readSNGANDiscriminator},
}

// foreignNetwork is what the tensors of a file say of a network.
type foreignNetwork struct {
	architecture            string
	size, channels, classes int
	latents                 int // 0: a discriminator
	width                   int
	network                 Network // in evaluation mode, with the original's outputs
	ports                   []foreign.Port
	state                   foreign.State // that the ports read; nil: the file's
}

// ForeignKinds lists the networks of other programs that OpenForeign knows.
func ForeignKinds() []string {
	var names []string
	for _, k := range foreignKinds {
		names = append(names, k.name)
	}
	return names
}

// GuessForeign returns the kind that the names of a state dict are of, or "".
func GuessForeign(arrays map[string]weights.Array) string {
	s := foreign.NewState(arrays)
	for _, k := range foreignKinds {
		if k.is(s) {
			return k.name
		}
	}
	return ""
}

// readForeign reads a network and its variables, named below prefix.
func readForeign(kind string, arrays map[string]weights.Array, prefix string) (*foreignNetwork, map[string]weights.Array, error) {
	i := slices.Index(ForeignKinds(), kind)
	if i < 0 {
		return nil, nil, fmt.Errorf("there is no kind %q; there are %s", kind, strings.Join(ForeignKinds(), ", "))
	}
	s := foreign.NewState(arrays)
	n, err := foreignKinds[i].read(s)
	if err != nil {
		return nil, nil, err
	}
	if n.state != nil {
		s = n.state
	}
	variables, err := s.Through(n.ports, prefix)
	return n, variables, err
}

// foreignGenerator returns the config of the generator that a file of another program holds, and its variables as a
// checkpoint has them.
func foreignGenerator(arrays map[string]weights.Array) (Config, map[string]weights.Array, error) {
	kind := GuessForeign(arrays)
	if !strings.HasSuffix(kind, "-g") {
		return Config{}, nil, fmt.Errorf("it holds a %s, which draws no pictures; run it with `gogan weights forward`", kind)
	}
	n, variables, err := readForeign(kind, arrays, GeneratorPlayer+"/")
	if err != nil {
		return Config{}, nil, err
	}
	return Config{
		Architecture: n.architecture, ImageSize: n.size, Channels: n.channels, BaseChannels: n.width,
		Conditional: n.classes > 0, Classes: n.classes,
		Latents:  Latents{Dim: n.latents, Distribution: "normal"}, // those of both originals
		Networks: kind + " of another program", Generator: n.network,
	}, variables, nil
}
