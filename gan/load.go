package gan

import (
	"fmt"
	"io"

	"github.com/gogan-ml/gogan/internal/saved"
	"github.com/gogan-ml/gogan/weights"
)

// readModel reads config and variables of a run directory, at its newest or its best checkpoint, of a file that Export
// made, or of another program's generator, whose config holds the network.
func readModel(path string, best bool) (Config, map[string]weights.Array, error) {
	m, err := saved.Read("gan", path, best)
	switch {
	case err != nil:
		return Config{}, nil, err
	case m.Family() == saved.FamilyCycleGAN:
		return Config{}, nil, fmt.Errorf("gan: %s is a model of cyclegan: open it with cyclegan.Load, or translate with `gogan translate`", path)
	case m.Config == nil && GuessForeign(m.Arrays) != "":
		cfg, arrays, err := foreignGenerator(m.Arrays)
		if err != nil {
			return Config{}, nil, fmt.Errorf("gan: %s: %w", path, err)
		}
		return cfg, arrays, nil
	case m.Config == nil:
		return Config{}, nil, fmt.Errorf("gan: %s says not which networks it belongs to; make it with `gogan weights convert RUN FILE`", path)
	}
	var cfg Config
	err = m.Decode("gan", path, &cfg)
	return cfg, m.Arrays, err
}

// Export writes the newest checkpoint of a run, of this family of models or another, as one safetensors file that Load
// opens. Equal state gives equal bytes: names are sorted, and there is no time or path inside.
func Export(dir string, w io.Writer) error { return saved.Export("gan", dir, w) }
