package pickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Reader takes pickles from a stream of known length, one after the other.
type Reader struct {
	b        *bufio.Reader
	at, size int64
}

// NewReader returns a reader of size bytes of r: what a pickle says of its lengths is held against size.
func NewReader(r io.Reader, size int64) *Reader { return &Reader{b: bufio.NewReader(r), size: size} }

// Offset returns the number of bytes that the pickles decoded so far have.
func (r *Reader) Offset() int64 { return r.at }

var errTruncated = errors.New("truncated: the pickle ends in the middle")

// byte takes one byte.
func (r *Reader) byte() (byte, error) {
	if r.at >= r.size {
		return 0, errTruncated
	}
	c, err := r.b.ReadByte()
	if err != nil {
		return 0, readError(err)
	}
	r.at++
	return c, nil
}

// bytes takes n bytes, as a new slice.
func (r *Reader) bytes(n uint64) ([]byte, error) {
	if left := uint64(r.size - r.at); n > left {
		return nil, fmt.Errorf("truncated: a value of %d bytes, %d are left", n, left)
	}
	out := make([]byte, n)
	got, err := io.ReadFull(r.b, out)
	r.at += int64(got)
	if err != nil {
		return nil, readError(err)
	}
	return out, nil
}

// number takes a little-endian unsigned number of the given bytes.
func (r *Reader) number(bytes int) (uint64, error) {
	var n uint64
	for i := range bytes {
		c, err := r.byte()
		if err != nil {
			return 0, err
		}
		n |= uint64(c) << (8 * i)
	}
	return n, nil
}

// line takes the text before a line feed, and the line feed.
func (r *Reader) line() (string, error) {
	const longest = 1000
	var out []byte
	for {
		c, err := r.byte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return string(out), nil
		}
		if out = append(out, c); len(out) > longest {
			return "", fmt.Errorf("the name of a class has more than %d bytes", longest)
		}
	}
}

func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return err
}
