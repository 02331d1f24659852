package gan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
)

// SessionOptions says what a Session does besides stepping.
type SessionOptions struct {
	// Title and Device are shown by reporters.
	Title, Device string
	// Snapshot is the time between two checkpoints.
	Snapshot time.Duration
	// GridImg is the number of real images between two grids; a grid is drawn at the end of a cycle.
	GridImg int64
	// Grid draws the samples of the moment into the directory and returns the file's name under samples/.
	Grid func(ctx context.Context, state map[string]weights.Array) (string, error)
	// Notes are lines for the reporter of the first TrainTo; empty ones are left out.
	Notes []string
}

// A Session is a Trainer in a run directory: it logs, saves, draws and recovers, for every family of models alike.
type Session struct {
	dir     *run.Dir
	trainer *Trainer
	opt     SessionOptions
	notes   []string // lines for the reporter of the next TrainTo
	seconds float64  // training time up to the last TrainTo
	nans    int
	dirty   bool  // a step was made since the newest checkpoint; img alone does not tell: G adds nothing to it
	drawn   int64 // img of the newest grid
	scoring evaluation
}

const (
	tickImg  = 1000            // a tick after this many images,
	tickTime = 2 * time.Second // or this time, whichever is sooner
	maxNaNs  = 2               // a run stops at the second loss that is not a number
)

// NewSession restores the newest checkpoint of the directory, or saves the first state of a new run.
func NewSession(d *run.Dir, t *Trainer, opt SessionOptions) (*Session, error) {
	s := &Session{dir: d, trainer: t, opt: opt, drawn: -1}
	found, err := s.restore()
	if err != nil {
		return nil, err
	}
	if found {
		s.notes = append(s.notes, "continued at "+run.FormatImg(t.Img()))
		s.drawn = t.Img()
	}
	for _, note := range opt.Notes {
		if note != "" {
			s.notes = append(s.notes, note)
		}
	}
	if !found {
		err = s.save()
	}
	return s, err
}

// restore goes back to the newest valid checkpoint and cuts what lies beyond it.
func (s *Session) restore() (found bool, err error) {
	st, arrays, found, damaged, err := s.dir.Load()
	if err != nil {
		return false, err
	}
	for _, name := range damaged {
		s.notes = append(s.notes, "skipped the damaged checkpoint "+name)
	}
	if !found {
		return false, nil
	}
	if err := s.trainer.Restore(st, arrays); err != nil {
		return false, err
	}
	s.seconds, s.dirty, s.nans = st.Seconds, false, st.NaNs
	return true, s.dir.CutAfter(st.Img)
}

// errNotFinite: the last update left a variable that is not a number, which no loss has shown yet.
var errNotFinite = errors.New("gan: a variable is not a number")

// save writes a checkpoint. A state that is not finite is never written.
func (s *Session) save() error {
	st, arrays, err := s.trainer.State()
	if err != nil {
		return err
	}
	if name := notFiniteArray(arrays); name != "" {
		return fmt.Errorf("%w: variable %s", errNotFinite, name)
	}
	st.Seconds, st.NaNs, st.Versions = s.seconds, s.nans, Versions()
	if err := s.dir.Save(st, arrays); err != nil {
		return err
	}
	s.dirty = false
	return nil
}

// Img returns the number of real images shown so far.
func (s *Session) Img() int64 { return s.trainer.Img() }

// Dir returns the directory of the run.
func (s *Session) Dir() *run.Dir { return s.dir }

// Trainer returns the trainer, to look at its variables between two calls of TrainTo.
func (s *Session) Trainer() *Trainer { return s.trainer }

// TrainTo trains until the given number of real images has been shown in all: a call that asks for no more than has
// been shown does nothing, but for a score of the end that is missing (see Evaluate). It saves a checkpoint every
// Snapshot, at the end, and when ctx is cancelled; then the error wraps ctx's. A loss that is not a number sends the run
// back to its last checkpoint once, and the second time is an error. What the log bodes ill is noted once, see run.Diagnose.
func (s *Session) TrainTo(ctx context.Context, until int64, rep Reporter) error {
	if rep == nil {
		rep = run.Silent()
	}
	l := &loop{Session: s, rep: rep, until: until, begin: time.Now(), before: s.seconds}
	rep.Start(run.Info{Dir: s.dir.Path(), Title: s.opt.Title, Img: s.Img(), Until: until, Device: s.opt.Device})
	for _, note := range s.notes {
		rep.Note(note)
	}
	s.notes = nil
	err := l.run(ctx)
	rep.Done(run.Summary{Dir: s.dir.Path(), Img: s.Img(), Seconds: s.seconds})
	return err
}

// Close releases the directory and the device's memory.
func (s *Session) Close() error {
	s.trainer.Close()
	return s.dir.Close()
}

// loop is one call of TrainTo.
type loop struct {
	*Session
	rep      Reporter
	until    int64
	begin    time.Time
	before   float64 // seconds trained before this call
	steps    []*Report
	tickAt   time.Time
	tickFrom int64
	lastSave time.Time
	ticked   bool
	watcher  *run.Watcher // nil: the log was cut, or not looked at yet
}

func (l *loop) run(ctx context.Context) error {
	l.lastSave, l.tickAt, l.tickFrom = l.begin, l.begin, l.Img()
	done, err := l.trainer.Done(l.until)
	if err != nil {
		return err
	}
	if l.drawn < 0 && !done {
		if err := l.draw(ctx); err != nil {
			return err
		}
	}
	if err := l.findScores(); err != nil {
		return err
	}
	// What was due when the run was interrupted, or what nobody had asked for until now.
	if l.scoreIsDue(done) {
		if err := l.evaluate(ctx); err != nil {
			return err
		}
	}
	for !done {
		if err := l.step(ctx); err != nil {
			return l.stopped(err)
		}
		if done, err = l.trainer.Done(l.until); err != nil {
			return err
		}
		if err := l.after(ctx, done); err != nil {
			return err
		}
		if done {
			// A recovery from NaN moves back, so the goal is looked at again.
			if done, err = l.trainer.Done(l.until); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loop) step(ctx context.Context) error {
	report, err := l.trainer.Step(ctx)
	if err != nil {
		return err
	}
	l.steps, l.dirty = append(l.steps, report), true
	return nil
}

// stopped ends the call after a failed or cancelled step.
func (l *loop) stopped(err error) error {
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err // the step may have consumed its variables: the last checkpoint stands
	}
	if l.dirty {
		if saveErr := l.snapshot(); saveErr != nil {
			return saveErr
		}
	}
	return fmt.Errorf("gan: stopped at %s, saved; run it again to go on: %w", run.FormatImg(l.Img()), err)
}

// after does what is due between two steps.
func (l *loop) after(ctx context.Context, done bool) error {
	now := time.Now()
	l.seconds = l.before + now.Sub(l.begin).Seconds()
	if !l.ticked || done || l.Img()-l.tickFrom >= tickImg || now.Sub(l.tickAt) >= tickTime {
		healthy, err := l.tick()
		if err != nil {
			return err
		}
		if !healthy {
			return l.recover()
		}
	}
	grid := l.trainer.AtCycleStart() && l.Img()/l.opt.GridImg > max(l.drawn, 0)/l.opt.GridImg
	if grid || done && l.drawn != l.Img() {
		if err := l.draw(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	if l.scoreIsDue(done) {
		return l.evaluate(ctx)
	}
	if done && l.dirty || now.Sub(l.lastSave) >= l.opt.Snapshot {
		return l.snapshot()
	}
	return nil
}

// snapshot logs and saves, or goes back when the state is not finite.
func (l *loop) snapshot() error {
	healthy, err := l.tick()
	if err != nil {
		return err
	}
	if healthy {
		err = l.save()
		healthy = !errors.Is(err, errNotFinite)
	}
	if !healthy {
		return l.recover()
	}
	l.lastSave = time.Now()
	return err
}

// tick reads the scalars of the steps since the last one and logs their means. It reports false, and logs nothing,
// when one of them is not a number.
func (l *loop) tick() (healthy bool, err error) {
	if len(l.steps) == 0 {
		return true, nil
	}
	sums, counts := map[string]float64{}, map[string]float64{}
	for _, step := range l.steps {
		values, err := step.Values()
		if err != nil {
			return false, err
		}
		if notFiniteValue(values) != "" {
			return false, nil
		}
		for name, v := range values {
			sums[name] += v
			counts[name]++
		}
	}
	for name := range sums {
		sums[name] /= counts[name]
	}
	now := time.Now()
	l.seconds = l.before + now.Sub(l.begin).Seconds()
	t := run.Tick{Img: l.Img(), Seconds: l.seconds, Values: sums,
		ImgPerSec: float64(l.Img()-l.tickFrom) / max(now.Sub(l.tickAt).Seconds(), 1e-9)}
	l.steps, l.ticked, l.tickAt, l.tickFrom = l.steps[:0], true, now, l.Img()
	if l.watcher == nil {
		if l.watcher, err = l.dir.Watcher(); err != nil {
			return false, err
		}
	}
	if err := l.dir.AppendTick(t); err != nil {
		return false, err
	}
	l.rep.Tick(t)
	for _, f := range l.watcher.Add(t) {
		l.rep.Note(f.Text)
	}
	return true, nil
}

// recover goes back to the last checkpoint after a loss that is not a number.
func (l *loop) recover() error {
	at := l.Img()
	nans := l.nans + 1
	if _, err := l.restore(); err != nil {
		return err
	}
	if err := l.findScores(); err != nil {
		return err
	}
	l.nans = nans
	if err := l.save(); err != nil { // the count outlives the process
		return err
	}
	if nans >= maxNaNs {
		return &Diverged{Img: at, Back: l.Img()}
	}
	l.rep.Note(fmt.Sprintf("a loss was not a number at %s: back to %s", run.FormatImg(at), run.FormatImg(l.Img())))
	l.steps, l.tickAt, l.tickFrom, l.drawn, l.watcher = l.steps[:0], time.Now(), l.Img(), min(l.drawn, l.Img()), nil
	return nil
}

// draw writes a grid of samples.
func (l *loop) draw(ctx context.Context) error {
	if l.opt.Grid == nil {
		l.drawn = l.Img()
		return nil
	}
	_, arrays, err := l.trainer.State()
	if err != nil {
		return err
	}
	name, err := l.opt.Grid(ctx, arrays)
	if err != nil {
		return err
	}
	l.drawn = l.Img()
	l.rep.Sample(filepath.Join(l.dir.Path(), "samples", name))
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
