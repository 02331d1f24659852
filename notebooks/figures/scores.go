package figures

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// Scores draws the scores of a run over the real images shown, with the best value of each: a panel a score, side by
// side, in the order in which they first occur. Scores without a length (Img 0) are left out. It returns an error if none
// is left.
func Scores(scores []stats.Result) (*Figure, error) {
	var names []string
	series := map[string]*Series{}
	best := map[string]stats.Result{}
	for _, r := range scores {
		if r.Img == 0 {
			continue
		}
		if series[r.Name] == nil {
			names = append(names, r.Name)
			series[r.Name], best[r.Name] = &Series{Dots: true}, r
		}
		s := series[r.Name]
		s.X, s.Y = append(s.X, float64(r.Img)/float64(run.Kimg)), append(s.Y, r.Value)
		if r.Better(best[r.Name]) {
			best[r.Name] = r
		}
	}
	if len(names) == 0 {
		return nil, errors.New("figures: there is no score of a training to draw")
	}
	figure := &Figure{width: min(fullWidth, vg.Length(len(names))*fullWidth/2)}
	for _, name := range names {
		direction := "higher is better"
		if best[name].IsDistance() {
			direction = "lower is better"
		}
		axes := Axes{Title: fmt.Sprintf("%s (%s)", name, direction), X: "thousand real images shown"}
		p, err := linePanel(axes, []Series{*series[name]}, []Guide{{Name: fmt.Sprintf("%.4g", best[name].Value), Y: best[name].Value}})
		if err != nil {
			return nil, err
		}
		p.X.Min = 0
		figure.panels = append(figure.panels, p)
	}
	return figure, nil
}
