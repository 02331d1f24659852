package notebooks

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// Grid shows the newest grid of a run.
func Grid(dir string) {
	samples := samplesOf(dir)
	showPicture(M1(run.ReadSample(samples[len(samples)-1].Path)))
}

// Reals shows the real images that the run was fed with, in the same form as its grids.
func Reals(dir string) {
	path := M1(run.Open(dir)).Reals()
	if path == "" {
		M(fmt.Errorf("notebooks: the run %s has no picture of reals yet", dir))
	}
	showPicture(M1(run.ReadSample(path)))
}

// GridOverTime shows the same latents at up to eight moments of a run, from its first grid to its newest: a row a
// moment, named by the real images shown until then.
func GridOverTime(dir string) {
	showPNG(M1(encode(M1(figures.OverTime(M1(figures.RunGrids(M1(run.Open(dir)), 8)))))))
}

// Curves shows the losses of a run with their values at equilibrium, and the mean outputs of D on reals and fakes.
func Curves(dir string) { Plot(M1(curves(M1(run.Open(dir))))) }

func curves(d *run.Dir) (*figures.Figure, error) {
	ticks, err := d.Ticks()
	if err != nil {
		return nil, err
	}
	var config struct {
		Loss string `json:"loss"`
	}
	if err := readConfig(d, &config); err != nil {
		return nil, err
	}
	return figures.Curves(ticks, config.Loss)
}

// ScoreCurve shows the scores of a run over the real images shown, with the best of each.
func ScoreCurve(dir string) { Plot(M1(figures.Scores(M1(M1(run.Open(dir)).Scores())))) }

// Watch shows the state of a run that another process trains, and again every so often, in one block, until the run
// stands still or the cell is interrupted. Then the block goes and the last curves and grid stay.
func Watch(dir string, every time.Duration) {
	d := M1(run.Open(dir))
	ctx, id := Context(), gonbui.UniqueId()
	for {
		summary := M1(d.Summary())
		if summary.State != run.Running || ctx.Err() != nil {
			gonbui.UpdateHTML(id, finalHTML(info(summary), lastTick(summary), scoresOf(summary), findingsOf(summary)))
			break
		}
		gonbui.UpdateHTML(id, watchHTML(d, summary))
		select {
		case <-time.After(every):
		case <-ctx.Done():
		}
	}
	Curves(dir)
	Grid(dir)
}

// watchHTML is the block of [Watch]. What cannot be drawn yet (a run without a tick, without a sample) is left out.
func watchHTML(d *run.Dir, summary run.Summary) string {
	b := block{info: info(summary), tick: lastTick(summary), scores: scoresOf(summary), notes: findingsOf(summary)}
	if f, err := curves(d); err == nil {
		if data, err := f.PNG(); err == nil {
			b.pictures = append(b.pictures, picture{data: data})
		}
	}
	if samples, err := d.Samples(); err == nil && len(samples) > 0 {
		b.pictures = append(b.pictures, readPicture(samples[len(samples)-1].Path))
	}
	return b.html()
}

func info(s run.Summary) run.Info { return run.Info{Dir: s.Dir, Title: s.Preset, Img: s.Img} }

// scoresOf is the best score of a run as a block shows it.
func scoresOf(s run.Summary) []string {
	if s.Best == nil {
		return nil
	}
	return []string{"best " + score(*s.Best)}
}

// findingsOf are what the log of a run bodes ill, a line each.
func findingsOf(s run.Summary) []string {
	var lines []string
	for _, f := range s.Findings {
		lines = append(lines, f.Text)
	}
	return lines
}

func lastTick(s run.Summary) run.Tick {
	return run.Tick{Img: s.Img, Seconds: s.Seconds, Values: s.Values}
}

// samplesOf returns the grids of a run, at least one.
func samplesOf(dir string) []run.Sample {
	samples := M1(M1(run.Open(dir)).Samples())
	if len(samples) == 0 {
		M(fmt.Errorf("notebooks: the run %s has no grid yet", dir))
	}
	return samples
}

func readConfig(d *run.Dir, into any) error {
	data, err := d.ConfigJSON()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("notebooks: the config of the run: %w", err)
	}
	return nil
}
