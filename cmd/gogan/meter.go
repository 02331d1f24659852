package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A meter shows how far measuring is: on a terminal a bar with the time left, elsewhere one line for each thing that is
// done.
type meter struct {
	w        io.Writer
	terminal bool
	bar      *progressbar.ProgressBar // nil: nothing to be seen has begun
	what     string                   // that is in progress; "" for nothing
	began    time.Time
	done     int64
}

func newMeter(w io.Writer) *meter {
	f, ok := w.(*os.File)
	return &meter{w: w, terminal: ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"}
}

// units are what metrics counts in; everything else is a file, in bytes.
var units = map[string]string{"reals": "pictures", "fakes": "pictures", "pictures": "pictures", "test pictures": "pictures", "interval": "resamplings"}

// progress is a metrics.Options.Progress.
func (m *meter) progress(what string, done, total int64) {
	if what != m.what {
		m.finish()
		m.what, m.began = what, time.Now()
		if m.terminal {
			m.bar = newBar(m.w, what, total)
		}
	}
	m.done = done
	if m.bar != nil {
		_ = m.bar.Set64(done) // a bar that cannot be drawn stops nothing
	}
}

func newBar(w io.Writer, what string, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
		progressbar.OptionShowBytes(units[what] == ""), progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}

// finish ends what is in progress with its line.
func (m *meter) finish() {
	if m.what == "" {
		return
	}
	if m.bar != nil {
		_ = m.bar.Clear()
		m.bar = nil
	}
	unit := units[m.what]
	if unit == "" {
		unit = "bytes"
	}
	line := fmt.Sprintf("%s: %d %s in %v\n", m.what, m.done, unit, time.Since(m.began).Round(100*time.Millisecond))
	if m.what == unit {
		line = line[len(unit)+2:]
	}
	fmt.Fprint(m.w, line)
	m.what = ""
}
