package imaging

// Grid sets pictures in rows of `columns`, `gap` white pixels between them and none around. Each cell has the size of
// the largest picture; smaller ones stand in the middle of theirs, on white. The result has the most channels that any
// of them has; grey is replicated. With columns <= 0 the grid is about square. No pictures give a picture of no pixels.
func Grid(images []*Image8, columns, gap int) *Image8 {
	n := len(images)
	if n == 0 {
		return NewImage8(0, 0, 1)
	}
	if columns <= 0 {
		for columns = 1; columns*columns < n; columns++ {
		}
	}
	columns, gap = min(columns, n), max(gap, 0)
	var cellH, cellW, channels int
	for _, m := range images {
		cellH, cellW, channels = max(cellH, m.H), max(cellW, m.W), max(channels, m.C)
	}
	rows := (n + columns - 1) / columns
	out := NewImage8(rows*cellH+(rows-1)*gap, columns*cellW+(columns-1)*gap, channels)
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	for i, m := range images {
		top := i/columns*(cellH+gap) + (cellH-m.H)/2
		left := i%columns*(cellW+gap) + (cellW-m.W)/2
		for y := range m.H {
			dst := out.Pix[((top+y)*out.W+left)*channels:]
			for x := range m.W {
				widen(dst[x*channels:(x+1)*channels], m.Pix[(y*m.W+x)*m.C:(y*m.W+x+1)*m.C])
			}
		}
	}
	return out
}

// widen copies one pixel to at least as many channels.
func widen(dst, src []uint8) {
	switch {
	case len(dst) == len(src):
		copy(dst, src)
	case len(src) == 1:
		dst[0], dst[1], dst[2] = src[0], src[0], src[0]
	default:
		copy(dst, src[:3])
	}
	if len(dst) == 4 && len(src) < 4 {
		dst[3] = 255
	}
}
