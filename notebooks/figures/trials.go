package figures

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// TrialsName is the file of an experiment's trials in its directory, one JSON object a line.
const TrialsName = "trials.jsonl"

// Trial is one training of an experiment, as `make reproduce-NAME` leaves it in notebooks/results/NAME.
type Trial struct {
	// Row is the line of the paper's table, or what it is compared with; Seed tells the trainings of a row apart.
	Row  string `json:"row"`
	Seed int64  `json:"seed"`
	// Data is the name of the data, where it is not the row's.
	Data string `json:"data,omitempty"`
	// Steps were made, of the PaperSteps of the paper's training (0: it names none). Trainings on pictures count the real
	// images shown.
	Steps      int64 `json:"steps"`
	PaperSteps int64 `json:"paper_steps,omitempty"`
	// Seconds of training, on Cores of CPU.
	Seconds float64 `json:"seconds"`
	Cores   int     `json:"cores"`
	CPU     string  `json:"cpu"`
	// Device and Versions are what it was computed with.
	Device   string            `json:"device"`
	Versions map[string]string `json:"versions"`
	// Broke is where a training ended because a loss was not a number, counted like Steps; 0: it did not.
	Broke int64 `json:"broke,omitempty"`
	// Findings are what the log bodes ill at the end, see run.Diagnose.
	Findings []string `json:"findings,omitempty"`
	// Values are what was measured at the end, and Over what was on the way.
	Values map[string]float64 `json:"values"`
	Over   []Progress         `json:"over,omitempty"`
}

// Progress is what was measured in a trial after some steps.
type Progress struct {
	Steps  int64              `json:"steps"`
	Values map[string]float64 `json:"values"`
}

// ReadTrials reads the trials of an experiment's directory.
func ReadTrials(dir string) ([]Trial, error) { return readLines[Trial](filepath.Join(dir, TrialsName)) }

// AddTrial writes a trial to the directory of an experiment, in the place of the one with its row and seed if there is
// one. The file is replaced as a whole.
func AddTrial(dir string, t Trial) error {
	trials, err := ReadTrials(dir)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if i := slices.IndexFunc(trials, func(old Trial) bool { return old.Row == t.Row && old.Seed == t.Seed }); i >= 0 {
		trials[i] = t
	} else {
		trials = append(trials, t)
	}
	return writeLines(dir, TrialsName, trials)
}

// PublishedName is the file of published values in an experiment's directory, one JSON object a line.
const PublishedName = "published.jsonl"

// Published is one row of a paper's table.
type Published struct {
	Row    string             `json:"row"`
	Source string             `json:"source"`
	Values map[string]float64 `json:"values"`
	// Spread is what the paper prints after ±, and SpreadOf what it is: "standard error of 10 runs".
	Spread   map[string]float64 `json:"spread,omitempty"`
	SpreadOf string             `json:"spread_of,omitempty"`
	// Steps is the length of the paper's training; 0: it is not known.
	Steps int64 `json:"steps,omitempty"`
}

// ReadPublished reads the published values of an experiment's directory.
func ReadPublished(dir string) ([]Published, error) {
	return readLines[Published](filepath.Join(dir, PublishedName))
}

// Spread returns the mean of a value over trials and the standard deviation between them (n - 1; 0 for one trial). It
// returns an error if a trial has no such value or there is no trial.
func Spread(trials []Trial, name string) (mean, sd float64, err error) {
	if len(trials) == 0 {
		return 0, 0, fmt.Errorf("figures: no trial to take %s from", name)
	}
	n := float64(len(trials))
	for _, t := range trials {
		v, found := t.Values[name]
		if !found {
			return 0, 0, fmt.Errorf("figures: trial %s of seed %d has no %s", t.Row, t.Seed, name)
		}
		mean += v / n
	}
	for _, t := range trials {
		sd += (t.Values[name] - mean) * (t.Values[name] - mean)
	}
	if n > 1 {
		sd = math.Sqrt(sd / (n - 1))
	}
	return mean, sd, nil
}

// Of returns the trials of a row, by seed.
func Of(trials []Trial, row string) []Trial {
	var out []Trial
	for _, t := range trials {
		if t.Row == row {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Trial) int { return int(a.Seed - b.Seed) })
	return out
}

// readLines reads a file of JSON objects, one a line.
func readLines[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("figures: %s, line %d: %w", path, len(out)+1, err)
		}
		out = append(out, v)
	}
	return out, lines.Err()
}

// writeLines writes a file of JSON objects in a directory, one a line, as a whole.
func writeLines[T any](dir, name string, values []T) error {
	var text bytes.Buffer
	for i, v := range values {
		line, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("figures: %s, line %d: %w", name, i+1, err)
		}
		text.Write(append(line, '\n'))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path+".tmp", text.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
