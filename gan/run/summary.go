package run

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/gogan-ml/gogan/internal/jsonfloat"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// The states of a run.
const (
	Running = "running" // a process holds its lock
	Stopped = "stopped"
)

// Summary is a run in one row.
type Summary struct {
	Dir     string             // path as it was given
	Preset  string             // the config's "preset", "" if it has none
	Data    string             // the config's "data", or "data_x" and "data_y", "" if it has none
	State   string             // Running or Stopped
	Img     int64              // real images shown; of a run that stands still, up to its newest checkpoint
	Seconds float64            // training time up to there
	Best    *stats.Result      // the best score, nil without scores
	Values  map[string]float64 // the newest of each loss up to Img, by name
	// Findings are what the log up to Img bodes ill, see [Diagnose].
	Findings []Finding
}

// MarshalJSON writes the summary for the command's --json output.
func (s Summary) MarshalJSON() ([]byte, error) {
	values := make(map[string]jsonfloat.Float, len(s.Values))
	for name, v := range s.Values {
		values[name] = jsonfloat.Float(v)
	}
	return json.Marshal(struct {
		Dir     string                     `json:"dir"`
		Preset  string                     `json:"preset"`
		Data    string                     `json:"data"`
		State   string                     `json:"state"`
		Img     int64                      `json:"img"`
		Seconds float64                    `json:"seconds"`
		Best    *stats.Result              `json:"best"`
		Values  map[string]jsonfloat.Float `json:"values"`
		Found   []Finding                  `json:"findings"`
	}{s.Dir, s.Preset, s.Data, s.State, s.Img, s.Seconds, s.Best, values, append([]Finding{}, s.Findings...)})
}

// Summarize reads the summary of a run directory from its files. The checkpoint's arrays are not read.
func Summarize(dir string) (Summary, error) {
	d, err := Open(dir)
	if err != nil {
		return Summary{}, err
	}
	return d.Summary()
}

// Summary returns the summary of the directory as its files are now.
func (d *Dir) Summary() (Summary, error) {
	s := Summary{Dir: d.path, Values: map[string]float64{}}
	text, err := d.ConfigJSON()
	if err != nil {
		return Summary{}, err
	}
	var config struct {
		Preset any `json:"preset"`
		Data   any `json:"data"`
		X      any `json:"data_x"`
		Y      any `json:"data_y"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return Summary{}, fmt.Errorf("run: %s cannot be read: %w", d.Path(configName), err)
	}
	s.Preset, _ = config.Preset.(string)
	s.Data, _ = config.Data.(string)
	if x, two := config.X.(string); two {
		s.Data = fmt.Sprintf("%s and %v", x, config.Y)
	}
	running, err := locked(d.Path(lockName))
	if err != nil {
		return Summary{}, err
	}
	if s.State = Stopped; running {
		s.State = Running
	}
	scores, err := d.Scores()
	if err != nil {
		return Summary{}, err
	}
	s.Best = bestScore(scores)
	ticks, err := d.Ticks()
	if err != nil {
		return Summary{}, err
	}
	saved, err := d.newestState()
	if err != nil {
		return Summary{}, err
	}
	if saved != nil {
		s.Img, s.Seconds = saved.Img, saved.Seconds
	}
	var valid []Tick
	for _, t := range ticks {
		// What a stopped run logged beyond its checkpoint is cut when it goes on.
		if saved == nil || running || t.Img <= saved.Img {
			valid = append(valid, t)
			maps.Copy(s.Values, t.Values) // a tick between D and G holds one player's losses
			if t.Img >= s.Img {
				s.Img, s.Seconds = t.Img, t.Seconds
			}
		}
	}
	game, err := d.game()
	if err != nil {
		return Summary{}, err
	}
	s.Findings = Diagnose(valid, game)
	return s, nil
}

// newestState returns the newest state that can be read, nil if there is none.
func (d *Dir) newestState() (*State, error) {
	states, err := d.checkpoints()
	if err != nil {
		return nil, err
	}
	for _, c := range states {
		if st, err := readState(d.Path(checkpointName, c.name), c.img); err == nil {
			return &st, nil
		}
	}
	return nil, nil
}
