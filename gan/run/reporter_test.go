package run

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// fakeTerminal is a Terminal with a clock of its own; columns 0 stands for a file.
func fakeTerminal(columns int) (*terminal, *bytes.Buffer, *time.Time) {
	var out bytes.Buffer
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	t := Terminal(&out).(*terminal)
	t.now = func() time.Time { return now }
	if columns > 0 {
		t.every, t.width = drawEvery, func() int { return columns }
	}
	return t, &out, &now
}

func TestTerminalLine(t *testing.T) {
	r, out, now := fakeTerminal(120)
	r.Start(Info{Dir: "runs/a", Title: "dcgan on fashion-mini", Img: 10000, Until: 20000, Device: "xla:cpu"})
	*now = now.Add(5 * time.Second)
	r.Tick(Tick{Img: 11000, Seconds: 100, ImgPerSec: 200, Values: map[string]float64{"d_real": 0.5, "loss_g": 0.69314, "loss_d": 1.25}})
	first := "\r" + strings.Repeat("█", 11) + strings.Repeat("░", 9) +
		" 11.0/20.0 kimg  55 %  200 img/s  0:05 elapsed  0:45 left  loss_d 1.25  loss_g 0.6931  d_real 0.5\x1b[K"
	if want := "dcgan on fashion-mini, xla:cpu, runs/a: 10k to 20k img\n" + first; out.String() != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
	out.Reset()
	*now = now.Add(299 * time.Millisecond)
	r.Tick(Tick{Img: 11100})
	if out.Len() > 0 {
		t.Errorf("redrawn after 0.3 s: %q", out)
	}
	// At 10,000 images in 50 s since the first tick, whatever the last tick's own speed.
	*now = now.Add(49701 * time.Millisecond)
	r.Tick(Tick{Img: 19999, Seconds: 145, ImgPerSec: math.Inf(1)})
	if got := out.String(); !strings.Contains(got, " 99 %") || !strings.Contains(got, "0:55 elapsed  0:00 left") {
		t.Errorf("got %q", got)
	}
	out.Reset()
	r.Note("set back")
	if got := out.String(); !strings.HasPrefix(got, "\r\x1b[Kset back\n\r█") {
		t.Errorf("a note is %q", got)
	}
	out.Reset()
	r.Scoring("fd_fashion_cnn", 20_000)
	if got, want := out.String(), "\rscoring fd_fashion_cnn at 20k\x1b[K"; got != want {
		t.Errorf("while a score is made: %q, want %q", got, want)
	}
	out.Reset()
	r.Score(stats.Result{Name: "fd_fashion_cnn", Value: 12.3456, Img: 20_000}, true)
	if got := out.String(); !strings.HasPrefix(got, "\r\x1b[K20k img: fd_fashion_cnn 12.35, the best so far\n\r█") {
		t.Errorf("a score is %q", got)
	}
	out.Reset()
	r.Sample("runs/a/samples/fakes_000020000.png")
	r.Tick(Tick{Img: 20000, Seconds: 146})
	r.Done(Summary{Dir: "runs/a", Img: 20000, Seconds: 146})
	if got := out.String(); !strings.Contains(got, "20.0/20.0 kimg 100 %") ||
		!strings.HasSuffix(got, "\x1b[K\n20k img after 2:26 of training: runs/a, newest grid runs/a/samples/fakes_000020000.png\n") {
		t.Errorf("the end is %q", got)
	}
}

func TestTerminalFitsWidth(t *testing.T) {
	r, out, _ := fakeTerminal(30)
	r.Start(Info{Until: 1000})
	out.Reset()
	r.Tick(Tick{Img: 500, ImgPerSec: 10})
	line := strings.TrimSuffix(strings.TrimPrefix(out.String(), "\r"), "\x1b[K")
	if n := len([]rune(line)); n != 29 {
		t.Errorf("%d columns in a terminal of 30: %q", n, line)
	}
}

func TestTerminalToFile(t *testing.T) {
	r, out, now := fakeTerminal(0)
	r.Start(Info{Title: "mlp-gan", Until: 4000})
	for i := range 100 { // 50 seconds: a line at the start, then every 10 seconds, and the last one
		r.Tick(Tick{Img: int64(i) * 10, ImgPerSec: 20, Seconds: float64(i) / 2})
		*now = now.Add(500 * time.Millisecond)
	}
	r.Scoring("fid", 500)
	r.Note("almost")
	r.Done(Summary{Dir: "runs/b", Img: 990, Seconds: 50})
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	want := []string{"mlp-gan: 0 to 4k img",
		"0.0/4.0 kimg   0 %  20 img/s  0:00 elapsed  3:20 left", "0.2/4.0 kimg   5 %  20 img/s  0:10 elapsed  3:10 left",
		"0.4/4.0 kimg  10 %  20 img/s  0:20 elapsed  3:00 left", "0.6/4.0 kimg  15 %  20 img/s  0:30 elapsed  2:50 left",
		"0.8/4.0 kimg  20 %  20 img/s  0:40 elapsed  2:40 left", "scoring fid at 500", "almost",
		"1.0/4.0 kimg  24 %  20 img/s  0:50 elapsed  2:31 left", "990 img after 0:50 of training: runs/b"}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if strings.ContainsAny(out.String(), "\r\x1b") {
		t.Errorf("control signs in a file: %q", out)
	}
}

func TestTerminalNothingToDo(t *testing.T) {
	r, out, _ := fakeTerminal(80)
	r.Start(Info{Title: "dcgan", Img: 2000, Until: 1000})
	r.Done(Summary{Dir: "runs/c", Img: 2000, Seconds: 7300})
	if want := "dcgan: 2k to 1k img\n2k img after 2:01:40 of training: runs/c\n"; out.String() != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestTerminalUnknownSpeed(t *testing.T) {
	for _, speed := range []float64{0, math.NaN(), -1} {
		r, out, _ := fakeTerminal(0)
		r.Start(Info{Until: 1000})
		r.Tick(Tick{Img: 500, ImgPerSec: speed})
		if strings.Contains(out.String(), "left") {
			t.Errorf("%v img/s: %q", speed, out)
		}
	}
}

// Silent must satisfy the interface and do nothing, not even with nothing given.
func TestSilent(t *testing.T) {
	r := Silent()
	r.Start(Info{})
	r.Tick(Tick{})
	r.Note("")
	r.Sample("")
	r.Scoring("", 0)
	r.Score(stats.Result{}, true)
	r.Done(Summary{})
}
