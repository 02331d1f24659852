package main

import (
	"fmt"
	"image"
	"io"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/metrics"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// draw writes the grid.
func (n *nearest) draw(near *metrics.Neighbours, fakes, reals metrics.Images) error {
	order := byDistance(near)
	order = order[:min(n.rows, len(order))]
	pictures, err := metrics.Pick(fakes, order)
	if err != nil {
		return err
	}
	labels, rows := make([]string, len(order)), make([][]image.Image, len(order))
	for r, i := range order {
		index, distance := near.At(i)
		found, err := metrics.Pick(reals, index)
		if err != nil {
			return err
		}
		labels[r] = fmt.Sprintf("%.4g", distance[0])
		rows[r] = append([]image.Image{pictures[r], blank(pictures[r])}, found...)
	}
	picture, err := figures.Rows(labels, tiles(rows))
	if err != nil {
		return err
	}
	text := map[string]string{"extractor": near.Kind.Extractor, "version": gan.Version}
	return writeFile(n.grid, func(w io.Writer) error { return imaging.EncodePNG(w, picture, text) })
}

// blank is a white picture of the size of another: it keeps a generated picture apart from real ones.
func blank(like image.Image) image.Image {
	m := imaging.NewImage8(like.Bounds().Dy(), like.Bounds().Dx(), 1)
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	return m.Image()
}

// largestTile is how many pixels a side of a picture in the grid has at most.
const largestTile = 112

// tiles makes pictures of any sizes squares of one: larger ones are made smaller, smaller ones stand on black.
func tiles(rows [][]image.Image) [][]image.Image {
	side := 0
	small := func(img image.Image) *imaging.Image8 {
		m := imaging.ToImage8(img, imaging.Channels(img))
		if longest := max(m.H, m.W); longest > largestTile {
			m = imaging.Resize(m, max(1, m.W*largestTile/longest), max(1, m.H*largestTile/longest), imaging.Lanczos)
		}
		side = max(side, m.H, m.W)
		return m
	}
	shrunk := make([][]*imaging.Image8, len(rows))
	for r, row := range rows {
		for _, img := range row {
			shrunk[r] = append(shrunk[r], small(img))
		}
	}
	out := make([][]image.Image, len(rows))
	for r, row := range shrunk {
		for _, m := range row {
			out[r] = append(out[r], imaging.Pad(m, side, side).Image())
		}
	}
	return out
}
