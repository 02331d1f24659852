package figures

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// Doses are what scores say of pictures that are spoiled by degrees. lab.Study writes them to files, one for each
// distortion.
type Doses struct {
	Title string `json:"title"` // "Gaussian noise"
	Unit  string `json:"unit"`  // what a dose is: "σ in grey levels"
	Doses []Dose `json:"doses"` // from untouched pictures on
}

// Dose is what scores say of one set of pictures.
type Dose struct {
	Label    string         `json:"label"` // "20"
	Results  []stats.Result `json:"results"`
	Nearest  float64        `json:"nearest"`  // median distance in feature space to the nearest real
	Examples []byte         `json:"examples"` // a PNG of some of the pictures
}

// NewDose returns a dose with a picture of examples.
func NewDose(label string, results []stats.Result, nearest float64, examples image.Image) (Dose, error) {
	var file bytes.Buffer
	if err := png.Encode(&file, examples); err != nil {
		return Dose{}, fmt.Errorf("figures: %w", err)
	}
	return Dose{label, results, nearest, file.Bytes()}, nil
}

// Write writes the doses to a file, whose directory is made if need be.
func (d Doses) Write(path string) error {
	data, err := json.Marshal(d)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	return nil
}

// ReadDoses reads the doses of a name from a directory.
func ReadDoses(dir, name string) (Doses, error) {
	var d Doses
	path := filepath.Join(dir, name+".json")
	data, err := os.ReadFile(path)
	if err != nil {
		return d, fmt.Errorf("figures: %w", err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("figures: %s: %w", path, err)
	}
	if len(d.Doses) == 0 {
		return d, fmt.Errorf("figures: %s has no dose", path)
	}
	return d, nil
}

// floorName is the name of the file with draws of untouched pictures.
const floorName = "floor"

// WriteFloor writes draws of untouched pictures, which every other dose is compared with.
func WriteFloor(dir string, draws Doses) error {
	return draws.Write(filepath.Join(dir, floorName+".json"))
}

// A measure is something that doses have a value of.
type measure struct {
	key    string // see value
	title  string
	higher bool // higher values are better
	both   bool // a departure to either side is worth a look
}

// measures in the order of figures and tables.
var measures = []measure{
	{key: "fd", title: "Fréchet distance"},
	{key: "kd", title: "kernel distance"},
	{key: "classifier_score", title: "classifier score", higher: true},
	{key: "prdc_precision", title: "precision", higher: true},
	{key: "prdc_recall", title: "recall", higher: true},
	{key: "prdc_coverage", title: "coverage", higher: true},
	{key: "nearest", title: "nearest real", both: true},
}

// synonyms are the names that scores have with the features of Inception.
var synonyms = map[string]string{"fid": "fd", "kid": "kd", "is": "classifier_score"}

// value returns what a dose has of a measure.
func (d Dose) value(m measure) (float64, error) {
	if m.key == "nearest" {
		return d.Nearest, nil
	}
	for _, r := range d.Results {
		key := strings.TrimSuffix(r.Name, "_"+strings.ReplaceAll(r.Extractor, "-", "_"))
		if other, ok := synonyms[key]; ok {
			key = other
		}
		if key == m.key {
			return r.Value, nil
		}
	}
	return 0, fmt.Errorf("figures: the dose %q has no %s", d.Label, m.key)
}

// values returns what all doses have of a measure.
func (d Doses) values(m measure) ([]float64, error) {
	var out []float64
	for _, dose := range d.Doses {
		v, err := dose.value(m)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
