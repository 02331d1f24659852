package figures

import (
	"encoding/json"
	"fmt"

	"github.com/gogan-ml/gogan/gan/run"
)

// Compared draws runs over each other: the loss of D and that of G, with their values where D cannot tell reals from fakes
// (of the first run's loss), and the scores of one name, such as "fd_fashion_cnn". names stand in the legend, one for each
// run directory. It returns an error if a run has no losses or no such score.
func Compared(score string, names, dirs []string) (*Figure, error) {
	if len(names) != len(dirs) || len(dirs) == 0 {
		return nil, fmt.Errorf("figures: %d names for %d runs", len(names), len(dirs))
	}
	var lossD, lossG, scores []Series
	var config struct {
		Loss string `json:"loss"`
	}
	for i, dir := range dirs {
		d, err := run.Open(dir)
		if err != nil {
			return nil, err
		}
		ticks, err := d.Ticks()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			text, err := d.ConfigJSON()
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(text, &config); err != nil {
				return nil, fmt.Errorf("figures: the config of run %q: %w", names[i], err)
			}
		}
		for _, loss := range []struct {
			key string
			to  *[]Series
		}{{"loss_d", &lossD}, {"loss_g", &lossG}} {
			picked := pick(ticks, loss.key, names[i])
			if len(picked) == 0 {
				return nil, fmt.Errorf("figures: the log of run %q has no %s", names[i], loss.key)
			}
			*loss.to = append(*loss.to, picked...)
		}
		s, err := scoresOf(d, score, names[i])
		if err != nil {
			return nil, err
		}
		scores = append(scores, s)
	}
	figure, e := &Figure{width: fullWidth}, equilibria[config.Loss]
	for i, part := range []struct {
		title  string
		series []Series
		guides []Guide
	}{{"Loss of D", lossD, ofAll(e.d)}, {"Loss of G", lossG, ofAll(e.g)}, {score, scores, nil}} {
		if i > 0 { // one legend is enough
			for k := range part.series {
				part.series[k].Name = ""
			}
		}
		p, err := linePanel(Axes{Title: part.title, X: "thousand real images"}, part.series, part.guides)
		if err != nil {
			return nil, err
		}
		p.X.Min = 0
		figure.panels = append(figure.panels, p)
	}
	return figure, nil
}

// ofAll returns guides that belong to every series.
func ofAll(guides []Guide) []Guide {
	var out []Guide
	for _, g := range guides {
		g.Of = 0
		out = append(out, g)
	}
	return out
}

// scoresOf returns the scores of a name as a line.
func scoresOf(d *run.Dir, score, name string) (Series, error) {
	results, err := d.Scores()
	if err != nil {
		return Series{}, err
	}
	s := Series{Name: name}
	for _, r := range results {
		if r.Name == score {
			s.X, s.Y = append(s.X, float64(r.Img)/float64(run.Kimg)), append(s.Y, r.Value)
		}
	}
	if len(s.X) == 0 {
		return Series{}, fmt.Errorf("figures: run %q has no score %s", name, score)
	}
	return s, nil
}
