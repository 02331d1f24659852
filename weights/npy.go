package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

const (
	npyMagic     = "\x93NUMPY"
	npyMaxHeader = 1 << 16 // bytes; a plain array needs about 100, only structured types come near
	npyMaxRank   = 64      // NumPy's own limit
	npyAlign     = 64      // NumPy starts the data at a multiple of it
	npyGrowth    = 21      // NumPy leaves room for so many digits of the first axis, to append in place
)

// ReadNPY reads one array from npy format 1.0, 2.0 or 3.0 and leaves r behind its last byte. Fortran order becomes C
// order and big-endian elements little-endian. Structured, string, complex and time types are errors, and so are
// object arrays: their elements are pickles. If r is a file, errors name it.
func ReadNPY(r io.Reader) (Array, error) {
	a, err := readNPY(r, remaining(r))
	if err != nil {
		if named, ok := r.(interface{ Name() string }); ok {
			return Array{}, fmt.Errorf("weights: %s: %w", named.Name(), err)
		}
		return Array{}, fmt.Errorf("weights: %w", err)
	}
	return a, nil
}

// remaining returns the bytes left in r, or -1 if r does not tell.
func remaining(r io.Reader) int64 {
	switch r := r.(type) {
	case *bytes.Reader:
		return int64(r.Len())
	case *bytes.Buffer:
		return int64(r.Len())
	case *os.File:
		info, err := r.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return -1
		}
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return -1
		}
		return max(0, info.Size()-at)
	}
	return -1
}

// readNPY reads one array; available is the number of bytes left in r, -1 if unknown.
func readNPY(r io.Reader, available int64) (Array, error) {
	h, headerLen, err := readNPYHeader(r)
	if err != nil {
		return Array{}, err
	}
	if available >= 0 {
		available -= headerLen
	}
	return readNPYData(r, h, available)
}

// readNPYHeader reads up to the first byte of data and returns how many bytes that were.
func readNPYHeader(r io.Reader) (h npyHeader, headerLen int64, err error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != npyMagic {
		return h, 0, errors.New("not an npy array: it does not begin with \\x93NUMPY")
	}
	major, minor := start[6], start[7]
	if major < 1 || major > 3 || minor != 0 {
		return h, 0, fmt.Errorf("npy version %d.%d is unknown (known: 1.0, 2.0, 3.0)", major, minor)
	}
	length := make([]byte, 4)
	if major == 1 {
		length = length[:2]
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return h, 0, errors.New("truncated in the npy header")
	}
	headerLen = int64(binary.LittleEndian.Uint16(length))
	if major > 1 {
		headerLen = int64(binary.LittleEndian.Uint32(length))
	}
	if headerLen > npyMaxHeader {
		return h, 0, fmt.Errorf("an npy header of %d bytes exceeds the limit of %d", headerLen, npyMaxHeader)
	}
	text := make([]byte, headerLen)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, 0, errors.New("truncated in the npy header")
	}
	h, err = parseNPYHeader(string(text))
	return h, 8 + int64(len(length)) + headerLen, err
}

// readNPYData reads the elements that follow the header and brings them to little-endian C order.
func readNPYData(r io.Reader, h npyHeader, available int64) (Array, error) {
	length, err := byteLen(h.dtype, h.shape)
	if err != nil {
		return Array{}, fmt.Errorf("npy header: %w", err)
	}
	data, err := readBytes(r, length, available)
	if err != nil {
		return Array{}, err
	}
	if h.bigEndian {
		swapBytes(data, h.dtype.Size())
	}
	if h.fortran {
		data = fromFortran(data, h.shape, h.dtype.Size())
	}
	return Array{DType: h.dtype, Shape: h.shape, Data: data}, nil
}

// readBytes reads exactly n bytes. Memory grows with what was really read, unless the bytes known to be available
// justify n at once.
func readBytes(r io.Reader, n int, available int64) ([]byte, error) {
	if available >= 0 && int64(n) > available {
		return nil, fmt.Errorf("truncated: the array has %d bytes, %d are there", n, available)
	}
	const first = 1 << 20
	if available >= 0 || n <= first {
		data := make([]byte, n)
		if got, err := io.ReadFull(r, data); err != nil {
			return nil, readError(got, n, err)
		}
		return data, nil
	}
	data := make([]byte, 0, first)
	for len(data) < n {
		if len(data) == cap(data) {
			data = append(make([]byte, 0, min(n, 2*cap(data))), data...)
		}
		got, err := io.ReadFull(r, data[len(data):cap(data)])
		data = data[:len(data)+got]
		if err != nil {
			return nil, readError(len(data), n, err)
		}
	}
	return data, nil
}

// readError tells an early end from other failures.
func readError(got, want int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("truncated: the array has %d bytes, %d are there", want, got)
	}
	return err
}

// swapBytes turns the bytes of each element of size bytes around.
func swapBytes(data []byte, size int) {
	for i := 0; i < len(data); i += size {
		slices.Reverse(data[i : i+size])
	}
}

// fromFortran returns the elements, given first axis fastest, with the last axis fastest.
func fromFortran(data []byte, shape []int, size int) []byte {
	stride := make([]int, len(shape))
	step := size
	for axis, n := range shape {
		stride[axis] = step
		step *= n
	}
	return gather(make([]byte, 0, len(data)), data, 0, shape, stride, size)
}

// WriteNPY writes the array as npy 1.0: the bytes that numpy.save writes for the same C-ordered array. BF16, which
// NumPy has no type for, is an error, and so is an array whose data does not fit its shape.
func WriteNPY(w io.Writer, a Array) error {
	if err := writeNPY(w, a); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	return nil
}

func writeNPY(w io.Writer, a Array) error {
	header, err := npyHeaderBytes(a)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("write of an npy array: %w", err)
	}
	if _, err := w.Write(a.Data); err != nil {
		return fmt.Errorf("write of an npy array: %w", err)
	}
	return nil
}

// npyHeaderBytes returns everything before the data.
func npyHeaderBytes(a Array) ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	if len(a.Shape) > npyMaxRank {
		return nil, fmt.Errorf("%d axes, NumPy allows %d", len(a.Shape), npyMaxRank)
	}
	descr, err := npyName(a.DType)
	if err != nil {
		return nil, err
	}
	var axes []string
	for _, n := range a.Shape {
		axes = append(axes, strconv.Itoa(n))
	}
	shape := strings.Join(axes, ", ")
	if len(axes) == 1 {
		shape += ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	if len(axes) > 0 {
		text += strings.Repeat(" ", npyGrowth-len(axes[0]))
	}
	const before = len(npyMagic) + 4                // version and length
	pad := npyAlign - (before+len(text)+1)%npyAlign // NumPy pads by 64, not by 0
	text += strings.Repeat(" ", pad) + "\n"
	if len(text) > math.MaxUint16 {
		return nil, fmt.Errorf("an npy header of %d bytes does not fit format 1.0", len(text))
	}
	header := append([]byte(npyMagic), 1, 0)
	header = binary.LittleEndian.AppendUint16(header, uint16(len(text)))
	return append(header, text...), nil
}
