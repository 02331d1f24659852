package gan

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// byBrightness is how most of these runs are scored.
var byBrightness = Score{stats.Result{Name: "brightness"}, brightness}

// brightness scores a generator by the mean of four of its pictures: any function of the weights would do.
func brightness(ctx context.Context, g *Generator) (stats.Result, error) {
	images, err := g.draw(ctx, Seeds(0, 4))
	if err != nil {
		return stats.Result{}, err
	}
	sum := 0
	for _, m := range images {
		for _, v := range m.Pix {
			sum += int(v)
		}
	}
	return stats.Result{Name: "brightness", Value: float64(sum) / float64(len(images)*len(images[0].Pix)), NFake: len(images)}, nil
}

// scripted scores with given values, one after another.
func scripted(values ...float64) func(context.Context, *Generator) (stats.Result, error) {
	return func(context.Context, *Generator) (stats.Result, error) {
		v := values[0]
		values = values[1:]
		return stats.Result{Name: "fd_script", Value: v}, nil
	}
}

// scores returns the lines of scores.jsonl.
func scores(t *testing.T, r *Run) []stats.Result {
	t.Helper()
	out, err := r.Dir().Scores()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func scoredAt(t *testing.T, r *Run) []int64 {
	t.Helper()
	var at []int64
	for _, s := range scores(t, r) {
		at = append(at, s.Img)
	}
	return at
}

func wantScoredAt(t *testing.T, r *Run, want ...int64) {
	t.Helper()
	if at := scoredAt(t, r); !slices.Equal(at, want) {
		t.Errorf("scored at %v, want %v", at, want)
	}
}

func TestEvaluateWhenDue(t *testing.T) {
	cfg := tiny() // batches of 4
	cfg.NCritic = 3
	r := open(t, t.TempDir(), cfg)
	r.Evaluate(20, byBrightness)
	train(t, r, 64)
	// The ends of cycles are at multiples of 12; 64 is the end of TrainTo, in the middle of a cycle.
	wantScoredAt(t, r, 24, 48, 60, 64)
	train(t, r, 64)
	train(t, r, 10)
	wantScoredAt(t, r, 24, 48, 60, 64)
	r.Evaluate(0, byBrightness)
	train(t, r, 120)
	wantScoredAt(t, r, 24, 48, 60, 64, 120)
	r.Evaluate(20, Score{})
	train(t, r, 160)
	wantScoredAt(t, r, 24, 48, 60, 64, 120)
}

// Scores change no bit of the training, and a run in two sittings has the scores of a run in one.
func TestEvaluateLeavesTheTrainingAlone(t *testing.T) {
	cfg := tiny()
	cfg.EMAKimg, cfg.GeneratorOptimizer.LR = 0.01, 0.01 // pictures of bytes show no smaller steps
	cfg.Generator = ownGenerator(8)
	dirs := make([]string, 3)
	for i := range dirs {
		dirs[i] = filepath.Join(t.TempDir(), "run")
	}
	train(t, open(t, dirs[0], cfg), 32)
	one := open(t, dirs[1], cfg)
	one.Evaluate(8, byBrightness)
	train(t, one, 32)
	for _, until := range []int64{16, 32} {
		two := open(t, dirs[2], cfg)
		two.Evaluate(8, byBrightness)
		train(t, two, until)
		if err := two.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if plain := export(t, dirs[0]); !bytes.Equal(plain, export(t, dirs[1])) || !bytes.Equal(plain, export(t, dirs[2])) {
		t.Error("a run with scores differs from one without")
	}
	wantScoredAt(t, one, 8, 16, 24, 32)
	for _, name := range []string{"scores.jsonl", "best.json"} {
		if a, b := read(t, dirs[1], name), read(t, dirs[2], name); a != b {
			t.Errorf("%s in one sitting:\n%s\nin two:\n%s", name, a, b)
		}
	}
	// The score is that of the generator which Load opens.
	g, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dirs[1], WithGenerator(ownGenerator(8)))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	want, err := brightness(t.Context(), g)
	if all := scores(t, one); err != nil || all[3].Value != want.Value || all[2].Value == want.Value {
		t.Errorf("scores %v %v, of the loaded generator %v (%v)", all[2].Value, all[3].Value, want.Value, err)
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// An evaluation that is stopped leaves the state it was to score, and is made when the run goes on, also if that was the
// end of TrainTo.
func TestEvaluateStopped(t *testing.T) {
	straightDir := t.TempDir()
	straight := open(t, straightDir, tiny())
	straight.Evaluate(8, byBrightness)
	train(t, straight, 24)
	for _, stopAt := range []int64{8, 24} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		first := open(t, dir, tiny())
		first.Evaluate(8, Score{Measure: func(ctx context.Context, g *Generator) (stats.Result, error) {
			if first.Img() == stopAt {
				cancel()
			}
			return brightness(ctx, g)
		}})
		err := first.TrainTo(ctx, 24, nil)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "run it again") {
			t.Fatalf("stopped at %d: %v", stopAt, err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		again := open(t, dir, tiny())
		if again.Img() != stopAt {
			t.Fatalf("continued at %d, want the state that was to be scored, at %d", again.Img(), stopAt)
		}
		again.Evaluate(8, byBrightness)
		train(t, again, 24)
		if a, b := read(t, straightDir, "scores.jsonl"), read(t, dir, "scores.jsonl"); a != b {
			t.Errorf("stopped at %d:\n%s\nstraight:\n%s", stopAt, b, a)
		}
	}
}

// A failure of the score ends the call with what was trained saved.
func TestEvaluateFails(t *testing.T) {
	for _, test := range []struct {
		kind, score stats.Result
		err         error
		want        []string
	}{
		{stats.Result{}, stats.Result{Name: "fd_x", Value: math.NaN()}, nil, []string{"fd_x", "NaN", "8"}},
		{stats.Result{}, stats.Result{Name: "fd_x", Value: math.Inf(1)}, nil, []string{"fd_x", "+Inf"}},
		{stats.Result{}, stats.Result{}, errors.New("metrics: fd: no reals"), []string{"metrics: fd: no reals", "8"}},
		{stats.Result{Name: "fd_x", NFake: 9}, stats.Result{Name: "fd_x", NFake: 4}, nil, []string{"n_fake 4", "n_fake 9", "kind"}},
	} {
		dir := t.TempDir()
		r := open(t, dir, tiny())
		r.Evaluate(8, Score{test.kind, func(context.Context, *Generator) (stats.Result, error) { return test.score, test.err }})
		err := r.TrainTo(t.Context(), 24, nil)
		if err == nil {
			t.Fatalf("%v, %v: no error", test.score, test.err)
		}
		for _, word := range test.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("got %q, which does not say %q", err, word)
			}
		}
		if st, _, _, _, err := r.Dir().Load(); err != nil || st.Img != 8 {
			t.Errorf("the checkpoint is at %d (%v), want 8", st.Img, err)
		}
		if got := scores(t, r); len(got) > 0 {
			t.Errorf("scores.jsonl has %v", got)
		}
	}
}

// Scores that somebody else added to the run stand for those of training only if they were made in the same way.
func TestEvaluateBesideOtherScores(t *testing.T) {
	kind := stats.Result{Name: "fd_x", NReal: 40, NFake: 20, WeightsSHA256: "ab", Preprocess: "tf1", DDoF: 1}
	score := Score{kind, func(context.Context, *Generator) (stats.Result, error) {
		r := kind
		r.Value = 2
		return r, nil
	}}
	for name, test := range map[string]struct {
		change func(r *stats.Result)
		scored bool // by training, too
	}{
		"the same":               {func(r *stats.Result) { r.Seed = 7 }, false},
		"another name":           {func(r *stats.Result) { r.Name = "kd_x" }, true},
		"other reals":            {func(r *stats.Result) { r.NReal = 10 }, true},
		"more fakes":             {func(r *stats.Result) { r.NFake = 50 }, true},
		"other weights":          {func(r *stats.Result) { r.WeightsSHA256 = "cd" }, true},
		"another preprocessing":  {func(r *stats.Result) { r.Preprocess = "clean" }, true},
		"another divisor (ddof)": {func(r *stats.Result) { r.DDoF = 0 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, t.TempDir(), tiny())
			train(t, r, 8)
			other := kind
			other.Value, other.Img = 1, 8
			test.change(&other)
			if err := r.Dir().AppendScore(other); err != nil {
				t.Fatal(err)
			}
			r.Evaluate(8, score)
			train(t, r, 8)
			if got := len(scores(t, r)) == 2; got != test.scored {
				t.Errorf("scored by training: %v, want %v", got, test.scored)
			}
		})
	}
}

// told keeps what a reporter is told of scores.
type told struct {
	Reporter
	begun []int64 // where a score was announced
	img   []int64
	best  []bool
}

func (r *told) Scoring(_ string, img int64) { r.begun = append(r.begun, img) }

func (r *told) Score(s stats.Result, best bool) {
	r.img, r.best = append(r.img, s.Img), append(r.best, best)
}

// The best checkpoint stays although it is old, and BestCheckpoint opens it.
func TestEvaluateKeepsTheBest(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, tiny())
	var pictures [][]byte
	values := scripted(5, 3, 4, 3, 3.5, 6)
	r.Evaluate(4, Score{Measure: func(ctx context.Context, g *Generator) (stats.Result, error) {
		images, err := g.draw(ctx, Seeds(0, 1))
		if err != nil {
			return stats.Result{}, err
		}
		pictures = append(pictures, images[0].Pix)
		return values(ctx, g)
	}})
	rep := &told{Reporter: Silent()}
	if err := r.TrainTo(t.Context(), 24, rep); err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, true, false, false, false, false}; !slices.Equal(rep.best, want) || rep.img[5] != 24 || !slices.Equal(rep.begun, rep.img) {
		t.Errorf("told %v at %v, announced at %v, want %v up to 24", rep.best, rep.img, rep.begun, want)
	}
	img, score, found, err := r.Dir().Best()
	if err != nil || !found || img != 8 || score.Value != 3 || score.Img != 8 {
		t.Fatalf("best is %v at %d (%v, %v), want 3 at 8", score, img, found, err)
	}
	device := &accel.Device{Backend: testbackend.Go(t)}
	for _, test := range []struct {
		options []LoadOption
		want    []byte
	}{{[]LoadOption{BestCheckpoint()}, pictures[1]}, {nil, pictures[5]}} {
		g, err := LoadOn(device, dir, test.options...)
		if err != nil {
			t.Fatal(err)
		}
		images, err := g.Sample(t.Context(), Seeds(0, 1))
		if err != nil || !bytes.Equal(pixels(t, images[0]), test.want) {
			t.Errorf("%d options: another picture than at the time of the score, %v", len(test.options), err)
		}
		g.Close()
	}
	// A score of another kind does not compare: its first one is its best.
	r.Evaluate(4, Score{stats.Result{Name: "classifier_score_x"}, func(context.Context, *Generator) (stats.Result, error) {
		return stats.Result{Name: "classifier_score_x", Value: 1}, nil
	}})
	train(t, r, 28) // made at 24, where there was no such score, and at 28
	if img, score, _, _ := r.Dir().Best(); img != 24 || score.Name != "classifier_score_x" {
		t.Errorf("best is %v at %d, want that of the new kind", score, img)
	}
}

func TestBestCheckpointRefuses(t *testing.T) {
	dir := t.TempDir()
	train(t, open(t, dir, tiny()), 8)
	file := filepath.Join(t.TempDir(), "g.safetensors")
	if err := os.WriteFile(file, export(t, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	device := &accel.Device{Backend: testbackend.Go(t)}
	for path, want := range map[string]string{dir: "without scores", file: "only a run"} {
		if g, err := LoadOn(device, path, BestCheckpoint()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v; want an error that says %q", path, g, err, want)
		}
	}
}

// The time of a score is no training time.
func TestEvaluateTakesNoTrainingTime(t *testing.T) {
	const pause = 300 * time.Millisecond
	dir := t.TempDir()
	r := open(t, dir, tiny())
	r.Evaluate(8, Score{Measure: func(ctx context.Context, g *Generator) (stats.Result, error) {
		time.Sleep(pause)
		return stats.Result{Name: "fd_x", Value: 1}, nil
	}})
	begin := time.Now()
	train(t, r, 16) // two scores
	wall := time.Since(begin)
	train(t, r, 20)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, tiny())
	ticks, err := again.Dir().Ticks()
	if err != nil {
		t.Fatal(err)
	}
	for _, tick := range ticks {
		if tick.Img != 16 {
			continue
		}
		if limit := (wall - 2*pause + pause/3).Seconds(); tick.Seconds <= 0 || tick.Seconds > limit {
			t.Errorf("the log says %.3f s after two scores; the call took %v, %v of it for scores", tick.Seconds, wall, 2*pause)
		}
	}
}

// A run that goes back because of a NaN is scored anew from there on, and nothing is scored twice.
func TestEvaluateAfterNaN(t *testing.T) {
	times := 1
	r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, t.TempDir(), tiny(), notANumber{noise{28, 1}, 40, &times})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Evaluate(16, byBrightness)
	train(t, r, 64)
	wantScoredAt(t, r, 16, 32, 48, 64)
	if r.nans != 1 {
		t.Errorf("the run went back %d times, want once", r.nans)
	}
}
