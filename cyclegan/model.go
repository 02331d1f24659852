package cyclegan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/internal/saved"
	"github.com/gogan-ml/gogan/weights"
)

// A Model is a trained model, opened to translate. It is safe for concurrent use.
type Model struct {
	G *Translator // X to Y
	F *Translator // Y to X; nil when the file holds one generator
}

// Load opens the generators of a run directory at its newest checkpoint, or of a file that `gogan weights convert RUN` made
// from one; or a generator's file of the authors' code (NAME_net_G_A.pth, latest_net_G.pth; see OpenForeign), which becomes G,
// whatever its direction was. It needs neither the data nor the discriminators, and uses the default device (see
// accel.Default).
func Load(path string) (*Model, error) {
	device, err := accel.Default(context.Background())
	if err != nil {
		return nil, err
	}
	return LoadOn(device, path)
}

// LoadOn is Load on a device that the caller chose.
func LoadOn(device *accel.Device, path string) (*Model, error) { return load(device, path, false) }

// LoadBest is Load at the checkpoint of a run with the best score. It is an error if the run has no scores.
func LoadBest(path string) (*Model, error) {
	device, err := accel.Default(context.Background())
	if err != nil {
		return nil, err
	}
	return load(device, path, true)
}

// Is reports whether Load opens what is at path: a run of this package, a file of one, or a generator's file of the authors'
// code.
func Is(path string) bool {
	m, err := saved.Peek("cyclegan", path)
	return err == nil && (m.Family() == saved.FamilyCycleGAN || m.Config == nil && GuessForeign(m.Arrays) == KindG)
}

func load(device *accel.Device, path string, best bool) (*Model, error) {
	m, err := saved.Read("cyclegan", path, best)
	if err != nil {
		return nil, err
	}
	text := map[string]string{"run": filepath.Base(filepath.Clean(path)), "version": gan.Version}
	var out *Model
	switch {
	case m.Family() == saved.FamilyCycleGAN:
		out, err = fromRun(device, path, m, text)
	case m.Config != nil:
		err = errors.New("it is a model of package gan, which draws and does not translate; open it with gan.Load")
	default:
		out, err = fromForeign(device, m.Arrays, text)
	}
	if err != nil {
		return nil, fmt.Errorf("cyclegan: %s: %w", path, err)
	}
	return out, nil
}

// fromRun opens both generators.
func fromRun(device *accel.Device, path string, m saved.Model, text map[string]string) (*Model, error) {
	var c Config
	if err := m.Decode("cyclegan", path, &c); err != nil {
		return nil, err
	}
	text["preset"], text["data"], text["run_seed"] = c.Preset, c.DataX+" and "+c.DataY, fmt.Sprint(c.Seed)
	l, out := c.generator(), &Model{}
	for _, side := range []struct {
		scope, direction string
		t                **Translator
	}{{ScopeG, "AtoB", &out.G}, {ScopeF, "BtoA", &out.F}} {
		variables, err := taken(m.Arrays, l, side.scope)
		if err == nil {
			text["direction"] = side.direction
			*side.t, err = newTranslator(device, l, variables, text)
		}
		if err != nil {
			out.Close()
			return nil, err
		}
	}
	return out, nil
}

// taken are the variables of a checkpoint below a scope, named from the root on. The error names the first that is missing or
// has another shape than the network's.
func taken(arrays map[string]weights.Array, l layout, scope string) (map[string]weights.Array, error) {
	state, err := foreign.Backwards(arrays, l.ports, scope+"/")
	if err != nil {
		return nil, err
	}
	return foreign.State(state).Through(l.ports, "/")
}

// fromForeign opens the one generator of a file.
func fromForeign(device *accel.Device, arrays map[string]weights.Array, text map[string]string) (*Model, error) {
	switch GuessForeign(arrays) {
	case KindG:
	case KindD:
		return nil, errors.New("it holds a discriminator, which translates nothing; run it with `gogan weights forward`")
	default:
		return nil, errors.New("it holds no generator of CycleGAN, by the names of its arrays")
	}
	l, variables, err := readForeign(KindG, arrays, "/")
	if err != nil {
		return nil, err
	}
	t, err := newTranslator(device, l, variables, text)
	return &Model{G: t}, err
}

// Close frees the device's memory. Calls after it return an error.
func (m *Model) Close() error {
	for _, t := range []*Translator{m.G, m.F} {
		if t != nil {
			t.runner.close()
		}
	}
	return nil
}
