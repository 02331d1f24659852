package figures

import (
	"fmt"

	"github.com/gogan-ml/gogan/gan/run"
)

// Compared draws runs over each other: the loss of D, the loss of G, and the scores of one name, such as
// "fd_fashion_cnn". names stand in the legend, one for each run directory. It returns an error if a run has no losses or
// no such score.
func Compared(score string, names, dirs []string) (*Figure, error) {
	if len(names) != len(dirs) || len(dirs) == 0 {
		return nil, fmt.Errorf("figures: %d names for %d runs", len(names), len(dirs))
	}
	var lossD, lossG, scores []Series
	for i, dir := range dirs {
		d, err := run.Open(dir)
		if err != nil {
			return nil, err
		}
		ticks, err := d.Ticks()
		if err != nil {
			return nil, err
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
	figure := &Figure{width: fullWidth}
	for i, part := range []struct {
		title  string
		series []Series
	}{{"Loss of D", lossD}, {"Loss of G", lossG}, {score, scores}} {
		if i > 0 { // one legend is enough
			for k := range part.series {
				part.series[k].Name = ""
			}
		}
		p, err := linePanel(Axes{Title: part.title, X: "thousand real images"}, part.series, nil)
		if err != nil {
			return nil, err
		}
		p.X.Min = 0
		figure.panels = append(figure.panels, p)
	}
	return figure, nil
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
