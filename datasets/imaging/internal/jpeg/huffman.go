package jpeg

import "errors"

var errData = errors.New("the compressed data is damaged")

// lookBits is the length of codes that one look-up decodes.
const lookBits = 8

// huffman is a table of codes.
type huffman struct {
	look    [1 << lookBits]uint16 // value<<8 | length of the code that these bits begin with; 0 if it is longer
	maxCode [18]int32             // the largest code of each length, -1 if there is none
	offset  [17]int32             // what to add to a code of this length to get the index of its value
	values  []byte
}

// readHuffman reads tables: the number of codes of each length, then the values in the order of their codes.
func (d *decoder) readHuffman(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 {
			return errors.New("a Huffman table is cut short")
		}
		class, number := body[0]>>4, body[0]&15
		counts := body[1:17]
		n := 0
		for _, count := range counts {
			n += int(count)
		}
		if class > 1 || number > 3 || n > 256 || len(body) < 17+n {
			return errors.New("a Huffman table is damaged")
		}
		table, err := newHuffman(counts, body[17:17+n])
		if err != nil {
			return err
		}
		if class == 0 {
			d.dcTables[number] = table
		} else {
			d.acTables[number] = table
		}
		body = body[17+n:]
	}
	return nil
}

// newHuffman numbers the codes: those of one length count up, and the next length goes on with the double.
func newHuffman(counts, values []byte) (*huffman, error) {
	t := &huffman{values: append([]byte(nil), values...)}
	code, index := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		count := int32(counts[length-1])
		t.offset[length] = index - code
		t.maxCode[length] = -1
		if count > 0 {
			if code+count > 1<<length {
				return nil, errors.New("a Huffman table has too many codes")
			}
			if length <= lookBits {
				for i := range count {
					first := (code + i) << (lookBits - length)
					for k := range int32(1) << (lookBits - length) {
						t.look[first+k] = uint16(values[index+i])<<8 | uint16(length)
					}
				}
			}
			code, index = code+count, index+count
			t.maxCode[length] = code - 1
		}
		code <<= 1
	}
	return t, nil
}

// bitReader reads the entropy-coded part of a scan, in which 0xff 0x00 stands for 0xff and any other byte after 0xff is
// a marker that ends it. Beyond the end zeros come, which are counted.
type bitReader struct {
	data []byte
	at   int    // the next byte
	acc  uint64 // bits read and not used, the last n
	n    int
	zero int // how many of the bits that were read lie beyond the end
}

// fill reads bytes until there are more than 48 bits.
func (b *bitReader) fill() {
	for b.n <= 48 {
		var v byte
		switch {
		case b.at >= len(b.data):
			b.zero += 8
		case b.data[b.at] != 0xff:
			v = b.data[b.at]
			b.at++
		case b.at+1 < len(b.data) && b.data[b.at+1] == 0:
			v = 0xff
			b.at += 2
		default: // a marker
			b.zero += 8
		}
		b.acc = b.acc<<8 | uint64(v)
		b.n += 8
	}
}

// overrun tells whether bits beyond the end have been used.
func (b *bitReader) overrun() bool { return b.n < b.zero }

// bits reads up to 16 bits.
func (b *bitReader) bits(count int) int32 {
	if b.n < count {
		b.fill()
	}
	b.n -= count
	return int32(b.acc>>b.n) & (1<<count - 1)
}

// signed reads a number of so many bits as JPEG writes them: those below half the range are negative.
func (b *bitReader) signed(count int) int32 {
	if count == 0 {
		return 0
	}
	v := b.bits(count)
	if v < 1<<(count-1) {
		v += 1 - 1<<count
	}
	return v
}

// symbol decodes one code.
func (b *bitReader) symbol(t *huffman) (byte, error) {
	if b.n < 16 {
		b.fill()
	}
	if entry := t.look[b.acc>>(b.n-lookBits)&(1<<lookBits-1)]; entry != 0 {
		b.n -= int(entry & 0xff)
		return byte(entry >> 8), nil
	}
	for length := lookBits + 1; length <= 16; length++ {
		code := int32(b.acc>>(b.n-length)) & (1<<length - 1)
		if code <= t.maxCode[length] {
			b.n -= length
			return t.values[code+t.offset[length]], nil
		}
	}
	return 0, errData
}

// restart skips to the byte after the next restart marker, which must have the expected number of 0..7.
func (b *bitReader) restart(number int) error {
	if b.overrun() {
		return errData
	}
	b.acc, b.n, b.zero = 0, 0, 0
	for b.at+1 < len(b.data) {
		if b.data[b.at] != 0xff || b.data[b.at+1] == 0xff {
			b.at++
			continue
		}
		if b.data[b.at+1] != markerRST0+byte(number) {
			return errors.New("a restart marker is missing")
		}
		b.at += 2
		return nil
	}
	return errors.New("the file is cut short")
}
