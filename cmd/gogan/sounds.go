package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/datasets/sound"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/metrics/sounds"
	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gogan-ml/gogan/weights"
)

// This file holds what the commands do where a preset makes sounds, or a source holds them.

// holdsSounds reports whether a source is the set of sounds that has a name, or a folder with WAV files and no picture.
func holdsSounds(src string) bool {
	if sound.IsNamed(src) {
		return true
	}
	if info, err := os.Stat(src); err != nil || !info.IsDir() {
		return false
	}
	wavs, err := audio.ListWAV(src)
	if err != nil || len(wavs) == 0 {
		return false
	}
	pictures, err := imaging.ListImages(src)
	return err == nil && len(pictures) == 0
}

// openSounds opens the data of a preset that makes sounds.
func (t *training) openSounds() (*sound.Set, error) {
	name, _, _ := strings.Cut(t.data[0], ":")
	if slices.Contains(datasets.Names(), name) {
		return nil, fmt.Errorf("%s holds pictures, and %s is trained on sounds: give a folder of WAV files, or %s", t.data[0], t.config.Preset, sound.Tones)
	}
	if len(t.options) > 0 {
		return nil, fmt.Errorf("%s is trained on sounds: crop, resize and other ways to read pictures do not fit", t.config.Preset)
	}
	return sound.Open(t.data[0], t.config.ImageSize, t.config.SampleRate)
}

// attachSounds makes a run score its sounds. The reals are measured for the first run.
func (s *trainScoring) attachSounds(ctx context.Context, r *gan.Run, set *sound.Set) (err error) {
	if s.sounds == nil {
		if s.sounds, err = sounds.Measure(ctx, set.Name(), set.All()); err != nil {
			return s.fault(err)
		}
	}
	n := int(s.samples.n)
	kind := stats.Result{Name: sounds.Name, NReal: s.sounds.N, NFake: n, Preprocess: s.sounds.Preprocess, DDoF: s.sounds.DDoF}
	r.Evaluate(s.every.n, gan.Score{Kind: kind, Measure: func(ctx context.Context, g *gan.Generator) (metrics.Result, error) {
		fakes, err := sounds.Measure(ctx, "the generator", g.Sounds(ctx, n, 0))
		if err != nil {
			return metrics.Result{}, s.fault(err)
		}
		return sounds.Compare(s.sounds, fakes)
	}})
	return nil
}

// drawSounds draws and writes all that was asked for, where the generator makes sounds.
func (s *sampling) drawSounds(ctx context.Context, g *gan.Generator) error {
	if s.interpolate || s.class != -1 {
		return errors.New("--interpolate and --class are of pictures, and this run makes sounds: leave them out")
	}
	cfg := g.Config()
	var spectra []*imaging.Image8
	var flat []float32
	for at := 0; at < len(s.seeds.seeds); at += sampleChunk {
		seeds := s.seeds.seeds[at:min(at+sampleChunk, len(s.seeds.seeds))]
		drawn, err := g.SampleSounds(ctx, seeds)
		if err != nil {
			return err
		}
		for i, samples := range drawn {
			if s.out != "" {
				if err := s.writeWAV(cfg, seeds[i], samples); err != nil {
					return err
				}
			}
			if s.grid != "" {
				spectra = append(spectra, audio.Picture(samples))
			}
			if s.npz != "" {
				flat = append(flat, samples...)
			}
		}
	}
	if s.grid != "" {
		columns := int(math.Ceil(math.Sqrt(float64(len(spectra)))))
		if err := s.writeGrid(cfg, spectra, columns); err != nil {
			return err
		}
	}
	if s.npz != "" {
		array := weights.FromFloat32(flat, len(s.seeds.seeds), cfg.ImageSize)
		return writeFile(s.npz, func(w io.Writer) error { return weights.WriteNPZ(w, map[string]weights.Array{"arr_0": array}, true) })
	}
	return nil
}

func (s *sampling) writeWAV(cfg gan.Config, seed int64, samples []float32) error {
	text := s.text(cfg, strconv.FormatInt(seed, 10))
	var comment []string
	for _, key := range slices.Sorted(maps.Keys(text)) {
		comment = append(comment, key+"="+text[key])
	}
	return writeFile(filepath.Join(s.out, fmt.Sprintf("seed%08d.wav", seed)), func(w io.Writer) error {
		return audio.EncodeWAV(w, audio.Sound{Rate: cfg.SampleRate, Samples: samples}, strings.Join(comment, " "))
	})
}

// soundsInfo is the JSON document of `gogan data info` for sounds. Those that are made by code have no rates and seconds.
type soundsInfo struct {
	Kind       string        `json:"kind"` // kindSounds
	Name       string        `json:"name"`
	N          int           `json:"n"`
	Rates      []int         `json:"rates"`   // samples per second, in rising order
	Seconds    [2]float64    `json:"seconds"` // of the shortest and the longest
	Classes    []string      `json:"classes"`
	Unreadable []skippedFile `json:"unreadable"`
}

// describeSounds describes the set that has a name, or decodes every file of a folder.
func describeSounds(src string) (soundsInfo, error) {
	info := soundsInfo{Kind: kindSounds, Rates: []int{}, Classes: []string{}, Unreadable: []skippedFile{}}
	if sound.IsNamed(src) {
		preset := gan.WaveGANSmall()
		set, err := sound.Open(src, preset.ImageSize, preset.SampleRate)
		if err != nil {
			return info, err
		}
		info.Name, info.N, info.Classes = set.Name(), set.Len(), set.ClassNames()
		return info, nil
	}
	info.Name = filepath.Base(filepath.Clean(src))
	names, err := audio.ListWAV(src)
	if err != nil {
		return info, err
	}
	rates := map[int]bool{}
	for _, name := range names {
		s, err := readWAV(filepath.Join(src, filepath.FromSlash(name)))
		if err != nil {
			info.Unreadable = append(info.Unreadable, skippedFile{name, err.Error()})
			continue
		}
		seconds := float64(len(s.Samples)) / float64(s.Rate)
		if info.N == 0 {
			info.Seconds = [2]float64{seconds, seconds}
		}
		info.Seconds = [2]float64{min(info.Seconds[0], seconds), max(info.Seconds[1], seconds)}
		rates[s.Rate] = true
		info.N++
	}
	info.Rates = slices.Sorted(maps.Keys(rates))
	return info, nil
}

func readWAV(path string) (audio.Sound, error) {
	file, err := os.Open(path)
	if err != nil {
		return audio.Sound{}, err
	}
	defer file.Close()
	return audio.DecodeWAV(file)
}

func printSounds(w io.Writer, info soundsInfo) error {
	table := newTable(w)
	fmt.Fprintf(table, "name\t%s\n", info.Name)
	if len(info.Rates) > 0 {
		fmt.Fprintf(table, "sounds\t%d, of %.3g to %.3g seconds, at %v samples per second\n", info.N, info.Seconds[0], info.Seconds[1], info.Rates)
	} else {
		fmt.Fprintf(table, "sounds\t%d\n", info.N)
	}
	if len(info.Classes) > 0 {
		fmt.Fprintf(table, "classes\t%d: %s\n", len(info.Classes), strings.Join(info.Classes, ", "))
	}
	for _, file := range info.Unreadable {
		fmt.Fprintf(table, "unreadable\t%s: %s\n", file.Name, file.Error)
	}
	return table.Flush()
}
