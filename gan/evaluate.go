package gan

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gogan-ml/gogan/weights"
)

// A Score is how a generator is measured while it is trained.
type Score struct {
	// Kind is what the results will say of how they are made: Name and, as far as they are known beforehand, NReal, NFake,
	// WeightsSHA256, Preprocess and DDoF. What is zero fits every result.
	Kind stats.Result
	// Measure returns the score of the generator of the moment. It must return a finite value of that kind and must not
	// depend on anything that a resumed run would not have; what it draws, it draws from seeds of its own.
	Measure func(ctx context.Context, g *Generator) (stats.Result, error)
}

// evaluation is how and when a session scores its model.
type evaluation struct {
	kind   stats.Result
	score  func(ctx context.Context, state map[string]weights.Array) (stats.Result, error) // nil: never
	every  int64
	newest int64 // img of the newest score of that kind, 0: none
}

// Evaluate makes TrainTo score the model at the first end of a cycle after each multiple of every real images, and at its
// own end; with every 0 only there. A nil score stops that. score gets the variables of the moment by name; of its result
// and of kind holds what Score says of Measure and Kind.
//
// The state is saved first. The result, with Img filled in, becomes a line of scores.jsonl and is told to the reporter,
// and the checkpoint is kept as long as no later one has a better score of the same kind. Training takes the same steps
// as without scores, and their time is not training time: neither img/s nor the seconds of the log hold it.
//
// A score that was lost with its process is made when the run goes on, if the run stands where it was due; the state that
// was saved for it makes sure of that. A score of a run that is there already is made at once if none of its kind was made
// since the last multiple of every.
func (s *Session) Evaluate(every int64, kind stats.Result, score func(ctx context.Context, state map[string]weights.Array) (stats.Result, error)) {
	s.scoring = evaluation{kind: kind, score: score, every: every}
}

// Evaluate makes TrainTo score the generator after each multiple of every real images, see Session.Evaluate; the zero
// Score stops that. Measure gets the generator that the grids are drawn with, of the moving average if there is one; it is
// valid until Measure returns.
func (r *Run) Evaluate(every int64, score Score) {
	if score.Measure == nil {
		r.Session.Evaluate(every, score.Kind, nil)
		return
	}
	r.Session.Evaluate(every, score.Kind, func(ctx context.Context, state map[string]weights.Array) (stats.Result, error) {
		if err := r.fixed.setWeights(state); err != nil {
			return stats.Result{}, err
		}
		return score.Measure(ctx, r.fixed)
	})
}

// findScores looks up after how many images the run was scored last in the way that it is to be scored.
func (s *Session) findScores() error {
	if s.scoring.score == nil {
		return nil
	}
	scores, err := s.dir.Scores()
	if err != nil {
		return err
	}
	s.scoring.newest = 0
	for _, r := range scores {
		if fits(s.scoring.kind, r) {
			s.scoring.newest = max(s.scoring.newest, r.Img)
		}
	}
	return nil
}

// scoreIsDue says whether the model is to be scored as it is; done: the goal is reached.
func (s *Session) scoreIsDue(done bool) bool {
	e := s.scoring
	if e.score == nil || s.Img() <= e.newest {
		return false
	}
	return done || e.every > 0 && s.trainer.AtCycleStart() && s.Img()/e.every > e.newest/e.every
}

// evaluate saves the state, scores it and keeps what came out.
func (l *loop) evaluate(ctx context.Context) error {
	if l.dirty {
		nans := l.nans
		if err := l.snapshot(); err != nil || l.nans != nans {
			return err // the run went back: this state is no more
		}
	}
	_, arrays, err := l.trainer.State()
	if err != nil {
		return err
	}
	l.rep.Scoring(l.scoring.kind.Name, l.Img())
	begin := time.Now()
	r, err := l.scoring.score(ctx, arrays)
	passed := time.Since(begin)
	l.begin, l.tickAt, l.lastSave = l.begin.Add(passed), l.tickAt.Add(passed), l.lastSave.Add(passed)
	switch {
	case err != nil && ctx.Err() != nil:
		return l.stopped(ctx.Err())
	case err != nil:
		return fmt.Errorf("gan: the score at %s cannot be made, the state is saved: %w", run.FormatImg(l.Img()), err)
	case math.IsNaN(r.Value) || math.IsInf(r.Value, 0):
		return fmt.Errorf("gan: the score %s at %s is %g, the state is saved", r.Name, run.FormatImg(l.Img()), r.Value)
	case !fits(l.scoring.kind, r):
		return fmt.Errorf("gan: the score at %s is %v, which is not of the kind that Evaluate was told: %v; the state is saved",
			run.FormatImg(l.Img()), r, l.scoring.kind)
	}
	return l.keepScore(r)
}

// keepScore marks the checkpoint if it is the best, and then writes the score: a kill between the two repeats it.
func (l *loop) keepScore(r stats.Result) error {
	r.Img = l.Img()
	img, old, found, err := l.dir.Best()
	if err != nil {
		return err
	}
	best := !found || img == r.Img || !sameKind(old, r) || r.Better(old)
	if best {
		if err := l.dir.MarkBest(r.Img, r); err != nil {
			return err
		}
	}
	if err := l.dir.AppendScore(r); err != nil {
		return err
	}
	l.scoring.newest = r.Img
	l.rep.Score(r, best)
	return nil
}

// sameKind says whether two scores were made in the same way, so that they compare.
func sameKind(a, b stats.Result) bool {
	return a.Name == b.Name && a.NReal == b.NReal && a.NFake == b.NFake && a.WeightsSHA256 == b.WeightsSHA256 &&
		a.Preprocess == b.Preprocess && a.DDoF == b.DDoF
}

// fits says whether a result is of a kind, in all that the kind says.
func fits(kind, r stats.Result) bool {
	return (kind.Name == "" || kind.Name == r.Name) && (kind.NReal == 0 || kind.NReal == r.NReal) &&
		(kind.NFake == 0 || kind.NFake == r.NFake) && (kind.WeightsSHA256 == "" || kind.WeightsSHA256 == r.WeightsSHA256) &&
		(kind.Preprocess == "" || kind.Preprocess == r.Preprocess) && (kind.DDoF == 0 || kind.DDoF == r.DDoF)
}
