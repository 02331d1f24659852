package sound

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Tones is the name of a set that is made by code: single notes of four instruments, which are the classes: a plucked
// string, a struck bar, a reed and a drum. Each note has a pitch of two octaves from A2 (110 Hz) on, in semitones, and a
// loudness, an attack and a decay of its own. "tones:train" has 4,000 of them, "tones:test" 1,000 others; sound i is of
// class i mod 4. They are functions of split, number, length and rate alone, to the rounding of a machine's arithmetic.
const Tones = "tones"

// TonesTrain and TonesTest are the numbers of sounds of the splits, TonesClasses that of the instruments.
const (
	TonesTrain   = 4000
	TonesTest    = 1000
	TonesClasses = 4
)

// tonesVersion is part of the fingerprint: it is raised when the sounds change.
const tonesVersion = 1

// instruments in the order of the labels: each fills out with a note of f Hz at the rate, at any level.
var instruments = [TonesClasses]struct {
	name string
	play func(out []float64, f, rate float64, rng *rand.Rand)
}{{"string", pluck}, {"bar", strike}, {"reed", blow}, {"drum", beat}}

// IsNamed reports whether src is the set made by code, with or without a split.
func IsNamed(src string) bool { return src == Tones || strings.HasPrefix(src, Tones+":") }

// makeTones makes a split, "tones:train" if src names none.
func (s *Set) makeTones(src string) error {
	_, split, _ := strings.Cut(src, ":")
	n, stream := TonesTrain, uint64(1)
	switch split {
	case "", "train":
		split = "train"
	case "test":
		n, stream = TonesTest, 2
	default:
		return fmt.Errorf("sound: %s has no split %q: want %[1]s:train or %[1]s:test", Tones, split)
	}
	s.name = Tones + ":" + split
	for _, instrument := range instruments {
		s.classes = append(s.classes, instrument.name)
	}
	s.sounds, s.labels = make([][]float32, n), make([]int32, n)
	for i := range n {
		class := i % len(instruments)
		rng := rand.New(rand.NewPCG(stream, uint64(i)))
		s.sounds[i], s.labels[i] = note(s.length, s.rate, rng, instruments[class].play), int32(class)
	}
	s.fingerprint = fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s %d %d samples at %d", s.name, tonesVersion, s.length, s.rate)))
	return nil
}

// semitones is the range of the pitches, and lowest their lowest in Hz.
const (
	semitones = 24
	lowest    = 110
)

// note plays one note of a random pitch and brings its largest sample to a random level of 0.5 to 0.9.
func note(length, rate int, rng *rand.Rand, play func([]float64, float64, float64, *rand.Rand)) []float32 {
	f := lowest * math.Pow(2, float64(rng.IntN(semitones+1))/12)
	level := 0.5 + 0.4*rng.Float64()
	wave := make([]float64, length)
	play(wave, f, float64(rate), rng)
	peak := 1e-9
	for _, v := range wave {
		peak = max(peak, math.Abs(v))
	}
	out := make([]float32, length)
	for i, v := range wave {
		out[i] = float32(v / peak * level)
	}
	return out
}

// pluck is a string after Karplus and Strong 1983, "Digital Synthesis of Plucked-String and Drum Timbres": noise runs
// round a delay line of one period and is averaged with its neighbour each time, so that high partials fade first. The
// delay is N + s + 1/2 samples: a whole number, a linear interpolation, and the average.
func pluck(out []float64, f, rate float64, rng *rand.Rand) {
	whole, part := math.Modf(rate/f - 0.5)
	n, loss := int(whole), 0.990+0.008*rng.Float64()
	burst := make([]float64, n+2)
	for i := range burst {
		burst[i] = 2*rng.Float64() - 1
	}
	at := func(i int) float64 { // before time 0 stands the burst
		if i >= 0 {
			return out[i]
		}
		return burst[i+len(burst)]
	}
	for i := range out {
		a := (1-part)*at(i-n) + part*at(i-n-1)
		b := (1-part)*at(i-n-1) + part*at(i-n-2)
		out[i] = loss * (a + b) / 2
	}
	// What does not swing runs round as well, and fades least of all: y[i] = x[i] - x[i-1] + 0.995·y[i-1] takes it away.
	before, level := 0.0, 0.0
	for i, x := range out {
		level = x - before + 0.995*level
		before, out[i] = x, level
	}
}

// strike is a bar with free ends: partials at 1, 2.756, 5.404 and 8.933 times the lowest frequency (Fletcher and Rossing,
// The Physics of Musical Instruments, section 2.15), higher ones fading faster. It is tuned an octave up.
func strike(out []float64, f, rate float64, rng *rand.Rand) {
	decay := 5 + 5*rng.Float64() // per second
	for k, ratio := range []float64{1, 2.756, 5.404, 8.933} {
		partial(out, 2*f*ratio, rate, rng.Float64()/float64(k+1), decay*ratio, rng.Float64())
	}
}

// blow is a closed pipe with a reed: odd partials that set in softly and stay.
func blow(out []float64, f, rate float64, rng *rand.Rand) {
	for k := 1.0; k <= 9; k += 2 {
		partial(out, k*f, rate, (0.5+0.5*rng.Float64())/k, 0, rng.Float64())
	}
	attack := (0.02 + 0.06*rng.Float64()) * rate // samples
	for i := range out {
		out[i] *= 1 - math.Exp(-float64(i)/attack)
	}
}

// beat is a drum: a sine whose pitch falls by half, and a burst of noise.
func beat(out []float64, f, rate float64, rng *rand.Rand) {
	decay, noise := 12+10*rng.Float64(), 0.2+0.6*rng.Float64()
	angle := 0.0
	for i := range out {
		t := float64(i) / rate
		angle += 2 * math.Pi * f * (0.5 + 0.5*math.Exp(-20*t)) / rate
		out[i] = math.Exp(-decay*t)*math.Sin(angle) + noise*math.Exp(-3*decay*t)*(2*rng.Float64()-1)
	}
}

// partial adds a fading sine, unless half the rate lies below it. The phase is in turns.
func partial(out []float64, f, rate, level, decay, phase float64) {
	if f >= rate/2 {
		return
	}
	for i := range out {
		t := float64(i) / rate
		out[i] += level * math.Exp(-decay*t) * math.Sin(2*math.Pi*(f*t+phase))
	}
}
