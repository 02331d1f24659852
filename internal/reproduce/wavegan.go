package main

import (
	"bytes"
	"context"
	"os"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/datasets/sound"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/sounds"
	"github.com/gogan-ml/gogan/notebooks/figures"
	"github.com/gogan-ml/gogan/notebooks/lab"
)

var wavegan = Experiment{Name: "wavegan", About: "WaveGAN on notes of four instruments, and how far real notes are from each other; 1 seed", Run: trainWaveGAN}

// waveKimg is the length of the training in thousands of sounds.
const waveKimg = 250

// trainWaveGAN trains wavegan-small on tones and scores it against the test split, which no training sees. The row "real"
// is the score of the sounds that it is trained on, as many as fakes: no generator is to be below.
func trainWaveGAN(ctx context.Context, b Bench) error {
	cfg := gan.WaveGANSmall()
	fakes := int(b.steps(1000, sounds.Least))
	train, err := sound.Open(sound.Tones+":train", cfg.ImageSize, cfg.SampleRate)
	if err != nil {
		return err
	}
	test, err := sound.Open(sound.Tones+":test", cfg.ImageSize, cfg.SampleRate)
	if err != nil {
		return err
	}
	if err := b.realSounds(ctx, train, test, fakes); err != nil {
		return err
	}
	score, err := lab.SoundScore(ctx, test, fakes)
	if err != nil {
		return err
	}
	s := setting{row: "WaveGAN, small", config: cfg, kimg: waveKimg, measure: b.keepSounds}
	return b.picture(ctx, pictures{data: train, score: score}, s, 1, waveKimg/10*gan.Kimg)
}

// realSounds adds the trial of the first n real sounds, in the place of fakes.
func (b Bench) realSounds(ctx context.Context, train, test *sound.Set, n int) error {
	reals, err := sounds.Measure(ctx, test.Name(), test.All())
	if err != nil {
		return err
	}
	part, err := sounds.Measure(ctx, train.Name(), func(yield func(audio.Sound, error) bool) {
		left := n
		for s, err := range train.All() {
			if left--; left < 0 || !yield(s, err) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	result, err := sounds.Compare(reals, part)
	if err != nil {
		return err
	}
	return b.add(figures.Trial{Row: "real", Data: train.Name(), Device: "-", Values: map[string]float64{"fd": rounded(result.Value)}})
}

// keptSounds of a run's files are kept.
const keptSounds = 6

// keepSounds writes the first real and the first generated sounds of a run into the results.
func (b Bench) keepSounds(_ context.Context, dir string, _ map[string]float64) error {
	d, err := run.Open(dir)
	if err != nil {
		return err
	}
	drawn, err := d.Sounds()
	if err != nil {
		return err
	}
	for name, path := range map[string]string{"reals.wav": d.RealSounds(), "fakes.wav": drawn[len(drawn)-1].Path} {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		s, err := audio.DecodeWAV(file)
		file.Close()
		if err != nil {
			return err
		}
		s.Samples = s.Samples[:len(s.Samples)*keptSounds/gan.HeardSounds]
		var out bytes.Buffer
		if err := audio.EncodeWAV(&out, s, ""); err != nil {
			return err
		}
		if err := b.write(name, out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
