package notebooks

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/gan/run"
)

// A run stands for its real and its newest sounds, a file for itself.
func TestSoundFiles(t *testing.T) {
	dir := t.TempDir()
	d, err := run.Create(dir, struct{}{}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := soundFiles([]string{dir}); err == nil || !strings.Contains(err.Error(), "no sounds") {
		t.Errorf("a run without sounds: %v", err)
	}
	for _, name := range []string{run.SoundName(1000), run.SoundName(2000), run.RealSoundsName} {
		if err := d.WriteSound(name, audio.Sound{Rate: 8000, Samples: []float32{0.5}}, ""); err != nil {
			t.Fatal(err)
		}
	}
	got, err := soundFiles([]string{"a.wav", dir})
	want := []string{"a.wav", d.Path("samples", "reals.wav"), d.Path("samples", run.SoundName(2000))}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// The player holds the beginning of the sound as a WAV file, and the name of the file without its folder.
func TestSoundPlayer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a & b.wav")
	samples := make([]float32, maxHeard+5)
	samples[1] = 0.5
	var file bytes.Buffer
	if err := audio.EncodeWAV(&file, audio.Sound{Rate: 8000, Samples: samples}, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	player, sound, err := soundPlayer(path)
	if err != nil || len(sound.Samples) != maxHeard {
		t.Fatalf("%d samples, %v", len(sound.Samples), err)
	}
	data, found := strings.CutPrefix(player, `<p>a &amp; b.wav<br><audio controls src="data:audio/wav;base64,`)
	data, closed := strings.CutSuffix(data, `"></audio></p>`)
	if !found || !closed {
		t.Fatalf("the player begins with %.80q", player)
	}
	wav, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	if played, err := audio.DecodeWAV(bytes.NewReader(wav)); err != nil || !slices.Equal(played.Samples, sound.Samples) {
		t.Errorf("the player plays something else: %v", err)
	}
	if _, _, err := soundPlayer(path + "x"); err == nil {
		t.Error("a file that is not there was played")
	}
}
