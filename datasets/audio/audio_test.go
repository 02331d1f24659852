package audio

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
)

// reference reads testdata/ref/audio.npz, made by make_audio.py with SciPy.
func reference(t testing.TB) map[string]weights.Array {
	t.Helper()
	ref, err := weights.ReadNPZ("testdata/ref/audio.npz")
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func values(t testing.TB, a weights.Array) []float64 {
	t.Helper()
	v, err := a.Float64s()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// near compares all values with a tolerance.
func near(t *testing.T, name string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", name, len(got), len(want))
		return
	}
	for i := range want {
		if !(math.Abs(float64(got[i])-want[i]) <= tolerance) {
			t.Errorf("%s: value %d is %g, want %g", name, i, got[i], want[i])
			return
		}
	}
}

func TestResampleEqualsSciPy(t *testing.T) {
	compared := 0
	for name, want := range reference(t) {
		var from, to int
		if _, err := fmt.Sscanf(name, "resample.%d.%d", &from, &to); err != nil {
			continue
		}
		got, err := Resample(golden.Values(2, 700), from, to)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, got, values(t, want), 2e-7) // both are rounded to float32
		compared++
	}
	if compared != 6 {
		t.Errorf("compared %d cases", compared)
	}
}

func TestResampleBounds(t *testing.T) {
	x := []float32{1, 2, 3}
	if same, err := Resample(x, 8000, 8000); err != nil || !slices.Equal(same, x) {
		t.Errorf("the same rate gives %v, %v", same, err)
	}
	if none, err := Resample(nil, 8000, 16000); err != nil || len(none) != 0 {
		t.Errorf("no samples give %v, %v", none, err)
	}
	for _, rates := range [][2]int{{0, 8000}, {8000, 999}, {384001, 8000}} {
		if _, err := Resample(x, rates[0], rates[1]); err == nil {
			t.Errorf("%d to %d was done", rates[0], rates[1])
		}
	}
}

func TestSTFTEqualsSciPy(t *testing.T) {
	ref := reference(t)
	for _, c := range [][2]int{{256, 64}, {32, 12}} {
		frames, err := STFT(golden.Values(3, 1000), c[0], c[1])
		if err != nil {
			t.Fatal(err)
		}
		want := ref[fmt.Sprintf("stft.%d.%d", c[0], c[1])]
		if !slices.Equal(want.Shape, []int{len(frames), len(frames[0])}) {
			t.Fatalf("%d frames of %d, want %v", len(frames), len(frames[0]), want.Shape)
		}
		var got []float32
		for _, frame := range frames {
			for _, v := range frame {
				got = append(got, float32(v))
			}
		}
		near(t, fmt.Sprint(c), got, values(t, want), 1e-7) // magnitudes below 1, rounded to float32
	}
	for _, bad := range [][2]int{{0, 1}, {7, 2}, {8, 0}, {8, 9}} {
		if _, err := STFT(make([]float32, 10), bad[0], bad[1]); err == nil {
			t.Errorf("window %d and hop %d were taken", bad[0], bad[1])
		}
	}
}

func TestLogMelEqualsNumPy(t *testing.T) {
	ref := reference(t)
	var sweep []float32
	for _, v := range values(t, ref["sweep"]) {
		sweep = append(sweep, float32(v))
	}
	for _, rate := range []int{8000, 16000} {
		got, err := LogMel(Sound{rate, sweep})
		if err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprint(rate), got, values(t, ref[fmt.Sprintf("logmel.%d", rate)]), 1e-4) // decibels in float32
	}
	if got, err := LogMel(Sound{8000, nil}); err != nil || len(got) != MelFeatures || got[MelFeatures-1] != -80 {
		t.Errorf("no samples give %v, %v", got, err)
	}
	if _, err := LogMel(Sound{0, sweep}); err == nil {
		t.Error("a rate of 0 was taken")
	}
}

// A full sine is white in its row and black far from it; silence is black.
func TestPicture(t *testing.T) {
	x := make([]float32, 4096)
	for i := range x {
		x[i] = float32(math.Sin(2 * math.Pi * 32 * float64(i) / pictureWindow))
	}
	m := Picture(x)
	if m.H != 129 || m.W != 65 || m.C != 1 {
		t.Fatalf("%dx%dx%d", m.H, m.W, m.C)
	}
	at := func(bin, column int) uint8 { return m.Pix[(m.H-1-bin)*m.W+column] }
	if at(32, 30) != 255 || at(31, 30) < 200 || at(64, 30) != 0 || at(0, 30) != 0 {
		t.Errorf("levels %d %d %d %d", at(32, 30), at(31, 30), at(64, 30), at(0, 30))
	}
	for _, n := range []int{0, 1, 100000} {
		m := Picture(make([]float32, n))
		if m.H != 129 || m.W < 1 || slices.Max(m.Pix) != 0 {
			t.Errorf("silence of %d samples: %dx%d", n, m.W, m.H)
		}
	}
}

func TestJoin(t *testing.T) {
	if got := Join([][]float32{{1, 2}, {3}, {4}}, 2); !slices.Equal(got, []float32{1, 2, 0, 0, 3, 0, 0, 4}) {
		t.Errorf("got %v", got)
	}
}

func TestListWAV(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"b.wav", "a/c.WAV", "a-b.wave", "x.png", ".h.wav", "__MACOSX/a.wav"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := ListWAV(root)
	if want := []string{"a-b.wave", "a/c.WAV", "b.wav"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := ListWAV(filepath.Join(root, "b.wav")); err == nil || !strings.HasPrefix(err.Error(), "audio: ") {
		t.Errorf("a file was listed: %v", err)
	}
	if IsWAVName("a/.b.wav") || !IsWAVName("a/b.Wav") {
		t.Error("IsWAVName")
	}
}
