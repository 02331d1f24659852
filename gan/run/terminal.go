package run

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gogan-ml/gogan/metrics/stats"
)

const (
	drawEvery = 300 * time.Millisecond // between two redraws of a terminal's line
	lineEvery = 10 * time.Second       // between two lines where nothing can be redrawn: a file, a pipe
	barWidth  = 20                     // columns
)

// Terminal returns a reporter that keeps one line up to date on a terminal: a bar, kimg, img/s, elapsed time, the time
// until the whole length is reached, and the losses. Where w is no terminal, it writes such a line every 10 seconds.
// Errors of w are ignored.
func Terminal(w io.Writer) Reporter {
	t := &terminal{w: w, now: time.Now, every: lineEvery}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		t.every = drawEvery
		t.width = func() int {
			width, _, err := term.GetSize(int(f.Fd()))
			if err != nil || width <= 0 {
				return 80
			}
			return width
		}
	}
	return t
}

type terminal struct {
	w     io.Writer
	now   func() time.Time
	every time.Duration
	width func() int // columns of the terminal, nil: w is none and nothing can be redrawn

	mu      sync.Mutex
	info    Info
	begin   time.Time
	first   *Tick     // of this call, to measure speed without the compilation before it
	last    *Tick     // newest
	drawn   time.Time // when the line was drawn last
	pending bool      // last is not drawn yet
	open    bool      // the cursor stands behind a drawn line
	sample  string    // newest grid
}

func (t *terminal) Start(info Info) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.info, t.begin, t.first, t.last = info, t.now(), nil, nil
	t.drawn, t.pending, t.sample = time.Time{}, false, ""
	head := info.Title
	for _, part := range []string{info.Device, info.Dir} {
		if part != "" {
			head += ", " + part
		}
	}
	t.line(fmt.Sprintf("%s: %s to %s img", strings.TrimPrefix(head, ", "), FormatImg(info.Img), FormatImg(info.Until)))
}

func (t *terminal) Tick(tick Tick) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == nil {
		t.first = &tick
	}
	t.last, t.pending = &tick, true
	if now := t.now(); now.Sub(t.drawn) >= t.every {
		t.draw(now)
	}
}

func (t *terminal) Note(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line(text)
	if t.width != nil && t.last != nil {
		t.draw(t.now())
	}
}

// Scoring shows what is done in place of the line of progress; where nothing can be redrawn, as a line.
func (t *terminal) Scoring(name string, img int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.show(fmt.Sprintf("scoring %s at %s", name, FormatImg(img)))
}

// Score writes a score as a line that stays.
func (t *terminal) Score(r stats.Result, best bool) {
	text := fmt.Sprintf("%s img: %s %.4g", FormatImg(r.Img), r.Name, r.Value)
	if best {
		text += ", the best so far"
	}
	t.Note(text)
}

func (t *terminal) Sample(path string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sample = path
}

func (t *terminal) Done(s Summary) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending {
		t.draw(t.now())
	}
	if t.open {
		fmt.Fprintln(t.w)
		t.open = false
	}
	text := fmt.Sprintf("%s img after %s of training: %s", FormatImg(s.Img), clock(s.Seconds), s.Dir)
	if t.sample != "" {
		text += ", newest grid " + t.sample
	}
	t.line(text)
}

// line writes a line of its own, above the progress line if there is one.
func (t *terminal) line(text string) {
	if t.open {
		fmt.Fprint(t.w, "\r\x1b[K")
		t.open = false
	}
	fmt.Fprintln(t.w, text)
}

// draw shows the last tick.
func (t *terminal) draw(now time.Time) {
	t.drawn, t.pending = now, false
	t.show(t.progress(now))
}

// show puts text in place of the line that can be redrawn; where there is none, it is a line of its own.
func (t *terminal) show(text string) {
	if t.width == nil {
		fmt.Fprintln(t.w, text)
		return
	}
	if room := t.width() - 1; len([]rune(text)) > room {
		text = string([]rune(text)[:max(room, 0)])
	}
	fmt.Fprint(t.w, "\r"+text+"\x1b[K")
	t.open = true
}

// progress returns the line of the last tick.
func (t *terminal) progress(now time.Time) string {
	var b strings.Builder
	done := 1.0
	if t.info.Until > 0 {
		done = min(float64(t.last.Img)/float64(t.info.Until), 1)
	}
	if t.width != nil {
		full := int(done * barWidth)
		b.WriteString(strings.Repeat("█", full) + strings.Repeat("░", barWidth-full) + " ")
	}
	fmt.Fprintf(&b, "%.1f/%.1f kimg %3.0f %%", float64(t.last.Img)/float64(Kimg), float64(t.info.Until)/float64(Kimg), math.Floor(100*done))
	fmt.Fprintf(&b, "  %.0f img/s  %s elapsed", t.last.ImgPerSec, clock(now.Sub(t.begin).Seconds()))
	if left := t.left(); left >= 0 {
		fmt.Fprintf(&b, "  %s left", clock(left))
	}
	for _, name := range lossesFirst(t.last.Values) {
		fmt.Fprintf(&b, "  %s %.4g", name, t.last.Values[name])
	}
	return b.String()
}

// left returns the seconds until the whole length is reached at the speed of this call, -1 if that is unknown.
func (t *terminal) left() float64 {
	speed := t.last.ImgPerSec
	if img, s := t.last.Img-t.first.Img, t.last.Seconds-t.first.Seconds; img > 0 && s > 0 {
		speed = float64(img) / s
	}
	if seconds := float64(max(t.info.Until-t.last.Img, 0)) / speed; speed > 0 && !math.IsInf(seconds, 0) {
		return seconds
	}
	return -1
}

// lossesFirst returns the names sorted, those of losses before the others.
func lossesFirst(values map[string]float64) []string {
	names := slices.Sorted(maps.Keys(values))
	slices.SortStableFunc(names, func(a, b string) int {
		lossA, lossB := strings.HasPrefix(a, "loss"), strings.HasPrefix(b, "loss")
		switch {
		case lossA && !lossB:
			return -1
		case lossB && !lossA:
			return 1
		}
		return 0
	})
	return names
}

// clock prints seconds as 0:07, 12:34 or 3:04:05.
func clock(seconds float64) string {
	s := int64(max(seconds, 0) + 0.5)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
