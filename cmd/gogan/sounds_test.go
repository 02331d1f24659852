package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
)

// writeSound writes a WAV file of noise.
func writeSound(t *testing.T, path string, rate, samples int) {
	t.Helper()
	var file bytes.Buffer
	if err := audio.EncodeWAV(&file, audio.Sound{Rate: rate, Samples: golden.Scaled(1, samples, 0.5)}, ""); err != nil {
		t.Fatal(err)
	}
	write(t, path, file.Bytes())
}

// smallSounds are the settings that make the smallest networks of sounds.
var smallSounds = []string{"--set", "image_size=1024", "--set", "base_channels=1", "--set", "batch=4", "--set", "n_critic=1",
	"--set", "latents.dim=4", "--set", "gp.lambda=0"}

// TestSounds trains on the set made by code, scores, and draws sounds.
func TestSounds(t *testing.T) {
	dir := t.TempDir()
	args := append([]string{"train", "wavegan-small", "--data", "tones:test", "--run", "run", "--until", "8", "--score", "fd_logmel",
		"--score-samples", "100", "--json"}, smallSounds...)
	var summary run.Summary
	execute(t, dir, args...).document(t, &summary)
	if summary.Preset != "wavegan-small" || summary.Best == nil || summary.Best.Name != "fd_logmel" {
		t.Errorf("summary %+v", summary)
	}
	scores, err := os.ReadFile(filepath.Join(dir, "run", "scores.jsonl"))
	if err != nil || !strings.Contains(string(scores), `"fd_logmel"`) || !strings.Contains(string(scores), "1024 samples at 8000 Hz") {
		t.Errorf("scores %s, %v", scores, err)
	}
	execute(t, dir, "sample", "run", "--seeds", "3,5", "--out", "out", "--grid", "grid.png", "--npz", "all.npz").ok(t)
	file, err := os.ReadFile(filepath.Join(dir, "out", "seed00000005.wav"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := audio.DecodeWAV(bytes.NewReader(file))
	if err != nil || s.Rate != 8000 || len(s.Samples) != 1024 || !bytes.Contains(file, []byte("seed=5")) {
		t.Errorf("a sound of %d samples at %d, %v", len(s.Samples), s.Rate, err)
	}
	arrays, err := weights.ReadNPZ(filepath.Join(dir, "all.npz"))
	if err != nil || !slices.Equal(arrays["arr_0"].Shape, []int{2, 1024}) {
		t.Errorf("the npz has %v, %v", arrays["arr_0"].Shape, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "grid.png")); err != nil {
		t.Error(err)
	}
	execute(t, dir, "sample", "run", "--over-time", "--grid", "over.png").ok(t)
	execute(t, dir, "sample", "run", "--seeds", "0-3", "--interpolate", "--grid", "walk.png").fails(t, 1, "makes sounds")
}

// TestKindsOfData: pictures for a preset of sounds, sounds for one of pictures, and scores of the other kind, are one line.
func TestKindsOfData(t *testing.T) {
	dir := t.TempDir()
	writeSound(t, filepath.Join(dir, "drums", "a", "kick.wav"), 16000, 800)
	writeSound(t, filepath.Join(dir, "drums", "b", "snare.wav"), 44100, 44100)
	picture(t, filepath.Join(dir, "photos", "a.png"), 28, 28)
	train := func(preset, data string, more ...string) []string {
		return append([]string{"train", preset, "--data", data, "--run", "run", "--until", "4"}, more...)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{train("dcgan", "drums"), 1, "drums holds sounds, and dcgan is trained on pictures"},
		{train("dcgan", "tones"), 1, "tones holds sounds"},
		{train("wavegan-small", "fashion-mini"), 1, "fashion-mini holds pictures, and wavegan-small is trained on sounds"},
		{train("wavegan-small", "photos"), 1, "no WAV file below photos"},
		{train("wavegan-small", "drums", "--set", "crop=8"), 1, "do not fit"},
		{train("wavegan-small", "drums", "--score", "fid"), 2, "fd_logmel"},
		{train("wavegan-small", "drums", "--score", "fd_logmel", "--score-samples", "96"), 2, "at least 97 sounds"},
		{train("dcgan", "fashion-mini", "--score", "fd_logmel"), 2, "fd_logmel"},
	} {
		execute(t, dir, c.args...).fails(t, c.code, c.want)
	}
	var info soundsInfo
	write(t, filepath.Join(dir, "drums", "c", "bad.wav"), []byte("RIFF"))
	execute(t, dir, "data", "info", "drums", "--json").document(t, &info)
	if info.Kind != "sounds" || info.N != 2 || !slices.Equal(info.Rates, []int{16000, 44100}) || info.Seconds != [2]float64{0.05, 1} ||
		len(info.Unreadable) != 1 || info.Unreadable[0].Name != "c/bad.wav" {
		t.Errorf("%+v", info)
	}
	if out := execute(t, dir, "data", "info", "drums").ok(t).stdout; !strings.Contains(out, "2, of 0.05 to 1 seconds") || !strings.Contains(out, "bad.wav") {
		t.Errorf("info:\n%s", out)
	}
	if out := execute(t, dir, "data", "info", "tones").ok(t).stdout; !strings.Contains(out, "string, bar, reed, drum") {
		t.Errorf("info:\n%s", out)
	}
	if out := execute(t, dir, "data", "list").ok(t).stdout; !strings.Contains(out, "tones") {
		t.Errorf("list:\n%s", out)
	}
	if out := execute(t, dir, "data", "fetch", "tones").ok(t).stdout; out != "tones: made by code\n" {
		t.Errorf("fetch: %s", out)
	}
}
