// Package saved reads what a training left, for every family of models: config and variables of a run directory, or of the
// file that was made from one.
package saved

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
)

// configKey is the entry of a safetensors file's metadata that holds the config of the run it came from.
const configKey = "gogan_config"

// A Model is a config, as JSON, and the variables that belong to it. A file of another program has no config.
type Model struct {
	Config []byte
	Arrays map[string]weights.Array
}

// Families of models.
const (
	FamilyGAN      = "gan"
	FamilyCycleGAN = "cyclegan"
)

// Family tells by the config which family the model is of, "" for a file of another program: runs of cyclegan have two sets of
// data.
func (m Model) Family() string {
	if m.Config == nil {
		return ""
	}
	var config struct {
		DataX *string `json:"data_x"`
	}
	if err := json.Unmarshal(m.Config, &config); err == nil && config.DataX != nil {
		return FamilyCycleGAN
	}
	return FamilyGAN
}

// Peek reads a file, or of a run directory the config alone. Errors begin with the name of the package that asks.
func Peek(pkg, path string) (Model, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Model{}, fmt.Errorf("%s: no run or file at %s: %w", pkg, path, err)
	case info.IsDir():
		d, err := run.Open(path)
		if err != nil {
			return Model{}, err
		}
		defer d.Close()
		config, err := d.ConfigJSON()
		return Model{Config: config}, err
	}
	file, err := weights.Inspect(path)
	if err != nil {
		return Model{}, err
	}
	m := Model{Arrays: file.Arrays}
	if text, found := file.Metadata[configKey]; found {
		m.Config = []byte(text)
	}
	return m, nil
}

// Read reads a run directory, at its newest or its best checkpoint, or a file. Errors begin with the name of the package that
// asks.
func Read(pkg, path string, best bool) (Model, error) {
	m, err := Peek(pkg, path)
	switch {
	case err != nil:
		return Model{}, err
	case m.Arrays != nil && best:
		return Model{}, fmt.Errorf("%s: %s is a file, which holds one state; only a run has a best checkpoint", pkg, path)
	case m.Arrays != nil:
		return m, nil
	}
	d, err := run.Open(path)
	if err != nil {
		return Model{}, err
	}
	defer d.Close()
	if best {
		_, m.Arrays, err = d.LoadBest()
		return m, err
	}
	_, arrays, found, damaged, err := d.Load()
	switch {
	case err != nil:
		return Model{}, err
	case !found && len(damaged) > 0:
		return Model{}, fmt.Errorf("%s: no checkpoint of %s can be read: %v are damaged", pkg, path, damaged)
	case !found:
		return Model{}, fmt.Errorf("%s: %s has no checkpoint yet; train it first", pkg, path)
	}
	m.Arrays = arrays
	return m, nil
}

// Decode reads the config of the model at path into a family's own.
func (m Model) Decode(pkg, path string, config any) error {
	if err := json.Unmarshal(m.Config, config); err != nil {
		return fmt.Errorf("%s: the config of %s cannot be read: %w", pkg, path, err)
	}
	return nil
}

// Export writes the newest checkpoint of a run as one safetensors file that Read reads. Equal state gives equal bytes: names
// are sorted, and there is no time or path inside.
func Export(pkg, dir string, w io.Writer) error {
	m, err := Read(pkg, dir, false)
	if err != nil {
		return err
	}
	var config bytes.Buffer
	if err := json.Compact(&config, m.Config); err != nil {
		return fmt.Errorf("%s: the config of %s cannot be read: %w", pkg, dir, err)
	}
	return weights.WriteSafetensors(w, m.Arrays, map[string]string{configKey: config.String()})
}
