package run

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// saveForever continues the run and goes on until it is killed: a tick, a sample, a checkpoint, and the same
// checkpoint again, which replaces it. It tells each state after Save returned.
func saveForever(dir string) error {
	d, err := Create(dir, config, Options{})
	if err != nil {
		return err
	}
	st, _, _, damaged, err := d.Load()
	if err != nil || len(damaged) > 0 {
		return fmt.Errorf("damaged %v: %w", damaged, err)
	}
	if err := d.CutAfter(st.Img); err != nil {
		return err
	}
	for img := st.Img + 1; ; img++ {
		if err := d.AppendTick(Tick{Img: img, Values: map[string]float64{"loss_d": float64(img)}}); err != nil {
			return err
		}
		if err := d.WriteSample(SampleName(img), image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
			return err
		}
		for cycle := range int64(2) {
			if err := d.Save(State{Img: img, Cycle: cycle}, stateArrays(img, cycle)); err != nil {
				return err
			}
			fmt.Println(img, cycle)
		}
		if img%3 == 0 {
			if err := d.MarkBest(img, stats.Result{Name: "fid", Value: 1 / float64(img)}); err != nil {
				return err
			}
		}
	}
}

// A run is killed at 20 random moments. After each, what can be read is whole and no older than the last state that
// Save acknowledged, and the next writer goes on from there.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	var acknowledged State
	for range 20 {
		cmd, out := child(t, "saver", dir)
		if !out.Scan() { // the first state of this process: it has opened the directory
			t.Fatal("the writer ended by itself")
		}
		kill := time.AfterFunc(time.Duration(rand.IntN(40_000))*time.Microsecond, func() { cmd.Process.Kill() })
		for ok := true; ok; ok = out.Scan() {
			if _, err := fmt.Sscan(out.Text(), &acknowledged.Img, &acknowledged.Cycle); err != nil {
				t.Fatalf("the writer says %q", out.Text())
			}
		}
		kill.Stop()
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("the writer ended by itself: %v", err)
		}
		checkKilled(t, dir, acknowledged)
		if t.Failed() {
			return
		}
	}
	if acknowledged.Img < 20 {
		t.Errorf("only %d images in 20 lives: the kills came before any work", acknowledged.Img)
	}
}

// checkKilled reads everything of a directory whose writer was killed.
func checkKilled(t *testing.T, dir string, acknowledged State) {
	t.Helper()
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	st, arrays, found, damaged, err := d.Load()
	if err != nil || !found || damaged != nil {
		t.Fatalf("found %v, damaged %v, %v", found, damaged, err)
	}
	if err := checkState(st, arrays); err != nil {
		t.Error(err)
	}
	if st.Img < acknowledged.Img || st.Img == acknowledged.Img && st.Cycle < acknowledged.Cycle {
		t.Errorf("loaded img %d, cycle %d, but %d, %d was acknowledged", st.Img, st.Cycle, acknowledged.Img, acknowledged.Cycle)
	}
	ticks, err := d.Ticks()
	if err != nil {
		t.Error(err)
	}
	for i, tick := range ticks {
		if tick.Img != int64(i)+1 || tick.Values["loss_d"] != float64(tick.Img) {
			t.Errorf("tick %d is %v", i, tick)
		}
	}
	if n := int64(len(ticks)); n < st.Img || n > st.Img+1 {
		t.Errorf("%d ticks for %d images", n, st.Img)
	}
	samples, err := d.Samples()
	if n := int64(len(samples)); err != nil || n < st.Img || n > st.Img+1 {
		t.Errorf("%d samples for %d images, %v", n, st.Img, err)
	}
	if s, err := Summarize(dir); err != nil || s.State != Stopped || s.Img != st.Img {
		t.Errorf("summary %+v, %v", s, err)
	}
	if _, _, _, err := d.Best(); err != nil {
		t.Error(err)
	}
}

// Readers see only whole states while a writer saves, replaces and removes.
func TestConcurrentReader(t *testing.T) {
	d := create(t, t.TempDir(), Options{KeepLast: 1})
	save(t, d, 1, 0)
	stop := make(chan bool)
	done := make(chan error)
	for range 2 {
		go func() {
			done <- readUntil(d.Path(), stop)
		}()
	}
	img := int64(1)
	for begin := time.Now(); img <= 5 || img <= 40 && time.Since(begin) < time.Second; img++ {
		fill(t, d, img)
		save(t, d, img, 1)
	}
	close(stop)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func readUntil(dir string, stop chan bool) error {
	d, err := Open(dir)
	if err != nil {
		return err
	}
	newest := int64(0)
	for {
		st, arrays, found, damaged, err := d.Load()
		if err != nil || !found || damaged != nil {
			return fmt.Errorf("found %v, damaged %v, %w", found, damaged, err)
		}
		if err := checkState(st, arrays); err != nil {
			return err
		}
		if st.Img < newest {
			return fmt.Errorf("went back from %d to %d img", newest, st.Img)
		}
		newest = st.Img
		if _, err := d.Ticks(); err != nil {
			return err
		}
		if s, err := d.Summary(); err != nil || s.State != Running {
			return fmt.Errorf("summary %v, %w", s, err)
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}
