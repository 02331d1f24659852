package cyclegan

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/saved"
)

// A Model is a trained model, opened to translate. It is safe for concurrent use.
type Model struct {
	G *Translator // X to Y
	F *Translator // Y to X; nil when the file holds one generator
}

// Load opens a generator's file of the authors' code (NAME_net_G_A.pth, latest_net_G.pth; see OpenForeign), which becomes G,
// whatever its direction was, on the default device (see accel.Default).
func Load(path string) (*Model, error) {
	device, err := accel.Default(context.Background())
	if err != nil {
		return nil, err
	}
	return LoadOn(device, path)
}

// LoadOn is Load on a device that the caller chose.
func LoadOn(device *accel.Device, path string) (*Model, error) {
	m, err := saved.Read("cyclegan", path, false)
	if err != nil {
		return nil, err
	}
	switch kind := GuessForeign(m.Arrays); kind {
	case KindG:
	case KindD:
		return nil, fmt.Errorf("cyclegan: %s holds a discriminator, which translates nothing; run it with `gogan weights forward`", path)
	default:
		return nil, fmt.Errorf("cyclegan: %s holds no generator of CycleGAN, by the names of its arrays", path)
	}
	l, variables, err := readForeign(KindG, m.Arrays, "/")
	if err != nil {
		return nil, fmt.Errorf("cyclegan: %s: %w", path, err)
	}
	t, err := newTranslator(device, l, variables, map[string]string{
		"run": filepath.Base(filepath.Clean(path)), "network": l.String(), "version": gan.Version,
	})
	if err != nil {
		return nil, fmt.Errorf("cyclegan: %s: %w", path, err)
	}
	return &Model{G: t}, nil
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
