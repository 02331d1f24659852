package figures

import (
	"fmt"
	"image"
	"image/draw"
)

// rowsWidth is about how wide the picture of [Rows] gets at most: a notebook's column.
const rowsWidth = 860

// Rows puts pictures of one size into rows, each behind its label, as many of each as there is room for. Small pictures are
// enlarged by a whole factor, without interpolation. It returns an error if the sizes differ.
func Rows(labels []string, rows [][]image.Image) (image.Image, error) {
	if len(labels) != len(rows) || len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fmt.Errorf("figures: %d labels for %d rows of pictures", len(labels), len(rows))
	}
	size := rows[0][0].Bounds().Size()
	longest := 0
	var all []image.Image
	for _, row := range rows {
		for _, img := range row {
			if img.Bounds().Size() != size {
				return nil, fmt.Errorf("figures: pictures of %v and of %v pixels in one figure", size, img.Bounds().Size())
			}
			all = append(all, img)
		}
		longest = max(longest, len(row))
	}
	label := newLabeller()
	const gap, margin = 4, 8
	side := 2 * margin
	for _, text := range labels {
		side = max(side, label.width(text)+2*margin)
	}
	scale := max(1, 56/max(size.X, size.Y))
	w, h := size.X*scale, size.Y*scale
	longest = max(1, min(longest, (rowsWidth-side)/(w+gap)))
	out := blank(side+longest*(w+gap)-gap, len(rows)*(h+gap)-gap, all...)
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	for r, row := range rows {
		top := r * (h + gap)
		label.write(out, side-margin-label.width(labels[r]), top+h/2, labels[r])
		for c, img := range row[:min(longest, len(row))] {
			paste(out, side+c*(w+gap), top, img, scale)
		}
	}
	return out, nil
}
