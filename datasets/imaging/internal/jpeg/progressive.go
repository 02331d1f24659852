package jpeg

// The three codings of a progressive file beside the refinement of DC, which is one bit (T.81, annex G).

// dcFirst brings the upper bits of DC, predicted from the block before.
func (s *scan) dcFirst(c *component, out *[64]int16) error {
	size, err := s.bits.symbol(c.dcTable)
	if err != nil {
		return err
	}
	if size > 15 {
		return errData
	}
	c.dc += s.bits.signed(int(size))
	out[0] = int16(c.dc << s.low)
	return nil
}

// acFirst brings the upper bits of a band. Runs of blocks whose band is (or ends as) zero are coded as one symbol.
func (s *scan) acFirst(c *component, out *[64]int16) error {
	if s.skip > 0 {
		s.skip--
		return nil
	}
	for k := s.first; k <= s.last; k++ {
		symbol, err := s.bits.symbol(c.acTable)
		if err != nil {
			return err
		}
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 {
			if run < 15 {
				s.skip = 1<<run - 1 + int(s.bits.bits(run))
				return nil
			}
			k += 15
			continue
		}
		if k += run; k > s.last {
			return errData
		}
		out[zigzag[k]] = int16(s.bits.signed(size) << s.low)
	}
	return nil
}

// acRefine brings one more bit of a band: for coefficients that are not zero yet a bit whether they grow, between them
// new coefficients of plus or minus one unit. The runs count only the zeros.
func (s *scan) acRefine(c *component, out *[64]int16) error {
	unit := int16(1) << s.low
	k := s.first
	if s.skip == 0 {
		for ; k <= s.last; k++ {
			symbol, err := s.bits.symbol(c.acTable)
			if err != nil {
				return err
			}
			run, size := int(symbol>>4), int(symbol&15)
			value := int16(0)
			switch {
			case size == 1:
				value = -unit
				if s.bits.bits(1) != 0 {
					value = unit
				}
			case size != 0:
				return errData
			case run < 15:
				s.skip = 1<<run + int(s.bits.bits(run)) // this block included
			}
			if s.skip > 0 {
				break
			}
			if k = s.grow(out, k, run, unit); k > s.last {
				if value != 0 {
					return errData
				}
				break
			}
			if value != 0 {
				out[zigzag[k]] = value
			}
		}
	}
	if s.skip > 0 {
		s.skip--
		s.grow(out, k, 64, unit)
	}
	return nil
}

// grow reads a bit for each coefficient from k on that is not zero, until it has passed `zeros` zeros, and returns
// where the next zero is.
func (s *scan) grow(out *[64]int16, k, zeros int, unit int16) int {
	for ; k <= s.last; k++ {
		v := &out[zigzag[k]]
		if *v == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		if s.bits.bits(1) == 0 || *v&unit != 0 {
			continue
		}
		if *v > 0 {
			*v += unit
		} else {
			*v -= unit
		}
	}
	return k
}
