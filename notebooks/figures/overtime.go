package figures

import (
	"errors"
	"fmt"
	"image"
	"image/draw"

	plotfont "gonum.org/v1/plot/font"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// Grid is a picture of tiles of one size in rows, with a gap between them and none around, as a run's samples are.
type Grid struct {
	Image image.Image
	TileW int // pixels
	TileH int
	Gap   int
	Label string // such as "50k"
}

// Tiles cuts the grid into its tiles, row by row. It returns an error if the picture is no grid of such tiles.
func (g Grid) Tiles() ([]image.Image, error) {
	b := g.Image.Bounds()
	stepX, stepY := g.TileW+g.Gap, g.TileH+g.Gap
	if g.TileW <= 0 || g.TileH <= 0 || b.Dx() < g.TileW || b.Dy() < g.TileH ||
		(b.Dx()+g.Gap)%stepX != 0 || (b.Dy()+g.Gap)%stepY != 0 {
		return nil, fmt.Errorf("figures: a picture of %dx%d pixels is no grid of tiles of %dx%d with gaps of %d",
			b.Dx(), b.Dy(), g.TileW, g.TileH, g.Gap)
	}
	var out []image.Image
	for y := b.Min.Y; y < b.Max.Y; y += stepY {
		for x := b.Min.X; x < b.Max.X; x += stepX {
			tile := blank(g.TileW, g.TileH, g.Image)
			draw.Draw(tile, tile.Bounds(), g.Image, image.Pt(x, y), draw.Src)
			out = append(out, tile)
		}
	}
	return out, nil
}

// OverTime puts the first tiles of each grid into a row behind its label, one row a grid, so that a column shows how one
// fixed latent changes. Small tiles are enlarged by a whole factor, without interpolation.
func OverTime(grids []Grid) (image.Image, error) {
	if len(grids) == 0 {
		return nil, errors.New("figures: no grid to show over time")
	}
	rows := make([][]image.Image, len(grids))
	fewest := 0
	for i, g := range grids {
		tiles, err := g.Tiles()
		if err != nil {
			return nil, err
		}
		if fewest == 0 || len(tiles) < fewest {
			fewest = len(tiles)
		}
		rows[i] = tiles
	}
	labels := make([]string, len(grids))
	for i, g := range grids {
		labels[i], rows[i] = g.Label, rows[i][:fewest]
	}
	return Rows(labels, rows)
}

// Enlarge returns the picture with every pixel repeated factor times in both directions.
func Enlarge(img image.Image, factor int) image.Image {
	b := img.Bounds()
	out := blank(b.Dx()*factor, b.Dy()*factor, img)
	paste(out, 0, 0, img, factor)
	return out
}

// blank returns an empty picture that can hold what `from` holds: a grey one, which takes a quarter of the bytes, if they
// all are.
func blank(w, h int, from ...image.Image) draw.Image {
	for _, img := range from {
		if _, grey := img.(*image.Gray); !grey {
			return image.NewRGBA(image.Rect(0, 0, w, h))
		}
	}
	return image.NewGray(image.Rect(0, 0, w, h))
}

// paste copies img to (left, top) of dst, every pixel scale times in both directions.
func paste(dst draw.Image, left, top int, img image.Image, scale int) {
	b := img.Bounds()
	for y := range b.Dy() * scale {
		for x := range b.Dx() * scale {
			dst.Set(left+x, top+y, img.At(b.Min.X+x/scale, b.Min.Y+y/scale))
		}
	}
}

// labeller writes with the font of the plots.
type labeller struct{ font.Drawer }

func newLabeller() *labeller {
	face := plotfont.DefaultCache.Lookup(sans(textSize), textSize)
	return &labeller{font.Drawer{Src: image.NewUniform(ink), Face: face.FontFace(dpi)}}
}

func (l *labeller) width(text string) int { return l.MeasureString(text).Ceil() }

// write writes text from x on, with the middle of its digits at height y.
func (l *labeller) write(dst draw.Image, x, y int, text string) {
	bounds, _ := font.BoundString(l.Face, "0")
	l.Dst = dst
	l.Dot = fixed.P(x, y-(bounds.Min.Y+bounds.Max.Y).Round()/2)
	l.DrawString(text)
}
