package gan

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/settings"
	"github.com/gomlx/gomlx/core/tensors"
)

// This file holds what a run does that makes sounds: pictures of height 1 to the trainer, WAV files and spectra to those
// who look.

// Sound reports whether the networks make sounds, not pictures.
func (c Config) Sound() bool { return architectures[c.Architecture].sound }

// height is the height of what the networks make, whose width is ImageSize.
func (c Config) height() int {
	if c.Sound() {
		return 1
	}
	return c.ImageSize
}

// validateSound checks the fields of sounds.
func (c Config) validateSound(f *settings.Faults) {
	if !c.Sound() {
		f.Check(c.SampleRate == 0, "sample_rate is %d, but %s makes pictures", c.SampleRate, c.Architecture)
		f.Check(c.PhaseShuffle == 0, "phase_shuffle is %d, but %s makes pictures", c.PhaseShuffle, c.Architecture)
		return
	}
	f.Check(c.SampleRate == 0 || c.SampleRate >= audio.MinRate && c.SampleRate <= audio.MaxRate,
		"sample_rate is %d, want %d to %d, or 0 for the data's", c.SampleRate, audio.MinRate, audio.MaxRate)
	f.Check(c.DiffAugment == "", "diff_augment is %q, which changes pictures, not sounds", c.DiffAugment)
	f.Check(!c.Dequantize, "dequantize is true, but sounds have no 256 levels")
	f.Check(c.Channels < 2, "channels is %d, want 1 for sounds", c.Channels)
	// The last layer that is moved has 4·waveStart samples.
	f.Check(c.PhaseShuffle >= 0 && c.PhaseShuffle < waveStride*waveStart, "phase_shuffle is %d, want 0 to %d", c.PhaseShuffle,
		waveStride*waveStart-1)
}

// resolveSound fills in what comes from data of sounds, [1, length, 1].
func (c Config) resolveSound(data Data, height, width, channels int) (Config, string, error) {
	if height != 1 || channels != 1 {
		return c, "", fmt.Errorf("gan: %s holds pictures of %dx%d, and %s is trained on sounds: give a folder of WAV files, or tones (package datasets/sound)",
			data.Name(), width, height, c.Preset)
	}
	if c.ImageSize == 0 {
		c.ImageSize = width
	}
	if c.ImageSize != width {
		return c, "", fmt.Errorf("gan: image_size is %d and the sounds of %s have %d samples: open them with that length (sound.Open)",
			c.ImageSize, data.Name(), width)
	}
	if rated, ok := data.(interface{ Rate() int }); ok {
		if c.SampleRate == 0 {
			c.SampleRate = rated.Rate()
		}
		if c.SampleRate != rated.Rate() {
			return c, "", fmt.Errorf("gan: sample_rate is %d and the sounds of %s have %d samples a second: open them with that rate (sound.Open)",
				c.SampleRate, data.Name(), rated.Rate())
		}
	}
	if c.SampleRate == 0 {
		return c, "", fmt.Errorf("gan: sample_rate is 0, and %s does not say how many samples of its sounds make a second", data.Name())
	}
	c.Channels = 1
	c, err := c.record(data)
	return c, "", err
}

// SampleSounds draws one sound for each seed, image_size samples in [-1, 1] at sample_rate: the same seed gives the same
// sound, whatever is drawn with it. It returns an error if the generator makes pictures.
func (g *Generator) SampleSounds(ctx context.Context, seeds []int64) ([][]float32, error) {
	if !g.config.Sound() {
		return nil, fmt.Errorf("gan: %s makes pictures, not sounds: draw them with Sample", g.config.Preset)
	}
	return runLatents(ctx, g, g.config.Latents.Seeded(seeds), nil, toSounds)
}

// Sounds draws n sounds in order, of the seeds seed, seed+1, ..., when they are read: what metrics/sounds measures. It ends
// with the error of SampleSounds.
func (g *Generator) Sounds(ctx context.Context, n int, seed int64) iter.Seq2[audio.Sound, error] {
	return func(yield func(audio.Sound, error) bool) {
		for at := 0; at < n; at += drawBatch {
			sounds, err := g.SampleSounds(ctx, Seeds(seed+int64(at), seed+int64(min(n, at+drawBatch))))
			if err != nil {
				yield(audio.Sound{}, err)
				return
			}
			for _, samples := range sounds {
				if !yield(audio.Sound{Rate: g.config.SampleRate, Samples: samples}, nil) {
					return
				}
			}
		}
	}
}

// toSounds takes x [n, 1, length, 1] apart.
func toSounds(x *tensors.Tensor) ([][]float32, error) {
	flat, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		return nil, err
	}
	d := x.Shape().Dimensions
	out := make([][]float32, d[0])
	for i := range out {
		out[i] = flat[i*d[2] : (i+1)*d[2] : (i+1)*d[2]]
	}
	return out, nil
}

// HeardSounds of the 64 sounds of a grid are in its WAV file, silenceGap seconds apart.
const (
	HeardSounds = 16
	silenceGap  = 0.1
)

// drawSounds is grid for sounds: the spectra of seeds 0 to 63 as a PNG, and the first of them as a WAV file.
func (r *Run) drawSounds(ctx context.Context) (string, error) {
	sounds, err := r.fixed.SampleSounds(ctx, Seeds(0, gridSide*gridSide))
	if err != nil {
		return "", err
	}
	text := r.text(map[string]string{"seed": "0-63", "psi": "1"})
	name := run.SampleName(r.Img())
	return name, r.writeSounds(name, run.SoundName(r.Img()), sounds, text)
}

// realSounds is reals for sounds.
func (r *Run) realSounds(x *tensors.Tensor) error {
	sounds, err := toSounds(x)
	if err != nil {
		return err
	}
	return r.writeSounds(run.RealsName, run.RealSoundsName, sounds, r.text(nil))
}

func (r *Run) writeSounds(picture, wav string, sounds [][]float32, text map[string]string) error {
	heard := audio.Join(sounds[:HeardSounds], int(silenceGap*float64(r.config.SampleRate)))
	var comment []string
	for _, key := range slices.Sorted(maps.Keys(text)) {
		comment = append(comment, key+"="+text[key])
	}
	if err := r.dir.WriteSound(wav, audio.Sound{Rate: r.config.SampleRate, Samples: heard}, strings.Join(comment, " ")); err != nil {
		return err
	}
	spectra := make([]*imaging.Image8, len(sounds))
	for i, sound := range sounds {
		spectra[i] = audio.Picture(sound)
	}
	return r.dir.WriteSample(picture, gridImage(spectra), text)
}
