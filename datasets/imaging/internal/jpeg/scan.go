package jpeg

import (
	"errors"
	"fmt"
)

// zigzag gives the place in natural order (row by row) of the coefficient that comes k-th.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// scan is one pass over some components; in a progressive file it brings the coefficients first..last, above or at bit
// low, of which the bits above high are there already (high 0: none).
type scan struct {
	d           *decoder
	components  []*component
	bits        bitReader
	first, last int
	high, low   int
	skip        int // blocks that the end-of-band run still covers
}

// scan reads the header of a scan and its data.
func (d *decoder) scan(data []byte) error {
	if d.components == nil {
		return errors.New("there is no frame before the data")
	}
	if d.scans++; d.scans > maxScans {
		return fmt.Errorf("there are more than %d scans", maxScans)
	}
	body, err := payload(d.in)
	if err != nil {
		return err
	}
	if d.unitsX == 0 {
		if err := d.allocate(len(data)); err != nil {
			return err
		}
	}
	s := &scan{d: d}
	if err := s.readHeader(body); err != nil {
		return err
	}
	start := len(data) - d.in.Len()
	s.bits = bitReader{data: data, at: start}
	if err := s.run(); err != nil {
		return err
	}
	_, err = d.in.Seek(int64(s.bits.at), 0)
	return err
}

// readHeader chooses components, tables and the band.
func (s *scan) readHeader(body []byte) error {
	errHeader := errors.New("the header of a scan is damaged")
	if len(body) < 1 || len(body) != 4+2*int(body[0]) || body[0] < 1 || body[0] > 4 {
		return errHeader
	}
	blocks := 0
	for i := range int(body[0]) {
		id, tables := int(body[1+2*i]), body[2+2*i]
		c := s.d.find(id)
		if c == nil || tables>>4 > 3 || tables&15 > 3 {
			return errHeader
		}
		for _, other := range s.components {
			if other == c {
				return errHeader
			}
		}
		c.dcTable, c.acTable, c.dc = s.d.dcTables[tables>>4], s.d.acTables[tables&15], 0
		if c.quant == nil {
			if c.quant = s.d.quant[c.tq]; c.quant == nil {
				return errors.New("a quantization table is missing")
			}
		}
		s.components = append(s.components, c)
		blocks += c.h * c.v
	}
	if len(s.components) > 1 && blocks > 10 {
		return errHeader
	}
	tail := body[len(body)-3:]
	s.first, s.last, s.high, s.low = int(tail[0]), int(tail[1]), int(tail[2]>>4), int(tail[2]&15)
	if !s.d.progressive {
		s.first, s.last, s.high, s.low = 0, 63, 0, 0
	}
	dcOnly := s.first == 0 && s.last == 0
	acOnly := s.first > 0 && s.last >= s.first && s.last <= 63 && len(s.components) == 1
	if s.d.progressive && !dcOnly && !acOnly || s.low > 13 || s.high > 0 && s.high != s.low+1 {
		return errHeader
	}
	return s.checkTables()
}

func (d *decoder) find(id int) *component {
	for _, c := range d.components {
		if c.id == id {
			return c
		}
	}
	return nil
}

// checkTables finds tables that the data will need and that have not come.
func (s *scan) checkTables() error {
	for _, c := range s.components {
		needDC := s.first == 0 && s.high == 0
		if needDC && c.dcTable == nil || s.last > 0 && c.acTable == nil {
			return errors.New("a Huffman table is missing")
		}
	}
	return nil
}

// run decodes all units. A scan of one component goes through the blocks that hold its samples, row by row; one of
// several through units, each of which holds h*v blocks of each component.
func (s *scan) run() error {
	unitsX, unitsY := s.d.unitsX, s.d.unitsY
	if len(s.components) == 1 {
		unitsX, unitsY = ceilDiv(s.components[0].width, 8), ceilDiv(s.components[0].height, 8)
	}
	for unit := range unitsX * unitsY {
		if s.d.restart > 0 && unit > 0 && unit%s.d.restart == 0 {
			if err := s.bits.restart((unit/s.d.restart - 1) % 8); err != nil {
				return err
			}
			s.skip = 0
			for _, c := range s.components {
				c.dc = 0
			}
		}
		if err := s.unit(unit%unitsX, unit/unitsX); err != nil {
			return err
		}
		if s.bits.overrun() {
			return errors.New("the compressed data is cut short")
		}
	}
	return nil
}

// unit decodes the blocks of one unit.
func (s *scan) unit(x, y int) error {
	if len(s.components) == 1 {
		return s.block(s.components[0], x, y)
	}
	for _, c := range s.components {
		for v := range c.v {
			for h := range c.h {
				if err := s.block(c, x*c.h+h, y*c.v+v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// block decodes one block; of a sequential file it makes samples at once, of a progressive one it keeps coefficients.
func (s *scan) block(c *component, x, y int) error {
	if !s.d.progressive {
		var coefficients [64]int32
		if err := s.sequential(c, &coefficients); err != nil {
			return err
		}
		inverse(c.plane[8*y*c.stride+8*x:], c.stride, &coefficients)
		return nil
	}
	at := 64 * (y*c.blocksX + x)
	coefficients := (*[64]int16)(c.coefficients[at : at+64])
	switch {
	case s.first == 0 && s.high == 0:
		return s.dcFirst(c, coefficients)
	case s.first == 0:
		if s.bits.bits(1) != 0 {
			coefficients[0] |= 1 << s.low
		}
		return nil
	case s.high == 0:
		return s.acFirst(c, coefficients)
	}
	return s.acRefine(c, coefficients)
}

// sequential decodes a whole block and multiplies by the quantization table.
func (s *scan) sequential(c *component, out *[64]int32) error {
	size, err := s.bits.symbol(c.dcTable)
	if err != nil {
		return err
	}
	if size > 15 {
		return errData
	}
	c.dc += s.bits.signed(int(size))
	out[0] = c.dc * c.quant[0]
	for k := 1; k < 64; k++ {
		symbol, err := s.bits.symbol(c.acTable)
		if err != nil {
			return err
		}
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 {
			if run != 15 {
				return nil // the rest is zero
			}
			k += 15
			continue
		}
		if k += run; k > 63 {
			return errData
		}
		z := zigzag[k]
		out[z] = s.bits.signed(size) * c.quant[z]
	}
	return nil
}
