package run

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestSecondWriterInProcess(t *testing.T) {
	dir := t.TempDir()
	d := create(t, dir, Options{})
	_, err := Create(dir, config, Options{})
	wantError(t, err, dir, fmt.Sprintf("process %d on host", os.Getpid()))
	if err := d.AppendTick(Tick{Img: 1}); err != nil {
		t.Errorf("the first writer cannot write any more: %v", err)
	}
	d.Close()
	text, err := os.ReadFile(filepath.Join(dir, lockName))
	if err != nil || len(text) > 0 {
		t.Errorf("a released lock says %q, %v", text, err)
	}
	create(t, dir, Options{})
}

func TestSecondWriterInOtherProcess(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, "holder", dir)
	if !out.Scan() || out.Text() != "held" {
		t.Fatalf("the other process says %q", out.Text())
	}
	_, err := Create(dir, config, Options{})
	wantError(t, err, dir, fmt.Sprintf("process %d on host", cmd.Process.Pid))
	s, err := Summarize(dir)
	if err != nil || s.State != Running {
		t.Errorf("got state %q, %v, want running", s.State, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if s, err = Summarize(dir); err != nil || s.State != Stopped {
		t.Errorf("after the kill: got state %q, %v, want stopped", s.State, err)
	}
	create(t, dir, Options{})
}

// A reader takes the lock for an instant to see whether it is held; that must not turn a writer away.
func TestReadersDoNotBlockWriters(t *testing.T) {
	dir := t.TempDir()
	create(t, dir, Options{}).Close()
	stop := make(chan bool)
	done := make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if _, err := locked(filepath.Join(dir, lockName)); err != nil {
				done <- err
				return
			}
		}
	}()
	for range 20 {
		d, err := Create(dir, config, Options{})
		if err != nil {
			t.Error(err)
			break
		}
		d.Close()
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestLockWithoutHolder(t *testing.T) {
	if got := lockHolder(filepath.Join(t.TempDir(), lockName)); got != "another process" {
		t.Errorf("got %q", got)
	}
	if held, err := locked(filepath.Join(t.TempDir(), lockName)); held || err != nil {
		t.Errorf("a lock that is not there: %v, %v", held, err)
	}
}
