package run

import "github.com/gogan-ml/gogan/metrics/stats"

// Reporter shows a training while it runs. The trainer calls Start once, Done once at the end however it ended, and
// the others in between, all from one goroutine. A reporter must return quickly and never fail: training does not
// depend on what is shown.
type Reporter interface {
	Start(info Info)
	Tick(t Tick)
	Note(text string)   // one line worth knowing: continued at, padded, not a number
	Sample(path string) // a new grid of images was written
	// Scoring tells that the model is being scored after img images, which may take minutes. Score follows, or the end.
	Scoring(name string, img int64)
	// Score tells a score of the model after r.Img images; best: it is the best of its kind in this run so far.
	Score(r stats.Result, best bool)
	Done(s Summary) // where the run stands; Dir, Img and Seconds are always set
}

// Info is what a reporter knows at the start.
type Info struct {
	Dir    string // the run directory
	Title  string // what is trained: "dcgan on fashion-mini:train"
	Img    int64  // real images shown before
	Until  int64  // real images to show in all
	Device string // where it runs: "xla:cpu"
}

// Silent returns a reporter that shows nothing.
func Silent() Reporter { return silent{} }

type silent struct{}

func (silent) Start(Info)               {}
func (silent) Tick(Tick)                {}
func (silent) Note(string)              {}
func (silent) Sample(string)            {}
func (silent) Scoring(string, int64)    {}
func (silent) Score(stats.Result, bool) {}
func (silent) Done(Summary)             {}
