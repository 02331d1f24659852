package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/datasets/sound"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// Of a run of sounds the first six of each file are kept, and the real sounds are a trial.
func TestWaveGAN(t *testing.T) {
	b := Bench{Runs: t.TempDir(), Results: t.TempDir(), Small: true, Reporter: gan.Silent()}
	d, err := run.Create(filepath.Join(b.Runs, "run"), struct{}{}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	sixteen := make([]float32, gan.HeardSounds*10)
	for i := range sixteen {
		sixteen[i] = float32(i) / 256
	}
	for _, name := range []string{run.RealSoundsName, run.SoundName(5)} {
		if err := d.WriteSound(name, audio.Sound{Rate: 8000, Samples: sixteen}, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.keepSounds(context.Background(), d.Path(), nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"reals.wav", "fakes.wav"} {
		file, err := os.Open(filepath.Join(b.Results, name))
		if err != nil {
			t.Fatal(err)
		}
		s, err := audio.DecodeWAV(file)
		file.Close()
		if err != nil || !slices.Equal(s.Samples, sixteen[:keptSounds*10]) {
			t.Errorf("%s holds %d samples, %v", name, len(s.Samples), err)
		}
	}
	test, err := sound.Open("tones:test", 512, 8000)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.realSounds(t.Context(), test, test, test.Len()); err != nil {
		t.Fatal(err)
	}
	trials, err := figures.ReadTrials(b.Results)
	if err != nil || len(trials) != 1 || trials[0].Row != "real" || trials[0].Values["fd"] > 1e-3 {
		t.Errorf("trials %+v, %v; want sounds and themselves", trials, err)
	}
}
