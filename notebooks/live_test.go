package notebooks

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// screen records what a live block draws, on a clock that only the test moves.
type screen struct {
	live
	drawn []string
	time  time.Time
	ended int // number of flushes
}

func newScreen() *screen {
	s := &screen{time: time.Unix(1e9, 0)}
	s.draw = func(html string) { s.drawn = append(s.drawn, html) }
	s.flush = func() { s.ended++ }
	s.now = func() time.Time { return s.time }
	return s
}

func (s *screen) last() string { return s.drawn[len(s.drawn)-1] }

func wantTexts(t *testing.T, html string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(html, text) {
			t.Errorf("the block does not say %q:\n%s", text, html)
		}
	}
}

func TestLiveShowsTheState(t *testing.T) {
	s := newScreen()
	s.Start(run.Info{Title: "a <dcgan>", Img: 10_000, Until: 50_000, Device: "xla:cpu"})
	wantTexts(t, s.last(), "a &lt;dcgan&gt;", "xla:cpu", `value="10000" max="50000"`, "preparing")

	s.time = s.time.Add(time.Second)
	s.Tick(run.Tick{Img: 11_000, Seconds: 20, ImgPerSec: 100, Values: map[string]float64{"loss_d": 1.25}})
	s.time = s.time.Add(time.Second)
	values := map[string]float64{"loss_d": 1.3862, "loss_g": 0.6931, "d_real": 0.5, "penalty": 10}
	s.Tick(run.Tick{Img: 20_000, Seconds: 30, ImgPerSec: 700, Values: values})
	// 9,000 images in 10 s leave 30,000 images for 33.3 s, whatever the last tick's own speed was.
	wantTexts(t, s.last(), `value="20000" max="50000"`, "20k of 50k images", "700 img/s", "0:30 so far", "0:33 left",
		"loss of D 1.39 · loss of G 0.693 · D(x) 0.5 · penalty 10")
	if strings.Contains(s.last(), "preparing") {
		t.Error("the block still says that it prepares")
	}
}

func TestLiveIsThrottled(t *testing.T) {
	s := newScreen()
	s.Start(run.Info{Title: "x", Until: 1000})
	for img := range int64(100) {
		s.time = s.time.Add(10 * time.Millisecond)
		s.Tick(run.Tick{Img: img, Seconds: 1})
	}
	if got := len(s.drawn); got != 1+3 { // 1 s holds three whole intervals of 300 ms
		t.Errorf("%d drawings in a second, want 4", got)
	}
	s.Note("continued at 5k")
	wantTexts(t, s.last(), "continued at 5k")
	if len(s.drawn) != 5 {
		t.Error("a note waited")
	}
}

func TestLiveShowsTheNewestSample(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grid.png")
	png := M1(base64.StdEncoding.DecodeString( // one black pixel
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="))
	if err := os.WriteFile(path, png, 0o644); err != nil {
		t.Fatal(err)
	}
	s := newScreen()
	s.Start(run.Info{Title: "x"})
	s.Sample(path)
	wantTexts(t, s.last(), "data:image/png;base64,iVBOR", "width:8px") // enlarged as far as it goes
	s.Sample(path + ".gone")
	if strings.Contains(s.last(), "<img") {
		t.Error("a sample that cannot be read left a picture")
	}
}

func TestLiveLeavesOneLine(t *testing.T) {
	s := newScreen()
	s.Start(run.Info{Title: "dcgan", Until: 1000, Device: "xla:cpu"})
	s.Tick(run.Tick{Img: 500, Seconds: 1, Values: map[string]float64{"loss_g": 2}})
	s.Note("padded")
	s.Scoring("fd", 20_000)
	wantTexts(t, s.last(), "scoring fd at 20k</div>")
	s.Score(stats.Result{Name: "fd", Value: 12.345, Img: 20_000}, true)
	wantTexts(t, s.last(), "loss of G 2 · fd 12.35 at 20k</div>")
	s.Score(stats.Result{Name: "fd", Value: 13, Img: 40_000}, false)
	s.Done(run.Summary{Img: 100_000, Seconds: 125, Values: map[string]float64{"loss_g": 0.7}})
	want := "<p><b>dcgan</b>: 100k images · 2:05 · 800 img/s · xla:cpu · loss of G 0.7 · fd 13 at 40k · best fd 12.35 at 20k<br>padded</p>"
	if s.last() != want {
		t.Errorf("got  %s\nwant %s", s.last(), want)
	}
	if s.ended != 1 {
		t.Errorf("the notebook was waited for %d times, want once", s.ended)
	}
}

func TestLiveOutsideOfANotebook(t *testing.T) {
	if _, ok := Live().(*live); ok {
		t.Error("without a kernel Live draws into a notebook")
	}
}

func TestClock(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0:00", 59.6: "1:00", 245: "4:05", 3723: "1:02:03", -1: "?"} {
		if got := clock(seconds); got != want {
			t.Errorf("clock(%g) = %q, want %q", seconds, got, want)
		}
	}
}
