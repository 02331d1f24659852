package datasets

import (
	"fmt"
	"io"
	"strings"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/datasets/internal/glyphs"
)

// glyphsSize is how many pixels a side the letters have unless [WithSize] says otherwise.
const glyphsSize = 64

// The numbers of pictures of each side of glyphs.
const (
	glyphsTrain = 4000
	glyphsTest  = 500
)

// letters are one side of glyphs. Pictures are drawn when they are needed.
type letters struct {
	name   string
	font   glyphs.Font
	stream uint64
	n      int
	size   int // pixels
}

func (l *letters) count() int        { return l.n }
func (l *letters) item(i int) string { return fmt.Sprintf("picture %d of %s", i, l.name) }
func (l *letters) inMemory() bool    { return false }
func (l *letters) Close() error      { return nil }

func (l *letters) header(int) (h, w, c int, err error) { return l.size, l.size, 3, nil }

func (l *letters) load(i int) (*imaging.Image8, error) {
	return glyphs.New(l.stream, uint64(i)).Picture(l.font, l.size)
}

func (l *letters) identify(w io.Writer, i int) {
	fmt.Fprintf(w, "%s %d font %d stream %d size %d: %d\n", nameGlyphs, glyphs.Version, l.font, l.stream, l.size, i)
}

// openGlyphs opens one side of a split: x has Liberation Serif, y Go Bold on tinted paper. The two sides of train are
// different draws of the same distribution; picture i of both sides of test is the same letter.
func openGlyphs(s side, c config) (*opened, error) {
	src := &letters{name: nameGlyphs + ":" + s.String(), font: glyphs.Serif, n: glyphsTrain, size: glyphsSize}
	if s.second {
		src.font = glyphs.Sans
	}
	switch {
	case s.split == "test":
		src.n, src.stream = glyphsTest, 3
	case s.second:
		src.stream = 2
	default:
		src.stream = 1
	}
	if c.size != 0 {
		src.size = c.size
	}
	if src.size < glyphs.MinSize || src.size > glyphs.MaxSize {
		return nil, fmt.Errorf("datasets: %s is drawn with %d to %d pixels a side, not %d", nameGlyphs, glyphs.MinSize, glyphs.MaxSize, src.size)
	}
	out := &opened{source: src, name: src.name, labels: make([]int32, src.n), classes: strings.Split(glyphs.Letters, "")}
	for i := range out.labels {
		out.labels[i] = int32(glyphs.New(src.stream, uint64(i)).Index)
	}
	return out, nil
}
