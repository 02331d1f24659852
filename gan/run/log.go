package run

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/gogan-ml/gogan/internal/jsonfloat"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Tick is one line of log.jsonl: a flat JSON object
//
//	{"img":2000,"sec":3.25,"img_per_sec":812.5,"loss_d":1.38,"loss_g":0.69}
//
// Values that JSON numbers cannot express are the strings "NaN", "Infinity" and "-Infinity".
type Tick struct {
	Img       int64              // real images shown so far
	Seconds   float64            // training time so far, over all sittings
	ImgPerSec float64            // since the tick before
	Values    map[string]float64 // losses and other scalars, by name
}

// The fields of a line that are no values.
const (
	imgKey       = "img"
	secondsKey   = "sec"
	imgPerSecKey = "img_per_sec"
)

// MarshalJSON writes the line: the three fields, then the values sorted by name. A value with the name of a field is
// an error.
func (t Tick) MarshalJSON() ([]byte, error) {
	line := fmt.Appendf(nil, `{"%s":%d`, imgKey, t.Img)
	add := func(name string, v float64) error {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(jsonfloat.Float(v))
		if err != nil {
			return err
		}
		line = append(append(append(append(line, ','), key...), ':'), value...)
		return nil
	}
	if err := add(secondsKey, t.Seconds); err != nil {
		return nil, err
	}
	if err := add(imgPerSecKey, t.ImgPerSec); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(t.Values)) {
		if name == imgKey || name == secondsKey || name == imgPerSecKey {
			return nil, fmt.Errorf("a logged value cannot be named %q", name)
		}
		if err := add(name, t.Values[name]); err != nil {
			return nil, err
		}
	}
	return append(line, '}'), nil
}

// UnmarshalJSON reads a line. It must have "img"; members that are no numbers are passed over, so that later versions
// can add some.
func (t *Tick) UnmarshalJSON(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	out := Tick{Values: map[string]float64{}}
	if err := json.Unmarshal(members[imgKey], &out.Img); err != nil {
		return fmt.Errorf("no whole number %q", imgKey)
	}
	for name, member := range members {
		var v jsonfloat.Float
		if name == imgKey || v.UnmarshalJSON(member) != nil {
			continue
		}
		switch name {
		case secondsKey:
			out.Seconds = float64(v)
		case imgPerSecKey:
			out.ImgPerSec = float64(v)
		default:
			out.Values[name] = float64(v)
		}
	}
	*t = out
	return nil
}

// AppendTick adds a line to the log.
func (d *Dir) AppendTick(t Tick) error {
	return d.appendObject(logName, t)
}

// Ticks returns the log, oldest first. A last line that a kill cut short is left out.
func (d *Dir) Ticks() ([]Tick, error) {
	return readObjects[Tick](d.Path(logName))
}

// AppendScore adds a line to scores.jsonl.
func (d *Dir) AppendScore(r stats.Result) error {
	return d.appendObject(scoresName, r)
}

// Scores returns the scores of the run in the order they were added.
func (d *Dir) Scores() ([]stats.Result, error) {
	return readObjects[stats.Result](d.Path(scoresName))
}

func (d *Dir) appendObject(name string, object any) error {
	line, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("run: a line of %s: %w", name, err)
	}
	if err := d.writable(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	if err := appendLine(d.Path(name), line); err != nil {
		return fmt.Errorf("run: cannot write %s: %w", d.Path(name), err)
	}
	return nil
}

// bestScore returns the best of the scores that tell most: of fid if there is one, else of another distance to the
// reals, else of any. Among several names of one kind it takes the first that occurs: they do not compare.
func bestScore(scores []stats.Result) *stats.Result {
	var best *stats.Result
	for _, r := range scores {
		if best == nil || kind(r) < kind(*best) || r.Name == best.Name && r.Better(*best) {
			best = &r
		}
	}
	return best
}

func kind(r stats.Result) int {
	switch {
	case r.Name == "fid":
		return 0
	case r.IsDistance():
		return 1
	}
	return 2
}
