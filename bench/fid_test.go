package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
)

func TestFastestFIDSetting(t *testing.T) {
	seconds := map[string]float64{"slow": 3, "fast": 2}
	try := func(s fidSetting) (measured, error) {
		if took, ok := seconds[s.layout]; ok {
			return measured{Seconds: took}, nil
		}
		return measured{}, errors.New("no layout " + s.layout)
	}
	of := func(layouts ...string) (out []fidSetting) {
		for _, layout := range layouts {
			out = append(out, fidSetting{layout: layout})
		}
		return out
	}
	if best, err := fastestSetting(of("slow", "none", "fast", "slow"), try); err != nil || best.layout != "fast" {
		t.Errorf("the fastest is %+v, %v", best, err)
	}
	if _, err := fastestSetting(of("none"), try); err == nil || err.Error() != "no layout none" {
		t.Errorf("the error is %v", err)
	}
}

func TestRunMeasured(t *testing.T) {
	python := fakePeers(t, `echo "{\"version\": \"$1\", \"seconds\": 2, \"value\": 12.5, \"peak\": 1000}"`)
	if m, err := runMeasured(t.Context(), python, "fid.py"); err != nil || m != (measured{"fid.py", 2, 12.5, 1000}) {
		t.Errorf("got %+v, %v", m, err)
	}
	python = fakePeers(t, "echo FID: 12.5")
	if _, err := runMeasured(t.Context(), python); err == nil || !strings.Contains(err.Error(), "FID: 12.5") {
		t.Errorf("the error is %v", err)
	}
}

// Settings for other programs must not slow down the peer, and its own last words are the error.
func TestOutputOf(t *testing.T) {
	t.Setenv("OPENBLAS_CORETYPE", "Haswell")
	t.Setenv("GOGAN_BENCH_TEST", "kept")
	out, err := outputOf(exec.Command("sh", "-c", `echo "[$OPENBLAS_CORETYPE] $GOGAN_BENCH_TEST"`))
	if err != nil || string(out) != "[] kept\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if _, err := outputOf(exec.Command("sh", "-c", "echo first >&2; echo last >&2; exit 1")); err == nil || err.Error() != "last" {
		t.Errorf("the error is %v", err)
	}
}

// Both programs read the same pictures, and those of the two sides differ.
func TestWritePictures(t *testing.T) {
	dir := t.TempDir()
	var firsts []*imaging.Image8
	for side := range 2 {
		folder := filepath.Join(dir, string(rune('a'+side)))
		if err := writePictures(folder, side, 3); err != nil {
			t.Fatal(err)
		}
		set, err := datasets.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		if h, w, c := set.ImageShape(); set.Len() != 3 || h != fidSide || w != fidSide || c != 3 {
			t.Errorf("%d pictures of %dx%dx%d", set.Len(), h, w, c)
		}
		first, _, err := set.At(0)
		if err != nil {
			t.Fatal(err)
		}
		firsts = append(firsts, imaging.ToImage8(first, 3))
	}
	if slices.Equal(firsts[0].Pix, firsts[1].Pix) {
		t.Error("both sides are the same")
	}
}
