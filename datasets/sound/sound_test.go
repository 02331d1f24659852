package sound

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/internal/golden"
)

func open(t *testing.T, src string, length, rate int) *Set {
	t.Helper()
	s, err := Open(src, length, rate)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// write writes a sound below root and returns its samples as a file holds them.
func write(t *testing.T, root, name string, s audio.Sound) []float32 {
	t.Helper()
	var file bytes.Buffer
	if err := audio.EncodeWAV(&file, s, ""); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	read, err := audio.DecodeWAV(&file)
	if err != nil {
		t.Fatal(err)
	}
	return read.Samples
}

func floats[T float32 | int32](t *testing.T, x *tensors.Tensor) []T {
	t.Helper()
	flat, err := tensors.CopyFlatData[T](x)
	if err != nil {
		t.Fatal(err)
	}
	return flat
}

func TestFolder(t *testing.T) {
	root := filepath.Join(t.TempDir(), "my sounds")
	long := write(t, root, "b/long.wav", audio.Sound{Rate: 8000, Samples: golden.Values(1, 300)})
	short := write(t, root, "a/short.wav", audio.Sound{Rate: 8000, Samples: golden.Values(2, 30)})
	write(t, root, "b/fast.wav", audio.Sound{Rate: 44100, Samples: golden.Scaled(3, 5000, 0.9)})
	s := open(t, root, 100, 8000)
	if h, w, c := s.ImageShape(); h != 1 || w != 100 || c != 1 || s.Len() != 3 || s.Name() != "my sounds" || s.Rate() != 8000 {
		t.Errorf("%dx%dx%d, %d sounds of %q at %d", h, w, c, s.Len(), s.Name(), s.Rate())
	}
	if got := s.ClassNames(); !slices.Equal(got, []string{"a", "b"}) || s.NumClasses() != 2 {
		t.Errorf("classes %q", got)
	}
	fast, err := audio.Resample(decoded(t, filepath.Join(root, "b/fast.wav")), 44100, 8000)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float32{append(short, make([]float32, 70)...), fast[:100], long[:100]} {
		got, class, err := s.At(i)
		if err != nil || !slices.Equal(got.Samples, want) || got.Rate != 8000 || class != min(i, 1) {
			t.Errorf("sound %d of class %d differs: %v", i, class, err)
		}
	}
	if _, _, err := s.At(3); err == nil || !strings.Contains(err.Error(), "0..2, not 3") {
		t.Errorf("sound 3 of 3: %v", err)
	}
}

func decoded(t *testing.T, path string) []float32 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s, err := audio.DecodeWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	return s.Samples
}

// A folder of one class, of samples beyond the range.
func TestFolderWithoutClasses(t *testing.T) {
	root := t.TempDir()
	write(t, root, "x.wav", audio.Sound{Rate: 8000, Samples: golden.Values(1, 10)})
	s := open(t, root, 10, 16000) // twice the rate overshoots
	sound, class, err := s.At(0)
	if err != nil || class != -1 || s.NumClasses() != 0 || slices.Max(sound.Samples) > 1 || slices.Min(sound.Samples) < -1 {
		t.Errorf("class %d, %v, %v", class, sound, err)
	}
	if _, labels, err := s.Batch(0, 0, 4); err != nil || labels != nil {
		t.Errorf("labels %v, %v", labels, err)
	}
}

// The fingerprint follows sounds, names and what was asked for, and not the place.
func TestFingerprint(t *testing.T) {
	root := t.TempDir()
	for _, place := range []string{"one", "two"} {
		write(t, root, place+"/x.wav", audio.Sound{Rate: 8000, Samples: golden.Values(1, 50)})
	}
	write(t, root, "other/x.wav", audio.Sound{Rate: 8000, Samples: golden.Values(2, 50)})
	write(t, root, "name/y.wav", audio.Sound{Rate: 8000, Samples: golden.Values(1, 50)})
	first := open(t, filepath.Join(root, "one"), 50, 8000).Fingerprint()
	if got := open(t, filepath.Join(root, "two"), 50, 8000).Fingerprint(); got != first || len(got) != 64 {
		t.Errorf("a copy has the fingerprint %s, not %s", got, first)
	}
	seen := map[string]string{first: "one"}
	for name, s := range map[string]*Set{"other": open(t, filepath.Join(root, "other"), 50, 8000),
		"name": open(t, filepath.Join(root, "name"), 50, 8000), "longer": open(t, filepath.Join(root, "one"), 51, 8000),
		"faster": open(t, filepath.Join(root, "one"), 50, 16000), "tones": open(t, "tones:test", 50, 8000),
		"tones faster": open(t, "tones:test", 50, 16000)} {
		if same, found := seen[s.Fingerprint()]; found {
			t.Errorf("%s and %s have one fingerprint", name, same)
		}
		seen[s.Fingerprint()] = name
	}
}

func TestFaults(t *testing.T) {
	root := t.TempDir()
	write(t, root, "bad/a.wav", audio.Sound{Rate: 8000, Samples: golden.Values(1, 50)})
	if err := os.WriteFile(filepath.Join(root, "bad", "b.wav"), []byte("RIFF"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		src          string
		length, rate int
		want         string
	}{
		{filepath.Join(root, "bad"), 10, 8000, "b.wav: no WAV file: the file ends early"},
		{filepath.Join(root, "empty"), 10, 8000, "no WAV file below"},
		{filepath.Join(root, "bad", "a.wav"), 10, 8000, "not a folder"},
		{filepath.Join(root, "absent"), 10, 8000, "no folder"},
		{"", 10, 8000, "source is empty"},
		{"tones:dev", 10, 8000, `no split "dev"`},
		{"tones", 0, 8000, "0 samples"},
		{"tones", 10, 10, "10 samples per second"},
		{filepath.Join(root, "bad"), 1 << 40, 8000, "do not fit"},
	} {
		_, err := Open(c.src, c.length, c.rate)
		if err == nil || !strings.HasPrefix(err.Error(), "sound: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %q", c.src, err, c.want)
		}
	}
	s := open(t, "tones:test", 8, 8000)
	for _, bad := range [][2]int64{{-1, 4}, {0, 0}} {
		if _, _, err := s.Batch(0, bad[0], int(bad[1])); err == nil {
			t.Errorf("a batch of %d from %d was made", bad[1], bad[0])
		}
	}
}

// A batch holds the sounds that At gives, with their classes; an epoch holds each sound once.
func TestBatch(t *testing.T) {
	s := open(t, "tones:test", 16, 8000)
	seen := map[string]int{}
	for from := int64(0); from < TonesTest; from += 100 {
		sounds, labels, err := s.Batch(5, from, 100)
		if err != nil {
			t.Fatal(err)
		}
		if got := sounds.Shape().String(); got != "(Float32)[100, 1, 16, 1]" {
			t.Fatalf("a batch is %s", got)
		}
		flat, classes := floats[float32](t, sounds), floats[int32](t, labels)
		for k := range 100 {
			seen[fmt.Sprint(flat[k*16:(k+1)*16], classes[k])]++
		}
	}
	for i := range TonesTest {
		sound, class, err := s.At(i)
		if err != nil || seen[fmt.Sprint(sound.Samples, class)] != 1 {
			t.Fatalf("sound %d came %d times in an epoch, %v", i, seen[fmt.Sprint(sound.Samples, class)], err)
		}
	}
}

func TestTones(t *testing.T) {
	s, again := open(t, "tones", 2048, 8000), open(t, "tones:train", 2048, 8000)
	if s.Len() != TonesTrain || s.Name() != "tones:train" || len(s.ClassNames()) != 4 {
		t.Errorf("%d sounds of %s in %q", s.Len(), s.Name(), s.ClassNames())
	}
	for i := range s.Len() {
		a, class, _ := s.At(i)
		b, _, _ := again.At(i)
		if peak := max(slices.Max(a.Samples), -slices.Min(a.Samples)); peak < 0.499 || peak > 0.901 || class != i%4 {
			t.Errorf("sound %d has the peak %g and class %d", i, peak, class)
		}
		if !slices.Equal(a.Samples, b.Samples) {
			t.Fatalf("sound %d is another one the second time", i)
		}
	}
}

// The largest part of the spectrum lies at the pitch (of a bar at twice, of a drum between half and whole).
func TestPitch(t *testing.T) {
	const rate, window = 8000, 4096
	for _, instrument := range instruments {
		for k := range 5 {
			f := 110 * math.Pow(2, float64(k)/2)
			wave := make([]float64, window)
			instrument.play(wave, f, rate, rand.New(rand.NewPCG(9, uint64(k))))
			x := make([]float32, window)
			for i := range x {
				x[i] = float32(wave[i])
			}
			frames, err := audio.STFT(x, window, window/2)
			if err != nil {
				t.Fatal(err)
			}
			best := 0.0
			for bin, v := range frames[1] {
				if v > frames[1][int(best)] {
					best = float64(bin)
				}
			}
			ratio := best * rate / window / f
			low, high := 0.98, 1.02 // a bin is 2 Hz
			switch instrument.name {
			case "string":
				ratio /= math.Round(ratio) // any harmonic may be the loudest
			case "bar":
				ratio /= 2
			case "drum":
				low = 0.48
			}
			if !(ratio >= low && ratio <= high) && !(instrument.name == "bar" && ratio > 2.7 && ratio < 2.8) {
				t.Errorf("%s at %.1f Hz is loudest at %.3f of it", instrument.name, f, ratio)
			}
		}
	}
}
