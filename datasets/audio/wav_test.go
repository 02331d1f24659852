package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// The samples equal SciPy's reading of the files, which SciPy and Python's wave wrote.
func TestDecodeWAVEqualsSciPy(t *testing.T) {
	compared := 0
	for name, file := range reference(t) {
		if !strings.HasPrefix(name, "wav.") || strings.HasSuffix(name, ".samples") {
			continue
		}
		s, err := DecodeWAV(bytes.NewReader(file.Data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := map[bool]int{true: 48000, false: 22050}[strings.Contains(name, "i24")]; s.Rate != want {
			t.Errorf("%s: rate %d, want %d", name, s.Rate, want)
		}
		near(t, name, s.Samples, values(t, reference(t)[name+".samples"]), 6e-8) // rounded to float32
		compared++
	}
	if compared != 7 {
		t.Errorf("compared %d files", compared)
	}
}

// wav puts a file together from chunks; the format is 16 bit mono at 8000 unless a chunk "fmt " is given.
func wav(chunks ...any) []byte {
	out := append([]byte("RIFF"), 0, 0, 0, 0)
	out = append(out, "WAVE"...)
	for i := 0; i < len(chunks); i += 2 {
		out = appendChunk(out, chunks[i].(string), chunks[i+1].([]byte))
	}
	return out
}

func format(tag, channels, rate, bits int, more ...byte) []byte {
	le := binary.LittleEndian
	out := le.AppendUint16(nil, uint16(tag))
	out = le.AppendUint16(out, uint16(channels))
	out = le.AppendUint32(out, uint32(rate))
	out = le.AppendUint32(out, uint32(rate*channels*bits/8))
	out = le.AppendUint16(out, uint16(channels*bits/8))
	out = le.AppendUint16(out, uint16(bits))
	return append(out, more...)
}

// extensible is the tail of WAVE_FORMAT_EXTENSIBLE's format chunk for a sub-format.
func extensible(tag byte) []byte {
	return append([]byte{22, 0, 16, 0, 4, 0, 0, 0, tag, 0}, extensibleGUID...)
}

func TestDecodeWAVForms(t *testing.T) {
	pcm := format(tagPCM, 1, 8000, 16)
	data := []byte{0, 0x40, 0, 0x80} // 0.5, -1
	streamed := wav("fmt ", pcm, "data", data)
	binary.LittleEndian.PutUint32(streamed[len(streamed)-8:], unknownSize)
	for name, file := range map[string][]byte{
		"plain":              wav("fmt ", pcm, "data", data),
		"extensible":         wav("fmt ", format(tagExtensible, 1, 8000, 16, extensible(tagPCM)...), "data", data),
		"a list of odd size": wav("fmt ", pcm, "LIST", []byte("INFOxyz"), "data", data, "junk", []byte{1}),
		"a chunk before":     wav("JUNK", make([]byte, 28), "fmt ", pcm, "data", data),
		"an odd format":      wav("fmt ", append(pcm, 0), "data", data),
		"size unknown":       streamed,
		"mean of two":        wav("fmt ", format(tagPCM, 2, 8000, 8), "data", []byte{192, 192, 0, 0}),
	} {
		s, err := DecodeWAV(iotest.HalfReader(bytes.NewReader(file)))
		if err != nil || s.Rate != 8000 || len(s.Samples) != 2 || s.Samples[0] != 0.5 || s.Samples[1] != -1 {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

func TestDecodeWAVFaults(t *testing.T) {
	pcm := format(tagPCM, 1, 8000, 16)
	good := wav("fmt ", pcm, "data", make([]byte, 20))
	nan := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "ends early"},
		{[]byte("RIFFxxxxAVI LIST"), "does not begin with RIFF and WAVE"},
		{[]byte("RF64xxxxWAVEds64"), "RF64"},
		{good[:len(good)-3], "cut off: it should hold 20 bytes of samples and has 17"},
		{wav("fmt ", pcm), "no chunk of samples"},
		{wav("data", make([]byte, 4)), "before their format"},
		{wav("fmt ", pcm, "data", make([]byte, 3)), "no whole number of frames"},
		{wav("fmt ", pcm, "data", []byte{}), "no samples"},
		{wav("fmt ", pcm[:14]), "14 bytes"},
		{wav("fmt ", format(0x11, 1, 8000, 16)), "0x0011 is neither PCM"},
		{wav("fmt ", format(tagPCM, 1, 8000, 12)), "PCM of 12 bits"},
		{wav("fmt ", format(tagFloat, 1, 8000, 16)), "floating point of 16 bits"},
		{wav("fmt ", format(tagPCM, 0, 8000, 16)), "0 channels"},
		{wav("fmt ", format(tagPCM, 1, 1, 16)), "1 samples per second"},
		{wav("fmt ", format(tagExtensible, 1, 8000, 16)), "sub-format"},
		{wav("fmt ", format(tagExtensible, 1, 8000, 16, extensible(0x55)...)), "0x0055"},
		{wav("fmt ", format(tagFloat, 1, 8000, 32), "data", nan), "sample 0 is NaN"},
		{append(wav("fmt ", pcm), 'L', 'I', 'S', 'T', 0xFF, 0xFF, 0xFF, 0xFF), "ends early"},
	} {
		if _, err := DecodeWAV(bytes.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: got %v, want %q in one line", c.file, err, c.want)
		}
	}
	broken := errors.New("the disk is broken")
	if _, err := DecodeWAV(io.MultiReader(bytes.NewReader(good[:50]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a broken disk gives %v", err)
	}
}

// What is written is read again to half a step of 16 bits, clamped, by us; TestDecodeWAVEqualsSciPy ties our reader to
// SciPy's.
func TestEncodeWAV(t *testing.T) {
	want := []float32{0, 0.5, -0.25, 1, -1, 2, -3, 1e-5, 0.123456}
	for _, comment := range []string{"", "seed=7", "even"} {
		var file bytes.Buffer
		if err := EncodeWAV(&file, Sound{16000, want}, comment); err != nil {
			t.Fatal(err)
		}
		data := file.Bytes()
		if size := binary.LittleEndian.Uint32(data[4:]); int(size) != len(data)-8 {
			t.Errorf("the size in the head is %d of %d bytes", size, len(data))
		}
		if !bytes.Contains(data, []byte(comment)) {
			t.Error("the comment is lost")
		}
		s, err := DecodeWAV(bytes.NewReader(data))
		if err != nil || s.Rate != 16000 || len(s.Samples) != len(want) {
			t.Fatalf("%v, %v", s, err)
		}
		for i, v := range want {
			if v = min(max(v, -1), float32(math.MaxInt16)/32768); math.Abs(float64(s.Samples[i]-v)) > 0.5/32768 {
				t.Errorf("%g comes back as %g", v, s.Samples[i])
			}
		}
	}
	if err := EncodeWAV(io.Discard, Sound{0, want}, ""); err == nil {
		t.Error("a rate of 0 was written")
	}
}

// What a small file says of itself makes nobody take much memory.
func TestDecodeWAVMemory(t *testing.T) {
	hostile := wav("fmt ", format(tagPCM, 65535, 8000, 8), "data", make([]byte, 65535))
	binary.LittleEndian.PutUint32(hostile[12+8+16+4:], 65535<<15)
	if _, err := DecodeWAV(bytes.NewReader(hostile)); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Fatalf("got %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	DecodeWAV(bytes.NewReader(hostile))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("a file of %d bytes took %d bytes of memory", len(hostile), took)
	}
}

// FuzzDecodeWAV: no file makes the reader panic, hang, or take more memory than in proportion to its size.
func FuzzDecodeWAV(f *testing.F) {
	pcm := format(tagPCM, 1, 8000, 16)
	f.Add(wav("fmt ", pcm, "data", make([]byte, 20)))
	f.Add(wav("LIST", []byte("INFOx"), "fmt ", format(tagExtensible, 2, 44100, 32, extensible(tagFloat)...), "data", make([]byte, 16)))
	f.Add(wav("fmt ", format(tagPCM, 65535, 8000, 8), "data", make([]byte, 9)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := DecodeWAV(bytes.NewReader(data))
		if err == nil && (len(s.Samples) == 0 || len(s.Samples) > len(data) || s.Rate < MinRate || s.Rate > MaxRate) {
			t.Errorf("%d samples at %d from %d bytes", len(s.Samples), s.Rate, len(data))
		}
	})
}
