package gan

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
)

// configKey is the entry of a safetensors file's metadata that holds the config of the run it came from.
const configKey = "gogan_config"

// readModel reads config and variables of a run directory, at its newest or its best checkpoint, of a file that Export
// made, or of another program's generator, whose config holds the network.
func readModel(path string, best bool) (Config, map[string]weights.Array, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Config{}, nil, fmt.Errorf("gan: no run or file at %s: %w", path, err)
	}
	switch {
	case !info.IsDir() && best:
		return Config{}, nil, fmt.Errorf("gan: %s is a file, which holds one state; only a run has a best checkpoint", path)
	case !info.IsDir():
		return readFile(path)
	}
	d, err := run.Open(path)
	if err != nil {
		return Config{}, nil, err
	}
	defer d.Close()
	cfg, err := readConfig(d)
	if err != nil {
		return Config{}, nil, err
	}
	if best {
		_, arrays, err := d.LoadBest()
		return cfg, arrays, err
	}
	_, arrays, found, damaged, err := d.Load()
	switch {
	case err != nil:
		return Config{}, nil, err
	case !found && len(damaged) > 0:
		return Config{}, nil, fmt.Errorf("gan: no checkpoint of %s can be read: %v are damaged", path, damaged)
	case !found:
		return Config{}, nil, fmt.Errorf("gan: %s has no checkpoint yet; train it first", path)
	}
	return cfg, arrays, nil
}

func readConfig(d *run.Dir) (Config, error) {
	data, err := d.ConfigJSON()
	if err != nil {
		return Config{}, err
	}
	var cfg Config
	if err := json.Unmarshal(data, &cfg); err != nil {
		return Config{}, fmt.Errorf("gan: the config of %s cannot be read: %w", d.Path(), err)
	}
	return cfg, nil
}

func readFile(path string) (Config, map[string]weights.Array, error) {
	file, err := weights.Inspect(path)
	if err != nil {
		return Config{}, nil, err
	}
	text, found := file.Metadata[configKey]
	switch {
	case !found && GuessForeign(file.Arrays) != "":
		cfg, arrays, err := foreignGenerator(file.Arrays)
		if err != nil {
			return Config{}, nil, fmt.Errorf("gan: %s: %w", path, err)
		}
		return cfg, arrays, nil
	case !found:
		return Config{}, nil, fmt.Errorf("gan: %s says not which networks it belongs to; make it with `gogan weights convert RUN FILE`", path)
	}
	var cfg Config
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return Config{}, nil, fmt.Errorf("gan: the config inside %s cannot be read: %w", path, err)
	}
	return cfg, file.Arrays, nil
}

// Export writes the newest checkpoint of a run as one safetensors file that Load opens. Equal state gives equal bytes:
// names are sorted, and there is no time or path inside.
func Export(dir string, w io.Writer) error {
	cfg, arrays, err := readModel(dir, false)
	if err != nil {
		return err
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		return err
	}
	return weights.WriteSafetensors(w, arrays, map[string]string{configKey: string(text)})
}
