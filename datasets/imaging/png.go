package imaging

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// The parts of the PNG format that the standard library leaves out: text chunks (PNG specification, third edition,
// section 11.3.3).
const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	pngHeader    = len(pngSignature) + 8 + 13 + 4 // signature and the whole IHDR chunk
	maxTextChunk = 1 << 20                        // no text of a picture of ours comes near; larger ones are skipped
	maxTextAll   = 8 << 20                        // what one file's texts may hold together
)

// EncodePNG writes img as a PNG whose text chunks hold text: tEXt where the value is Latin-1, iTXt (UTF-8) otherwise,
// in the order of their keywords, so that equal input gives equal bytes. A keyword must have 1 to 79 printable Latin-1
// characters without leading, trailing or double spaces; a value must be valid UTF-8 without NUL.
func EncodePNG(w io.Writer, img image.Image, text map[string]string) error {
	var chunks bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(text)) {
		if err := appendText(&chunks, key, text[key]); err != nil {
			return err
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return fmt.Errorf("imaging: encode PNG: %w", err)
	}
	encoded := buf.Bytes()
	for _, part := range [][]byte{encoded[:pngHeader], chunks.Bytes(), encoded[pngHeader:]} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("imaging: write PNG: %w", err)
		}
	}
	return nil
}

// appendText appends the chunk of one keyword.
func appendText(buf *bytes.Buffer, key, value string) error {
	latinKey, ok := toLatin1(key)
	if !ok || len(latinKey) < 1 || len(latinKey) > 79 || strings.TrimSpace(key) != key || strings.Contains(key, "  ") ||
		strings.ContainsFunc(key, func(r rune) bool { return r < 32 || r >= 127 && r <= 160 }) {
		return fmt.Errorf("imaging: PNG keyword %q: want 1 to 79 printable Latin-1 characters, single spaces inside", key)
	}
	if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
		return fmt.Errorf("imaging: the PNG text of %q holds NUL or invalid UTF-8", key)
	}
	if len(value) > maxTextChunk/2 {
		return fmt.Errorf("imaging: the PNG text of %q has %d bytes: at most %d", key, len(value), maxTextChunk/2)
	}
	kind, data := "tEXt", append(latinKey, 0)
	if latin, ok := toLatin1(value); ok {
		data = append(data, latin...)
	} else {
		// Not compressed, no language, no translated keyword.
		kind, data = "iTXt", append(append(data, 0, 0, 0, 0), value...)
	}
	writeChunk(buf, kind, data)
	return nil
}

// writeChunk appends length, type, data and CRC.
func writeChunk(buf *bytes.Buffer, kind string, data []byte) {
	start := buf.Len() + 4
	var word [4]byte
	binary.BigEndian.PutUint32(word[:], uint32(len(data)))
	buf.Write(word[:])
	buf.WriteString(kind)
	buf.Write(data)
	binary.BigEndian.PutUint32(word[:], crc32.ChecksumIEEE(buf.Bytes()[start:]))
	buf.Write(word[:])
}

// PNGText returns the text chunks (tEXt, zTXt, iTXt) of a PNG by keyword; where one occurs twice, the last counts. It
// reads to the end of the file, decodes no pixels, and skips texts of more than 1 MiB. The error names what is not as
// a PNG should be.
func PNGText(r io.Reader) (map[string]string, error) {
	in := bufio.NewReader(r)
	signature := make([]byte, len(pngSignature))
	if _, err := io.ReadFull(in, signature); err != nil || string(signature) != pngSignature {
		return nil, errors.New("imaging: not a PNG file")
	}
	text := map[string]string{}
	total := 0
	for {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return nil, fmt.Errorf("imaging: the PNG ends before its IEND chunk: %w", err)
		}
		length, kind := int64(binary.BigEndian.Uint32(head[:4])), string(head[4:])
		if length > 1<<31-1 {
			return nil, fmt.Errorf("imaging: the PNG has a chunk of %d bytes", length)
		}
		isText := kind == "tEXt" || kind == "zTXt" || kind == "iTXt"
		if kind == "IEND" {
			return text, nil
		}
		if !isText || length > maxTextChunk {
			if _, err := io.CopyN(io.Discard, in, length+4); err != nil {
				return nil, fmt.Errorf("imaging: the PNG ends inside a chunk: %w", err)
			}
			continue
		}
		data := make([]byte, length+4)
		if _, err := io.ReadFull(in, data); err != nil {
			return nil, fmt.Errorf("imaging: the PNG ends inside a %s chunk: %w", kind, err)
		}
		body, sum := data[:length], binary.BigEndian.Uint32(data[length:])
		if crc := crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, body); crc != sum {
			return nil, fmt.Errorf("imaging: the %s chunk of the PNG is damaged", kind)
		}
		key, value, err := parseText(kind, body)
		if err != nil {
			return nil, err
		}
		if total += len(value); total > maxTextAll {
			return nil, fmt.Errorf("imaging: the texts of the PNG exceed %d bytes", maxTextAll)
		}
		text[key] = value
	}
}

// parseText splits the body of a text chunk.
func parseText(kind string, body []byte) (key, value string, err error) {
	rawKey, rest, ok := bytes.Cut(body, []byte{0})
	if !ok || len(rawKey) == 0 {
		return "", "", fmt.Errorf("imaging: a %s chunk of the PNG has no keyword", kind)
	}
	compressed := false
	switch kind {
	case "zTXt":
		if len(rest) < 1 || rest[0] != 0 {
			return "", "", fmt.Errorf("imaging: unknown compression in a %s chunk of the PNG", kind)
		}
		compressed, rest = true, rest[1:]
	case "iTXt":
		if len(rest) < 2 || rest[1] != 0 {
			return "", "", fmt.Errorf("imaging: unknown compression in a %s chunk of the PNG", kind)
		}
		compressed, rest = rest[0] == 1, rest[2:]
		for range 2 { // language and translated keyword
			if _, rest, ok = bytes.Cut(rest, []byte{0}); !ok {
				return "", "", fmt.Errorf("imaging: a %s chunk of the PNG is cut short", kind)
			}
		}
	}
	if compressed {
		if rest, err = inflate(rest); err != nil {
			return "", "", fmt.Errorf("imaging: a %s chunk of the PNG: %w", kind, err)
		}
	}
	if kind == "iTXt" {
		return fromLatin1(rawKey), strings.ToValidUTF8(string(rest), "\uFFFD"), nil
	}
	return fromLatin1(rawKey), fromLatin1(rest), nil
}

// inflate decompresses at most maxTextChunk bytes.
func inflate(data []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, maxTextChunk+1))
	if err == nil && len(out) > maxTextChunk {
		err = fmt.Errorf("the text exceeds %d bytes", maxTextChunk)
	}
	return out, err
}

// toLatin1 gives one byte for each character, if every character is Latin-1.
func toLatin1(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s)+1)
	for _, r := range s {
		if r > 255 {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, utf8.ValidString(s)
}

// fromLatin1 gives one character for each byte.
func fromLatin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
