package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/notebookrun"
)

// view tells a terminal which cell runs and how far a training in it is. It learns the latter from the files of the run
// directories: the cell is another process.
type view struct {
	w     io.Writer
	runs  string
	every time.Duration // between two lines about a training
	tty   bool          // a line can be written over

	mu   sync.Mutex
	open bool // the cursor stands behind a line that may be written over

	quit    chan struct{}
	waiting sync.WaitGroup
}

// follow starts to follow the run directories below runs.
func follow(w *os.File, runs string) *view {
	v := &view{w: w, runs: runs, every: 15 * time.Second, quit: make(chan struct{})}
	if term.IsTerminal(int(w.Fd())) {
		v.tty, v.every = true, time.Second
	}
	v.waiting.Go(v.watch)
	return v
}

func (v *view) stop() {
	close(v.quit)
	v.waiting.Wait()
	v.line("")
}

// cell tells that a cell starts.
func (v *view) cell(e notebookrun.Event) {
	if !e.Ended {
		v.line(fmt.Sprintf("cell %d of %d  %s", e.Cell+1, e.Cells, e.Heading))
	}
}

// line writes a line that stays.
func (v *view) line(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.open {
		fmt.Fprintln(v.w)
		v.open = false
	}
	if text != "" {
		fmt.Fprintln(v.w, text)
	}
}

// status writes a line that the next one may replace.
func (v *view) status(text string) {
	if !v.tty {
		v.line("  " + text)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(v.w, "\r\x1b[K  %s", text)
	v.open = true
}

func (v *view) watch() {
	shown := map[string]int64{}
	tick := time.NewTicker(v.every)
	defer tick.Stop()
	for {
		select {
		case <-v.quit:
			return
		case <-tick.C:
		}
		configs, err := filepath.Glob(filepath.Join(v.runs, "*", "config.json"))
		if err != nil {
			continue
		}
		for _, config := range configs {
			dir := filepath.Dir(config)
			s, err := run.Summarize(dir)
			if err != nil || s.State != run.Running || s.Img == shown[dir] {
				continue
			}
			shown[dir] = s.Img
			v.status(progress(s))
		}
	}
}

// progress is a run in one line.
func progress(s run.Summary) string {
	text := fmt.Sprintf("%s: %.1fk images in %.0f s", filepath.Base(s.Dir), float64(s.Img)/float64(run.Kimg), s.Seconds)
	for _, v := range []struct{ key, name string }{{"loss_d", "loss of D"}, {"loss_g", "loss of G"}} {
		if value, ok := s.Values[v.key]; ok {
			text += fmt.Sprintf(", %s %.2f", v.name, value)
		}
	}
	return text
}

// lossOf returns the name of the loss in the config of a run, "" if there is none.
func lossOf(d *run.Dir) string {
	var config struct {
		Loss string `json:"loss"`
	}
	if data, err := d.ConfigJSON(); err != nil || json.Unmarshal(data, &config) != nil {
		return ""
	}
	return config.Loss
}
