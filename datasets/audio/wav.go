package audio

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Sound is a mono recording.
type Sound struct {
	Rate    int       // samples per second
	Samples []float32 // in [-1, 1]; a file of floating point numbers may go beyond
}

// Numbers of the format tag (mmreg.h).
const (
	tagPCM        = 0x0001
	tagFloat      = 0x0003
	tagExtensible = 0xFFFE
)

// extensibleGUID are the last 14 bytes of WAVE_FORMAT_EXTENSIBLE's sub-format; the first two are the format tag.
var extensibleGUID = []byte{0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71}

// unknownSize stands for "until the end of the file" where a program could not know the size (a pipe).
const unknownSize = math.MaxUint32

// maxFormat is the largest format chunk that is looked at: WAVE_FORMAT_EXTENSIBLE has 40 bytes.
const maxFormat = 40

// wavFormat is what the format chunk says.
type wavFormat struct {
	tag, channels, bits int
	rate                int
	frame               int // bytes of one sample of all channels
}

// DecodeWAV reads a WAV file: RIFF with PCM of 8, 16, 24 or 32 bits or floating point of 32 or 64, plain or
// WAVE_FORMAT_EXTENSIBLE. Several channels become their mean. PCM of b bits is divided by 2^(b-1), after 128 is taken off
// the unsigned 8 bit form. Chunks other than the format and the samples are passed over.
//
// It returns an error if the file is something else, compressed, cut off, without samples, or holds a NaN or an infinity.
// The memory taken is in proportion to what was read, not to what the file says of itself.
func DecodeWAV(r io.Reader) (Sound, error) {
	in := bufio.NewReader(r)
	var head [12]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return Sound{}, fmt.Errorf("no WAV file: %w", cutOff(err))
	}
	switch kind := string(head[:4]); {
	case kind == "RF64" || kind == "RIFX":
		return Sound{}, fmt.Errorf("a %s file, which is not supported: write it as plain WAV (RIFF)", kind)
	case kind != "RIFF" || string(head[8:]) != "WAVE":
		return Sound{}, errors.New("no WAV file: it does not begin with RIFF and WAVE")
	}
	var format *wavFormat
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(in, chunk[:]); err != nil {
			return Sound{}, fmt.Errorf("there is no chunk of samples: %w", cutOff(err))
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			f, err := readFormat(in, size)
			if err != nil {
				return Sound{}, err
			}
			format = &f
			continue
		case "data":
			if format == nil {
				return Sound{}, errors.New("the samples come before their format")
			}
			samples, err := format.read(in, size)
			return Sound{format.rate, samples}, err
		}
		if err := skip(in, size+size%2); err != nil {
			return Sound{}, fmt.Errorf("chunk %q of %d bytes: %w", chunk[:4], size, err)
		}
	}
}

// readFormat reads a format chunk with the byte that fills it up.
func readFormat(in io.Reader, size int64) (wavFormat, error) {
	if size < 16 {
		return wavFormat{}, fmt.Errorf("the format has %d bytes, want 16 or more", size)
	}
	raw := make([]byte, min(size, maxFormat))
	if _, err := io.ReadFull(in, raw); err != nil {
		return wavFormat{}, fmt.Errorf("the format: %w", cutOff(err))
	}
	if err := skip(in, size+size%2-int64(len(raw))); err != nil {
		return wavFormat{}, fmt.Errorf("the format: %w", err)
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(raw[at:])) }
	f := wavFormat{tag: u16(0), channels: u16(2), rate: int(binary.LittleEndian.Uint32(raw[4:])), frame: u16(12), bits: u16(14)}
	if f.tag == tagExtensible {
		if len(raw) < maxFormat || !bytes.Equal(raw[26:40], extensibleGUID) {
			return wavFormat{}, errors.New("WAVE_FORMAT_EXTENSIBLE with a sub-format that is neither PCM nor floating point")
		}
		f.tag = u16(24)
	}
	return f, f.check()
}

func (f wavFormat) check() error {
	switch {
	case f.tag != tagPCM && f.tag != tagFloat:
		return fmt.Errorf("format %#04x is neither PCM (1) nor floating point (3): decode the file to plain WAV first", f.tag)
	case f.tag == tagPCM && f.bits != 8 && f.bits != 16 && f.bits != 24 && f.bits != 32:
		return fmt.Errorf("PCM of %d bits, want 8, 16, 24 or 32", f.bits)
	case f.tag == tagFloat && f.bits != 32 && f.bits != 64:
		return fmt.Errorf("floating point of %d bits, want 32 or 64", f.bits)
	case f.channels < 1 || f.frame != f.channels*f.bits/8:
		return fmt.Errorf("%d channels of %d bits cannot have frames of %d bytes", f.channels, f.bits, f.frame)
	case f.rate < MinRate || f.rate > MaxRate:
		return fmt.Errorf("%d samples per second, want %d to %d", f.rate, MinRate, MaxRate)
	}
	return nil
}

// readBytes is about how much is read at a time, in whole frames.
const readBytes = 1 << 16

// read reads size bytes of samples and mixes the channels.
func (f wavFormat) read(in io.Reader, size int64) ([]float32, error) {
	if size != unknownSize && size%int64(f.frame) != 0 {
		return nil, fmt.Errorf("%d bytes of samples are no whole number of frames of %d bytes", size, f.frame)
	}
	var samples []float32
	buffer := make([]byte, max(1, readBytes/f.frame)*f.frame)
	for left := size; left > 0; {
		n, err := io.ReadFull(in, buffer[:min(left, int64(len(buffer)))])
		for at := 0; at+f.frame <= n; at += f.frame {
			v := f.mix(buffer[at : at+f.frame])
			if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32 {
				return nil, fmt.Errorf("sample %d is %g", len(samples), v)
			}
			samples = append(samples, float32(v))
		}
		if left -= int64(n); err == nil {
			continue
		}
		atEnd := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if size == unknownSize && atEnd {
			break
		}
		if atEnd {
			return nil, fmt.Errorf("cut off: it should hold %d bytes of samples and has %d", size, size-left)
		}
		return nil, err
	}
	if len(samples) == 0 {
		return nil, errors.New("it holds no samples")
	}
	return samples, nil
}

// mix returns the mean of the channels of one frame.
func (f wavFormat) mix(frame []byte) float64 {
	sum, width := 0.0, f.bits/8
	for at := 0; at < len(frame); at += width {
		sum += f.sample(frame[at : at+width])
	}
	return sum / float64(f.channels)
}

func (f wavFormat) sample(b []byte) float64 {
	switch {
	case f.tag == tagFloat && f.bits == 32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case f.tag == tagFloat:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case f.bits == 8:
		return (float64(b[0]) - 128) / 128
	}
	var word [4]byte // the sample in the upper bytes, so that its sign is the word's
	copy(word[4-len(b):], b)
	return float64(int32(binary.LittleEndian.Uint32(word[:]))) / (1 << 31)
}

// skip passes over n bytes.
func skip(in io.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, in, n)
	return cutOff(err)
}

// cutOff says in words that a file ended.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends early")
	}
	return err
}

// EncodeWAV writes a mono WAV file of 16 bit PCM: round(32768·sample), clamped. A comment that is not empty is kept in
// the file (the ICMT entry of its INFO list). It returns an error if the rate is not MinRate to MaxRate, or if there are
// more samples than the format can count.
func EncodeWAV(w io.Writer, s Sound, comment string) error {
	if s.Rate < MinRate || s.Rate > MaxRate {
		return fmt.Errorf("audio: a WAV file cannot have %d samples per second here, want %d to %d", s.Rate, MinRate, MaxRate)
	}
	var info []byte
	if comment != "" {
		text := append([]byte(comment), 0)
		info = appendChunk([]byte("INFO"), "ICMT", text)
		info = appendChunk(nil, "LIST", info)
	}
	const formatBytes, rest = 16, 4 + 8 + 16 + 8 // WAVE, the format chunk, the head of the samples
	if uint64(len(s.Samples))*2+rest+uint64(len(info)) > math.MaxUint32 {
		return fmt.Errorf("audio: a WAV file cannot hold %d samples", len(s.Samples))
	}
	le := binary.LittleEndian
	format := le.AppendUint16(make([]byte, 0, formatBytes), tagPCM)
	format = le.AppendUint16(format, 1) // channel
	format = le.AppendUint32(format, uint32(s.Rate))
	format = le.AppendUint32(format, uint32(2*s.Rate)) // bytes per second
	format = le.AppendUint16(format, 2)                // bytes of a frame
	format = le.AppendUint16(format, 16)               // bits
	out := append([]byte("RIFF"), 0, 0, 0, 0)
	le.PutUint32(out[4:], uint32(2*len(s.Samples)+rest+len(info)))
	out = append(out, "WAVE"...)
	out = append(appendChunk(out, "fmt ", format), info...)
	out = append(out, "data"...)
	out = le.AppendUint32(out, uint32(2*len(s.Samples)))
	for _, v := range s.Samples {
		level := math.Round(float64(v) * 32768)
		out = le.AppendUint16(out, uint16(int16(min(max(level, math.MinInt16), math.MaxInt16))))
	}
	_, err := w.Write(out)
	return err
}

// appendChunk appends a chunk, with the byte that makes its size even.
func appendChunk(out []byte, name string, data []byte) []byte {
	out = append(out, name...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	out = append(out, data...)
	if len(data)%2 == 1 {
		out = append(out, 0)
	}
	return out
}
