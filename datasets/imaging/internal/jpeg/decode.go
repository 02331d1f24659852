// Package jpeg decodes baseline and progressive JPEG files to the pixels that libjpeg-turbo gives by default, by which
// the Python programs decode that metrics are compared with: the same integer cosine transform, triangle upsampling of
// the chroma, and fixed-point conversion of colours.
//
// The decoder of Go's standard library rounds its transform otherwise and repeats chroma samples, which is up to 43
// levels away at 4:2:0; nor does it know all sampling factors.
//
// Formats: ITU-T T.81 (JPEG), T.871 (JFIF), and Adobe's APP14 marker (T.872). Not supported, with an error that says so:
// arithmetic coding, lossless and hierarchical processes, 12-bit samples, and heights given by a DNL marker.
package jpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// Markers, the bytes after 0xff.
const (
	markerSOF0 = 0xc0 // baseline
	markerSOF1 = 0xc1 // extended sequential
	markerSOF2 = 0xc2 // progressive
	markerDHT  = 0xc4
	markerSOFF = 0xcf // the last of the start-of-frame range, which holds DHT, JPG and DAC too
	markerJPG  = 0xc8
	markerDAC  = 0xcc
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerDQT  = 0xdb
	markerDRI  = 0xdd
	markerAPP0 = 0xe0
	markerAPPE = 0xee
	markerTEM  = 0x01
)

// maxScans bounds the work that a small file can ask for; encoders write about ten.
const maxScans = 256

// component is one of the colours.
type component struct {
	id, h, v, tq     int // identifier, sampling factors, number of the quantization table
	blocksX, blocksY int // whole blocks in memory, up to the edge of the last unit
	width, height    int // samples that belong to the picture
	plane            []uint8
	stride           int
	coefficients     []int16 // of progressive files, 64 for each block, in natural order
	quant            *[64]int32
	dc               int32 // the prediction of the next block
	dcTable, acTable *huffman
}

// decoder holds what the markers said.
type decoder struct {
	in                    *bytes.Reader
	quant                 [4]*[64]int32
	dcTables, acTables    [4]*huffman
	width, height         int
	components            []*component
	maxH, maxV            int
	progressive           bool
	restart               int // units between restart markers, 0 for none
	jfif, adobe           bool
	adobeTransform        byte
	unitsX, unitsY, scans int
}

// Decode returns image.Gray, image.NRGBA (opaque) or image.CMYK (255 is full ink). The caller bounds the size by
// DecodeConfig; a file that is too short for its size is refused before memory is allocated.
func Decode(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	d := &decoder{in: bytes.NewReader(data)}
	if err := d.start(d.in); err != nil {
		return nil, err
	}
	for {
		marker, err := nextMarker(d.in)
		if err != nil {
			if d.complete() && !d.progressive {
				break // only the end marker is missing
			}
			return nil, err
		}
		if marker == markerEOI {
			break
		}
		if marker == markerSOS {
			err = d.scan(data)
		} else {
			err = d.segment(d.in, marker)
		}
		if err != nil {
			return nil, err
		}
	}
	if !d.complete() {
		return nil, errors.New("the file ends before all colours have come")
	}
	return d.picture()
}

// DecodeConfig reads up to the start of the frame and returns the size and the colour model of what Decode returns.
func DecodeConfig(r io.Reader) (image.Config, error) {
	in, ok := r.(byteReader)
	if !ok {
		in = &oneByte{Reader: r}
	}
	d := &decoder{}
	if err := d.start(in); err != nil {
		return image.Config{}, err
	}
	for d.components == nil {
		marker, err := nextMarker(in)
		if err != nil {
			return image.Config{}, err
		}
		if marker == markerEOI || marker == markerSOS {
			return image.Config{}, errors.New("there is no frame before the data")
		}
		if err := d.segment(in, marker); err != nil {
			return image.Config{}, err
		}
	}
	models := map[int]color.Model{1: color.GrayModel, 3: color.NRGBAModel, 4: color.CMYKModel}
	return image.Config{ColorModel: models[len(d.components)], Width: d.width, Height: d.height}, nil
}

// byteReader is what markers are read from.
type byteReader interface {
	io.Reader
	io.ByteReader
}

// oneByte reads single bytes without reading ahead.
type oneByte struct {
	io.Reader
	buf [1]byte
}

func (o *oneByte) ReadByte() (byte, error) {
	_, err := io.ReadFull(o.Reader, o.buf[:])
	return o.buf[0], err
}

// start reads the marker with which every file begins.
func (d *decoder) start(in byteReader) error {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || head != [2]byte{0xff, markerSOI} {
		return errors.New("it does not begin as a JPEG")
	}
	return nil
}

// nextMarker skips to the next marker; what lies between segments is ignored.
func nextMarker(in byteReader) (byte, error) {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, cutShort(err)
		}
		if b != 0xff {
			continue
		}
		for b == 0xff {
			if b, err = in.ReadByte(); err != nil {
				return 0, cutShort(err)
			}
		}
		if b != 0 && b != markerTEM && (b < markerRST0 || b > markerRST7) {
			return b, nil
		}
	}
}

func cutShort(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the file is cut short")
	}
	return err
}

// payload reads the length of a segment and then its content.
func payload(in byteReader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return nil, cutShort(err)
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n < 2 {
		return nil, fmt.Errorf("a segment has the length %d", n)
	}
	body := make([]byte, n-2)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, cutShort(err)
	}
	return body, nil
}

// segment reads what follows a marker other than that of a scan.
func (d *decoder) segment(in byteReader, marker byte) error {
	body, err := payload(in)
	if err != nil {
		return err
	}
	switch {
	case marker == markerDQT:
		return d.readQuant(body)
	case marker == markerDHT:
		return d.readHuffman(body)
	case marker == markerSOF0 || marker == markerSOF1 || marker == markerSOF2:
		d.progressive = marker == markerSOF2
		return d.readFrame(body)
	case marker == markerDAC || marker > markerJPG && marker <= markerSOFF:
		return errors.New("arithmetic coding is not supported")
	case marker > markerSOF2 && marker < markerJPG:
		return errors.New("lossless and hierarchical processes are not supported")
	case marker == markerDRI:
		if len(body) != 2 {
			return errors.New("the restart interval is damaged")
		}
		d.restart = int(binary.BigEndian.Uint16(body))
	case marker == markerAPP0:
		d.jfif = d.jfif || bytes.HasPrefix(body, []byte("JFIF\x00"))
	case marker == markerAPPE:
		if len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")) {
			d.adobe, d.adobeTransform = true, body[11]
		}
	}
	return nil
}

// readQuant reads quantization tables, which come in zigzag order with 8 or 16 bits.
func (d *decoder) readQuant(body []byte) error {
	for len(body) > 0 {
		wide, number := int(body[0]>>4), int(body[0]&15)
		size := 64 << wide
		if wide > 1 || number > 3 || len(body) < 1+size {
			return errors.New("a quantization table is damaged")
		}
		table := new([64]int32)
		for i := range 64 {
			if wide == 0 {
				table[zigzag[i]] = int32(body[1+i])
			} else {
				table[zigzag[i]] = int32(binary.BigEndian.Uint16(body[1+2*i:]))
			}
		}
		d.quant[number] = table
		body = body[1+size:]
	}
	return nil
}

// readFrame reads size and components.
func (d *decoder) readFrame(body []byte) error {
	if d.components != nil {
		return errors.New("there are two frames")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return errors.New("the frame header is damaged")
	}
	if body[0] != 8 {
		return fmt.Errorf("samples of %d bits are not supported", body[0])
	}
	d.height, d.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if d.height == 0 || d.width == 0 {
		return fmt.Errorf("the frame has %dx%d pixels", d.width, d.height)
	}
	n := int(body[5])
	if n != 1 && n != 3 && n != 4 {
		return fmt.Errorf("%d colour components are not supported", n)
	}
	for i := range n {
		c := &component{id: int(body[6+3*i]), h: int(body[7+3*i] >> 4), v: int(body[7+3*i] & 15), tq: int(body[8+3*i])}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.tq > 3 {
			return errors.New("a component of the frame is damaged")
		}
		for _, other := range d.components {
			if other.id == c.id {
				return errors.New("two components have one number")
			}
		}
		d.components = append(d.components, c)
		d.maxH, d.maxV = max(d.maxH, c.h), max(d.maxV, c.v)
	}
	for _, c := range d.components {
		if d.maxH%c.h != 0 || d.maxV%c.v != 0 {
			return errors.New("sampling factors that do not divide each other are not supported")
		}
	}
	return nil
}

// allocate makes the planes once the first scan comes. Each block takes at least one bit of the file.
func (d *decoder) allocate(fileSize int) error {
	blocks := 0
	d.unitsX, d.unitsY = ceilDiv(d.width, 8*d.maxH), ceilDiv(d.height, 8*d.maxV)
	for _, c := range d.components {
		c.blocksX, c.blocksY = d.unitsX*c.h, d.unitsY*c.v
		if blocks += c.blocksX * c.blocksY; blocks > 8*fileSize {
			return fmt.Errorf("the file is too short for %dx%d pixels", d.width, d.height)
		}
		c.width, c.height = ceilDiv(d.width*c.h, d.maxH), ceilDiv(d.height*c.v, d.maxV)
		c.stride = 8 * c.blocksX
		c.plane = make([]uint8, c.stride*8*c.blocksY)
		if d.progressive {
			c.coefficients = make([]int16, 64*c.blocksX*c.blocksY)
		}
	}
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// complete tells whether every component has had a scan.
func (d *decoder) complete() bool {
	for _, c := range d.components {
		if c.quant == nil {
			return false
		}
	}
	return d.components != nil
}
