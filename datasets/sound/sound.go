// Package sound gives short sounds, of folders of WAV files and of a set made by code, as batches for training and one
// by one for measuring.
//
// A sound is what a network of one dimension takes: a picture of height 1 whose width is the number of samples. Batches
// are ordered as those of package datasets are.
package sound

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/internal/arrange"
)

// Set is an opened source of sounds. All methods are safe for concurrent calls.
type Set struct {
	name         string
	length, rate int
	sounds       [][]float32
	labels       []int32  // by sound; nil if there are none
	classes      []string // their names; empty if there are no labels
	fingerprint  string
	orders       arrange.Orders
}

// Open opens a source of sounds: the set made by code, "tones" or "tones:test" (see [Tones]), or a folder, of which all
// WAV files at any depth are read, sorted bytewise by their relative path. Classes are the folders of the first level if
// every file lies in one of at least two. A folder that is called tones is reached as ./tones, and a leading "~/" is the
// user's home.
//
// Every sound has the given number of samples at the given rate: files of other rates are resampled (see
// [audio.Resample]), what goes on for longer is cut off at the end, and silence follows what is shorter. Samples beyond
// [-1, 1] are clamped. All sounds are kept in memory, four bytes a sample, at most 4 GiB.
//
// It returns an error that names the source, the file and its fault, or what is wrong with length and rate.
func Open(src string, length, rate int) (*Set, error) {
	if length < 1 {
		return nil, fmt.Errorf("sound: a sound cannot have %d samples", length)
	}
	if rate < audio.MinRate || rate > audio.MaxRate {
		return nil, fmt.Errorf("sound: the rate is %d samples per second, want %d to %d", rate, audio.MinRate, audio.MaxRate)
	}
	s := &Set{length: length, rate: rate}
	read := s.readFolder
	if IsNamed(src) {
		read = s.makeTones
	}
	if err := read(src); err != nil {
		return nil, err
	}
	return s, nil
}

// maxBytes bounds the memory of a set.
const maxBytes = int64(4) << 30

// readFolder reads all files of a folder.
func (s *Set) readFolder(src string) error {
	root, err := folder(src)
	if err != nil {
		return err
	}
	names, err := audio.ListWAV(root)
	if err != nil {
		return fmt.Errorf("sound: %w", err)
	}
	if len(names) == 0 {
		return fmt.Errorf("sound: there is no WAV file below %s", src)
	}
	if int64(len(names))*int64(s.length) > maxBytes/4 {
		return fmt.Errorf("sound: %s has %d files, which with %d samples each do not fit into %d GiB: take fewer files or shorter sounds",
			src, len(names), s.length, maxBytes>>30)
	}
	s.name = filepath.Base(root)
	s.labels, s.classes = arrange.FolderLabels(names)
	s.sounds = make([][]float32, len(names))
	hash := sha256.New()
	fmt.Fprintf(hash, "gogan sounds 1\n%d samples at %d\nclasses %q\n", s.length, s.rate, s.classes)
	for i, name := range names {
		if s.sounds[i], err = readSound(filepath.Join(root, filepath.FromSlash(name)), s.length, s.rate); err != nil {
			return fmt.Errorf("sound: %s: %s: %w", src, name, err)
		}
		fmt.Fprintf(hash, "%q\n", name)
		if err := binary.Write(hash, binary.LittleEndian, s.sounds[i]); err != nil {
			return err
		}
	}
	s.fingerprint = fmt.Sprintf("%x", hash.Sum(nil))
	return nil
}

// folder returns the absolute path of a folder.
func folder(src string) (string, error) {
	path := src
	if rest, ok := strings.CutPrefix(src, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	info, err := os.Stat(path)
	switch {
	case src == "":
		return "", fmt.Errorf("sound: the source is empty: want a folder of WAV files, or %s", Tones)
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("sound: there is no folder %s, and no set of sounds of that name (there is %s)", src, Tones)
	case err != nil:
		return "", fmt.Errorf("sound: %w", err)
	case !info.IsDir():
		return "", fmt.Errorf("sound: %s is not a folder: give the folder that holds the WAV files", src)
	}
	return filepath.Abs(path)
}

// filterReach is more than how far audio's filter sees, in samples of the lower of the two rates.
const filterReach = 16

// readSound reads a file as length samples at the rate.
func readSound(path string, length, rate int) ([]float32, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s, err := audio.DecodeWAV(file)
	if err != nil {
		return nil, err
	}
	// No sample beyond these, the reach of the filter among them, has a part in what is kept.
	keep := (length+filterReach)*s.Rate/rate + filterReach
	samples, err := audio.Resample(s.Samples[:min(keep, len(s.Samples))], s.Rate, rate)
	if err != nil {
		return nil, err
	}
	out := make([]float32, length)
	for i := range min(length, len(samples)) {
		out[i] = min(max(samples[i], -1), 1)
	}
	return out, nil
}

// Name returns the name of the set with its split ("tones:train"), or the last part of the path of a folder.
func (s *Set) Name() string { return s.name }

// Len returns the number of sounds.
func (s *Set) Len() int { return len(s.sounds) }

// Rate returns the number of samples per second.
func (s *Set) Rate() int { return s.rate }

// ImageShape returns the shape of a sound as a picture: height 1, the number of samples as its width, one channel.
func (s *Set) ImageShape() (height, width, channels int) { return 1, s.length, 1 }

// NumClasses returns the number of classes, 0 if the set has no labels.
func (s *Set) NumClasses() int { return len(s.classes) }

// ClassNames returns the names of the classes in the order of the labels; empty if the set has no labels.
func (s *Set) ClassNames() []string { return append([]string(nil), s.classes...) }

// Fingerprint returns 64 hex digits that change when the sounds, their order, their classes, or length and rate do.
func (s *Set) Fingerprint() string { return s.fingerprint }

// At returns sound i of 0..Len-1 and its class, -1 without labels. The samples belong to the set and are not to be
// changed. The error says which sounds there are.
func (s *Set) At(i int) (sound audio.Sound, class int, err error) {
	if i < 0 || i >= s.Len() {
		return audio.Sound{}, 0, fmt.Errorf("sound: %s has the sounds 0..%d, not %d", s.name, s.Len()-1, i)
	}
	class = -1
	if s.labels != nil {
		class = int(s.labels[i])
	}
	return audio.Sound{Rate: s.rate, Samples: s.sounds[i]}, class, nil
}

// All returns all sounds in order. The error is always nil; it is there for those who read sounds from elsewhere.
func (s *Set) All() iter.Seq2[audio.Sound, error] {
	return func(yield func(audio.Sound, error) bool) {
		for _, samples := range s.sounds {
			if !yield(audio.Sound{Rate: s.rate, Samples: samples}, nil) {
				return
			}
		}
	}
}

// Batch returns n sounds from position seen on: float32 [n, 1, length, 1] in [-1, 1], and their classes, int32 [n], or
// nil if the set has none. It is a pure function of its arguments: position p is sound p mod Len of epoch p / Len, which
// shows all sounds once, in an order that seed and the number of the epoch decide. The tensors are the caller's.
func (s *Set) Batch(seed, seen int64, n int) (sounds, labels *tensors.Tensor, err error) {
	if seen < 0 || n <= 0 {
		return nil, nil, fmt.Errorf("sound: %s: no batch has %d sounds from position %d on", s.name, n, seen)
	}
	chosen := s.orders.Choose(seed, seen, n, s.Len())
	flat := make([]float32, 0, n*s.length)
	var classes []int32
	for _, i := range chosen {
		flat = append(flat, s.sounds[i]...)
		if s.labels != nil {
			classes = append(classes, s.labels[i])
		}
	}
	if s.labels != nil {
		labels = tensors.FromFlatDataAndDimensions(classes, n)
	}
	return tensors.FromFlatDataAndDimensions(flat, n, 1, s.length, 1), labels, nil
}
