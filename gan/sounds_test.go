package gan

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gomlx/gomlx/core/tensors"
)

// hiss is data of sounds without a file: uniform values that are a function of seed and position.
type hiss struct{ length, rate int }

func (d hiss) Name() string                              { return "hiss" }
func (d hiss) Rate() int                                 { return d.rate }
func (d hiss) ImageShape() (height, width, channels int) { return 1, d.length, 1 }

func (d hiss) Batch(seed, seen int64, n int) (sounds, labels *tensors.Tensor, err error) {
	x := make([]float32, n*d.length)
	rng := stream("hiss", seed, seen)
	for i := range x {
		x[i] = 2*rng.Float32() - 1
	}
	return tensors.FromFlatDataAndDimensions(x, n, 1, d.length, 1), nil, nil
}

// byLoudness is byBrightness for sounds: the sum of the squares of four.
var byLoudness = Score{stats.Result{Name: "loudness"}, func(ctx context.Context, g *Generator) (stats.Result, error) {
	sounds, err := g.SampleSounds(ctx, Seeds(0, 4))
	sum := 0.0
	for _, sound := range sounds {
		for _, v := range sound {
			sum += float64(v) * float64(v)
		}
	}
	return stats.Result{Name: "loudness", Value: sum, NFake: len(sounds)}, err
}}

// tinySound is a config of sounds that trains in no time.
func tinySound() Config {
	cfg := WaveGANSmall()
	cfg.Preset, cfg.ImageSize, cfg.SampleRate = "tiny-sound", 1024, 0
	cfg.BaseChannels, cfg.Batch, cfg.NCritic, cfg.Latents.Dim, cfg.Seed = 1, 4, 1, 4, 7
	return cfg
}

func openSounds(t *testing.T, dir string) *Run {
	t.Helper()
	r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, tinySound(), hiss{1024, 4000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func decodeSound(t *testing.T, path string) audio.Sound {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := audio.DecodeWAV(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return s
}

// A run of sounds leaves WAV files and spectra, which hold what SampleSounds draws.
func TestRunOfSounds(t *testing.T) {
	dir := t.TempDir()
	r := openSounds(t, dir)
	if cfg := r.Config(); cfg.ImageSize != 1024 || cfg.SampleRate != 4000 || cfg.Channels != 1 {
		t.Errorf("resolved to %d samples at %d, %d channels", cfg.ImageSize, cfg.SampleRate, cfg.Channels)
	}
	train(t, r, 8)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pictures, err := d.Samples()
	if err != nil {
		t.Fatal(err)
	}
	sounds, err := d.Sounds()
	if err != nil || len(sounds) != len(pictures) || sounds[len(sounds)-1].Img != 8 || d.Reals() == "" {
		t.Fatalf("%d files of sounds and %d pictures, %v", len(sounds), len(pictures), err)
	}
	const gap = 400 // 0.1 s
	for _, path := range []string{d.RealSounds(), sounds[0].Path} {
		if s := decodeSound(t, path); s.Rate != 4000 || len(s.Samples) != 16*1024+15*gap {
			t.Errorf("%s has %d samples at %d", path, len(s.Samples), s.Rate)
		}
	}
	if !strings.Contains(read(t, filepath.Dir(sounds[0].Path), filepath.Base(sounds[0].Path)), "preset=tiny-sound") {
		t.Error("the file of sounds does not say where it comes from")
	}
	g, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	drawn, err := g.SampleSounds(t.Context(), []int64{0, 1, 0})
	if err != nil || len(drawn) != 3 || len(drawn[0]) != 1024 || slices.Equal(drawn[0], drawn[1]) || !slices.Equal(drawn[0], drawn[2]) {
		t.Fatalf("%d sounds, %v", len(drawn), err)
	}
	for s, err := range g.Sounds(t.Context(), 2, 0) {
		if err != nil || s.Rate != 4000 || !slices.Equal(s.Samples, drawn[0]) {
			t.Errorf("the first of a sequence is another sound, %v", err)
		}
		break
	}
	heard := decodeSound(t, sounds[len(sounds)-1].Path).Samples[1024+gap:]
	for i, v := range drawn[1] {
		if d := v - heard[i]; d > 1.0/32768 || d < -1.0/32768 { // 16 bits
			t.Fatalf("sample %d of seed 1 is %g, in the file %g", i, v, heard[i])
		}
	}
	if _, err := g.Sample(t.Context(), []int64{0}); err == nil || !strings.Contains(err.Error(), "SampleSounds") {
		t.Errorf("a picture of a sound: %v", err)
	}
}

// A run of sounds that is closed and opened again ends with the bits of one that is not, phase shuffle included.
func TestSoundsResume(t *testing.T) {
	dirs := []string{t.TempDir(), t.TempDir()}
	r := openSounds(t, dirs[0])
	train(t, r, 8)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		train(t, openSounds(t, dir), 16)
	}
	if !bytes.Equal(export(t, dirs[0]), export(t, dirs[1])) {
		t.Error("the continued run differs")
	}
}

// Data of the wrong kind, length or rate, and fields that do not fit, are errors of one line.
func TestSoundFaults(t *testing.T) {
	with := func(change func(c *Config)) Config {
		c := tinySound()
		change(&c)
		return c
	}
	for _, c := range []struct {
		cfg  Config
		data Data
		want string
	}{
		{tiny(), hiss{1024, 4000}, "hiss holds sounds, dcgan is trained on pictures"},
		{tinySound(), noise{28, 1}, "holds pictures of 28x28, and tiny-sound is trained on sounds"},
		{tinySound(), noise{1, 3}, "holds pictures of 1x1"},
		{with(func(c *Config) { c.ImageSize = 4096 }), hiss{1024, 4000}, "image_size is 4096 and the sounds of hiss have 1024 samples"},
		{with(func(c *Config) { c.SampleRate = 8000 }), hiss{1024, 4000}, "sample_rate is 8000 and the sounds of hiss have 4000"},
		{with(func(c *Config) { c.ImageSize = 0 }), hiss{1000, 4000}, "image_size is 1000, the networks of wavegan take [1024 4096 16384 65536]"},
		{with(func(c *Config) { c.PhaseShuffle = 64 }), hiss{1024, 4000}, "phase_shuffle is 64, want 0 to 63"},
		{with(func(c *Config) { c.SampleRate = 1 }), hiss{1024, 4000}, "sample_rate is 1"},
		{with(func(c *Config) { c.DiffAugment = "color" }), hiss{1024, 4000}, "diff_augment"},
		{with(func(c *Config) { c.Dequantize = true }), hiss{1024, 4000}, "dequantize"},
		{with(func(c *Config) { c.Channels = 3 }), hiss{1024, 4000}, "channels is 3, want 1 for sounds"},
		{func() Config { c := tiny(); c.SampleRate, c.PhaseShuffle = 8000, 2; return c }(), noise{28, 1}, "sample_rate is 8000, but dcgan makes pictures"},
	} {
		_, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, t.TempDir(), c.cfg, c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	silent := struct{ Data }{hiss{1024, 4000}} // does not tell its rate
	if _, _, err := tinySound().resolve(silent); err == nil || !strings.Contains(err.Error(), "does not say") {
		t.Errorf("data without a rate: %v", err)
	}
}
