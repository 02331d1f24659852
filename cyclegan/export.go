package cyclegan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/internal/saved"
	"github.com/gogan-ml/gogan/weights"
)

// Networks lists the networks of a run, as ExportForeign names them: the paper's names. The reference code keeps them in
// net_G_A, net_G_B, net_D_B and net_D_A.
func Networks() []string { return []string{"G", "F", "DX", "DY"} }

// networkScopes are where their variables lie.
var networkScopes = map[string]string{"G": ScopeG, "F": ScopeF, "DX": ScopeDX, "DY": ScopeDY}

// ExportForeign returns one network as the state dict of the reference code's class, which loads it with strict=True: of the
// newest checkpoint of a run, or of a file of one, the network that one of Networks says; or the only one of a file of the
// reference code, without the averages that old instance norms left, for network "". kind is KindG or KindD. Counters of
// batches, which are not kept here, are absent; PyTorch starts them at 0.
func ExportForeign(path, kind, network string) (map[string]weights.Array, error) {
	m, err := saved.Read("cyclegan", path, false)
	if err != nil {
		return nil, err
	}
	var out map[string]weights.Array
	switch {
	case !slices.Contains(ForeignKinds(), kind):
		err = fmt.Errorf("there is no kind %q to write; there are %s", kind, strings.Join(ForeignKinds(), ", "))
	case m.Family() == saved.FamilyCycleGAN:
		out, err = exportRun(path, m, kind, network)
	case m.Config != nil:
		err = errors.New("it is a model of package gan, whose networks are not those of CycleGAN")
	case network != "":
		err = fmt.Errorf("it holds one network of the reference code: leave %s out", network)
	default:
		l, variables, readErr := readForeign(kind, m.Arrays, "")
		if err = readErr; err == nil {
			out, err = foreign.Backwards(variables, l.ports, "")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cyclegan: %s: %w", path, err)
	}
	return out, nil
}

func exportRun(path string, m saved.Model, kind, network string) (map[string]weights.Array, error) {
	var c Config
	if err := m.Decode("cyclegan", path, &c); err != nil {
		return nil, err
	}
	l, choice := c.generator(), "G (X to Y) or F (Y to X)"
	if kind == KindD {
		l, choice = c.discriminator(), "DX (judges X) or DY (judges Y)"
	}
	switch {
	case network == "":
		return nil, fmt.Errorf("a run has two networks of kind %s: say which, %s", kind, choice)
	case !slices.Contains(Networks(), network) || (kind == KindD) != strings.HasPrefix(network, "D"):
		return nil, fmt.Errorf("there is no network %q of kind %s; there are %s", network, kind, choice)
	case kind == KindG && c.Upsampling == Resize:
		return nil, errors.New("its generators double by resizing and a convolution, for which the reference code has no layers")
	}
	return foreign.Backwards(m.Arrays, l.ports, networkScopes[network]+"/")
}
