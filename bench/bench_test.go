package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakePeers installs a "python" that runs a shell script instead.
func fakePeers(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv(peersEnv, dir)
	python := filepath.Join(dir, "bin", "python")
	if err := os.MkdirAll(filepath.Dir(python), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(python, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return python
}

// speaking answers every request with one step; SETTING is its first argument after the script.
const speaking = `echo "{\"version\": \"fake 1.0 $2\"}"
while read n; do
  case $2 in slow) s=4;; *) s=2;; esac
  echo "{\"seconds\": $s, \"losses\": [[1.5, 0.25]]}"
done`

var fake = peerProgram{"fake", "fake.py", []string{"slow", "fast", "slow"}}

func TestFastestSettingIsKept(t *testing.T) {
	python := fakePeers(t, speaking)
	p, err := fake.fastest(t.Context(), python, settings[0], "inputs", []losses{{1.5, 0.25}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if p.version != "fake 1.0 fast" {
		t.Errorf("kept %q, want the fast setting", p.version)
	}
	seconds, history, err := p.steps(t.Context(), 1)
	if err != nil || seconds != 2 || len(history) != 1 || history[0] != (losses{1.5, 0.25}) {
		t.Errorf("steps are %v, %v, %v", seconds, history, err)
	}
}

func TestUnequalLossesAreAnError(t *testing.T) {
	python := fakePeers(t, speaking)
	_, err := fake.fastest(t.Context(), python, settings[0], "inputs", []losses{{1.5, 0.2506}})
	if err == nil || !strings.Contains(err.Error(), "loss_g of step 1 is 0.25") {
		t.Errorf("the error is %v, want one that names loss_g", err)
	}
}

func TestEqualLosses(t *testing.T) {
	want := []losses{{1, 2}, {1, 2}}
	for _, c := range []struct {
		name string
		got  []losses
		ok   bool
	}{
		{"same", want, true},
		{"first of D off by 2e-4", []losses{{1.0002, 2}, {1, 2}}, false},
		{"first of G off by 4e-4", []losses{{1, 2.0008}, {1, 2}}, true},
		{"second of D off by 2e-3", []losses{{1, 2}, {0.998, 2}}, false},
		{"one step", want[:1], false},
	} {
		if err := equalLosses(c.got, want); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestPeerThatEndsSaysWhy(t *testing.T) {
	python := fakePeers(t, "echo 'Traceback' >&2; echo 'ImportError: no torch' >&2; exit 1")
	_, err := fake.fastest(t.Context(), python, settings[0], "inputs", nil)
	if err == nil || !strings.Contains(err.Error(), "fake slow: ImportError: no torch") {
		t.Errorf("the error is %v, want the last line of stderr", err)
	}
}

func TestPeerThatHangsIsStopped(t *testing.T) {
	python := fakePeers(t, "exec sleep 60")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := fake.fastest(ctx, python, settings[0], "inputs", nil)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

func TestMissingPeerIsALine(t *testing.T) {
	t.Setenv(peersEnv, filepath.Join(t.TempDir(), "none"))
	for _, c := range comparisons()[:2] {
		line, err := c.line(t.Context())
		if err != nil || !strings.HasPrefix(line, "missing dcgan64-b32 vs "+c.peer+": no ") {
			t.Errorf("the line is %q, %v", line, err)
		}
	}
}

func TestUnknownNameIsAnError(t *testing.T) {
	if err := runAll(t.Context(), []string{"dcgan65", "x"}); err == nil || !strings.Contains(err.Error(), "dcgan65 or x") {
		t.Errorf("the error is %v", err)
	}
}

// steady takes the same time for each step.
type steady struct {
	perStep float64
	asked   []int
}

func (s *steady) steps(_ context.Context, n int) (float64, []losses, error) {
	s.asked = append(s.asked, n)
	return s.perStep * float64(n), make([]losses, n), nil
}

func TestAlternate(t *testing.T) {
	a, b := &steady{perStep: 0.125}, &steady{perStep: 2}
	ours, peer, err := alternate(t.Context(), a, b)
	if err != nil || ours != 0.125 || peer != 2 {
		t.Errorf("medians are %g and %g, %v", ours, peer, err)
	}
	if len(a.asked) != len(b.asked) || len(a.asked) < 1+minRounds || a.asked[1] != 3 {
		t.Errorf("runs of %v and %v steps", a.asked, b.asked)
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{5, 1, 3}); got != 3 {
		t.Errorf("median of three is %g", got)
	}
	if got := median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("median of four is %g", got)
	}
}
