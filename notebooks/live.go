package notebooks

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image/png"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// redraw is the shortest time between two drawings of a live block: a browser follows it, and a notebook that is
// executed without one does not drown in messages.
const redraw = 300 * time.Millisecond

// Live returns a reporter that draws one block below the cell: how far the run is, its speed and what time is left, its
// losses and its newest grid. At the end the block shrinks to one line of text that stays in the notebook. Outside of a
// notebook it writes to the terminal.
func Live() run.Reporter {
	if !gonbui.IsNotebook {
		return run.Terminal(os.Stderr)
	}
	id := gonbui.UniqueId()
	return &live{
		draw:  func(html string) { gonbui.UpdateHTML(id, html) },
		flush: flush,
		now:   time.Now,
	}
}

// live is the reporter of [Live].
type live struct {
	draw  func(html string)
	flush func()
	now   func() time.Time

	mu    sync.Mutex
	block block
	notes []string
	best  stats.Result // newest of the best scores; without a name there is none
	drawn time.Time    // when the block was drawn last
	start run.Tick     // the first tick of this sitting: speed is measured from there
}

// Start implements [run.Reporter].
func (l *live) Start(info run.Info) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.block = block{info: info, state: "preparing the first step"}
	l.start, l.best = run.Tick{}, stats.Result{}
	l.redraw(true)
}

// Tick implements [run.Reporter].
func (l *live) Tick(t run.Tick) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.start.Seconds == 0 {
		l.start = t
	}
	l.block.state = ""
	l.block.tick = t
	l.block.left = timeLeft(l.start, t, l.block.info.Until)
	l.redraw(false)
}

// Note implements [run.Reporter].
func (l *live) Note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, text)
	l.block.notes = l.notes
	l.redraw(true)
}

// Sample implements [run.Reporter].
func (l *live) Sample(path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.block.pictures = []picture{readPicture(path)}
	l.redraw(true)
}

// Scoring implements [run.Reporter].
func (l *live) Scoring(name string, img int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.block.state = fmt.Sprintf("scoring %s at %s", name, run.RoundImg(img))
	l.redraw(true)
}

// Score implements [run.Reporter].
func (l *live) Score(r stats.Result, best bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.block.state = ""
	if best {
		l.best = r
	}
	l.block.scores = []string{score(r)}
	if !best && l.best.Name != "" {
		l.block.scores = append(l.block.scores, "best "+score(l.best))
	}
	l.redraw(true)
}

// score writes a score of a run in a few words.
func score(r stats.Result) string {
	return fmt.Sprintf("%s %.4g at %s", r.Name, r.Value, run.RoundImg(r.Img))
}

// Done implements [run.Reporter].
func (l *live) Done(s run.Summary) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := l.block.tick
	last.Img, last.Seconds = s.Img, s.Seconds
	if s.Values != nil {
		last.Values = s.Values
	}
	l.draw(finalHTML(l.block.info, last, l.block.scores, l.notes))
	l.flush()
}

func (l *live) redraw(now bool) {
	if t := l.now(); now || t.Sub(l.drawn) >= redraw {
		l.drawn = t
		l.draw(l.block.html())
	}
}

// timeLeft estimates the time until the goal from the speed between two ticks, 0 if it is not known.
func timeLeft(start, now run.Tick, until int64) time.Duration {
	speed := now.ImgPerSec
	if passed := now.Seconds - start.Seconds; passed > 0 {
		speed = float64(now.Img-start.Img) / passed
	}
	if speed <= 0 || until <= now.Img {
		return 0
	}
	return time.Duration(float64(until-now.Img) / speed * float64(time.Second))
}

// block is what a live block shows.
type block struct {
	info     run.Info
	state    string // what is done instead of training: shown in place of speed and losses
	tick     run.Tick
	left     time.Duration
	scores   []string // the newest, and the best if that is another
	notes    []string
	pictures []picture
}

// picture is a PNG of a live block.
type picture struct {
	data  []byte
	width int // pixels on the screen; 0: as it is
}

// readPicture reads the PNG of a sample; small ones are shown enlarged. One that cannot be read is an empty picture:
// a run must not end because its view fails.
func readPicture(path string) picture {
	data, err := os.ReadFile(path)
	if err != nil {
		return picture{}
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return picture{}
	}
	return picture{data: data, width: img.Bounds().Dx() * figures.Enlargement(img)}
}

// html draws the block while a run is going on.
func (b block) html() string {
	var out strings.Builder
	fmt.Fprintf(&out, `<div style="max-width:900px"><div><b>%s</b>`, html.EscapeString(b.info.Title))
	if b.info.Device != "" {
		fmt.Fprintf(&out, " on %s", html.EscapeString(b.info.Device))
	}
	out.WriteString("</div>")
	img := max(b.tick.Img, b.info.Img)
	if b.info.Until > 0 {
		fmt.Fprintf(&out, `<progress style="width:100%%;height:1.2em" value="%d" max="%d"></progress>`, img, b.info.Until)
	}
	fmt.Fprintf(&out, "<div>%s</div>", html.EscapeString(strings.Join(b.facts(img), " · ")))
	for _, note := range b.notes {
		fmt.Fprintf(&out, "<div>%s</div>", html.EscapeString(note))
	}
	for _, p := range b.pictures {
		if len(p.data) == 0 {
			continue
		}
		style := "display:block;margin-top:6px;max-width:100%;image-rendering:pixelated"
		if p.width > 0 {
			style += fmt.Sprintf(";width:%dpx", p.width)
		}
		fmt.Fprintf(&out, `<img style="%s" src="data:image/png;base64,%s">`, style,
			base64.StdEncoding.EncodeToString(p.data))
	}
	out.WriteString("</div>")
	return out.String()
}

// facts are the numbers of the block in one line.
func (b block) facts(img int64) []string {
	shown := run.RoundImg(img) + " images"
	if b.info.Until > 0 {
		shown = run.RoundImg(img) + " of " + run.RoundImg(b.info.Until) + " images"
	}
	facts := []string{shown}
	if b.state != "" {
		return append(facts, b.state)
	}
	if b.tick.ImgPerSec > 0 {
		facts = append(facts, fmt.Sprintf("%.0f img/s", b.tick.ImgPerSec))
	}
	facts = append(facts, clock(b.tick.Seconds)+" so far")
	if b.left > 0 {
		facts = append(facts, clock(b.left.Seconds())+" left")
	}
	return append(append(facts, values(b.tick.Values)...), b.scores...)
}

// finalHTML is the one line that stays in the notebook. It has no style, picture or script: it reads the same on every
// site that shows notebooks.
func finalHTML(info run.Info, last run.Tick, scores, notes []string) string {
	facts := []string{run.RoundImg(last.Img) + " images", clock(last.Seconds)}
	if last.Seconds > 0 {
		facts = append(facts, fmt.Sprintf("%.0f img/s", float64(last.Img)/last.Seconds))
	}
	if info.Device != "" {
		facts = append(facts, info.Device)
	}
	facts = append(append(facts, values(last.Values)...), scores...)
	text := fmt.Sprintf("<b>%s</b>: %s", html.EscapeString(info.Title), html.EscapeString(strings.Join(facts, " · ")))
	for _, note := range notes {
		text += "<br>" + html.EscapeString(note)
	}
	return "<p>" + text + "</p>"
}

// names of logged values as papers write them, in the order in which they are shown; others follow by their keys.
var names = []struct{ key, name string }{
	{"loss_d", "loss of D"}, {"loss_g", "loss of G"}, {"d_real", "D(x)"}, {"d_fake", "D(G(z))"}, {"critic_gap", "D(x) - D(G(z))"},
	{"loss_elbo", "loss"}, {"reconstruction", "reconstruction"}, {"kl", "KL"}, {"spread_real", "spread of reals"}, {"spread_fake", "of fakes"},
}

func values(v map[string]float64) []string {
	var out []string
	show := func(key, name string) {
		if value, ok := v[key]; ok {
			out = append(out, fmt.Sprintf("%s %.3g", name, value))
		}
	}
	rest := maps.Clone(v)
	for _, n := range names {
		show(n.key, n.name)
		delete(rest, n.key)
	}
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		show(key, key)
	}
	return out
}

// clock writes seconds as 4:05 or 1:02:03.
func clock(seconds float64) string {
	if math.IsNaN(seconds) || seconds < 0 || seconds > 1e9 {
		return "?"
	}
	s := int(seconds + 0.5)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
