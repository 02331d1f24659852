package imaging

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/gogan-ml/gogan/datasets/imaging/internal/jpeg"
)

// MaxPixels is the most pixels that [Decode] accepts: a quarter of a gigabyte of RGB samples, a third of 2^29, the
// limit beyond which Pillow warns of a decompression bomb.
const MaxPixels = 1 << 29 / 3

// ErrFormat is returned, wrapped, for a file in none of the formats that Decode reads.
var ErrFormat = errors.New("not a PNG, JPEG, GIF, WebP, BMP or TIFF file")

// format is a kind of image file, known by how it begins ('?' stands for any byte).
type format struct {
	name, magic string
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}

// formats is a table of our own, not the registry of package image, which any other package could extend or replace.
var formats = []format{
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"JPEG", "\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
	{"GIF", "GIF8?a", gif.DecodeConfig, decodeGIF},
	{"WebP", "RIFF????WEBPVP8", webp.DecodeConfig, decodeWebP},
	{"BMP", "BM????\x00\x00\x00\x00", bmp.DecodeConfig, bmp.Decode},
	{"TIFF", "II*\x00", tiff.DecodeConfig, tiff.Decode},
	{"TIFF", "MM\x00*", tiff.DecodeConfig, tiff.Decode},
}

// sniff finds the format of a file from its first bytes.
func sniff(head []byte) (format, error) {
	for _, f := range formats {
		if len(head) < len(f.magic) {
			continue
		}
		match := true
		for i := range len(f.magic) {
			match = match && (f.magic[i] == '?' || f.magic[i] == head[i])
		}
		if match {
			return f, nil
		}
	}
	return format{}, fmt.Errorf("imaging: %w", ErrFormat)
}

// Decode reads one PNG, JPEG, GIF, WebP, BMP or TIFF picture of at most [MaxPixels] pixels.
//
// The pixels are those of Pillow to the bit, also of JPEG (as libjpeg-turbo decodes it) and lossy WebP (as libwebp does).
// The rules: the first frame of a GIF is drawn on its
// transparent screen; the orientation tag of EXIF is not applied and colour profiles are ignored, as Pillow's open and
// convert do. Palettes, 16-bit samples and alpha are left to [ToImage8].
//
// The size is read and checked before any pixel is allocated. The error says what is wrong with the file.
func Decode(r io.Reader) (image.Image, error) {
	return DecodeLimit(r, MaxPixels)
}

// DecodeLimit is [Decode] with another limit on the number of pixels.
func DecodeLimit(r io.Reader, maxPixels int) (image.Image, error) {
	var head bytes.Buffer
	f, config, err := readConfig(io.TeeReader(r, &head))
	if err != nil {
		return nil, err
	}
	if err := checkSize(config.Width, config.Height, maxPixels); err != nil {
		return nil, err
	}
	img, err := f.decode(io.MultiReader(&head, r))
	if err != nil {
		return nil, fmt.Errorf("imaging: damaged %s: %w", f.name, err)
	}
	if b := img.Bounds(); b.Dx() != config.Width || b.Dy() != config.Height {
		return nil, fmt.Errorf("imaging: damaged %s: the header says %dx%d, the picture has %dx%d",
			f.name, config.Width, config.Height, b.Dx(), b.Dy())
	}
	return img, nil
}

// DecodeSize reads only the header of a picture and returns its size in pixels and its channels: 1 for grey and for
// palettes of greys, else 3; alpha is not counted. The error is that of [Decode] for a bad header or too many pixels.
func DecodeSize(r io.Reader) (width, height, channels int, err error) {
	_, config, err := readConfig(r)
	if err != nil {
		return 0, 0, 0, err
	}
	if err := checkSize(config.Width, config.Height, MaxPixels); err != nil {
		return 0, 0, 0, err
	}
	return config.Width, config.Height, modelChannels(config.ColorModel), nil
}

// readConfig finds format and size, reading no more than it must.
func readConfig(r io.Reader) (format, image.Config, error) {
	head := make([]byte, 16)
	n, err := io.ReadFull(r, head)
	if n == 0 {
		if err == io.EOF {
			return format{}, image.Config{}, errors.New("imaging: the file is empty")
		}
		return format{}, image.Config{}, fmt.Errorf("imaging: %w", err)
	}
	f, err := sniff(head[:n])
	if err != nil {
		return f, image.Config{}, err
	}
	config, err := f.config(io.MultiReader(bytes.NewReader(head[:n]), r))
	if err != nil {
		return f, config, fmt.Errorf("imaging: damaged %s: %w", f.name, err)
	}
	return f, config, nil
}

// modelChannels is 1 for grey and for palettes of greys, 3 for everything else.
func modelChannels(m color.Model) int {
	switch m := m.(type) {
	case color.Palette:
		for _, c := range m {
			if r, g, b, _ := c.RGBA(); r != g || g != b {
				return 3
			}
		}
		return 1
	default:
		if m == color.GrayModel || m == color.Gray16Model {
			return 1
		}
		return 3
	}
}

// checkSize refuses pictures without pixels and those with too many.
func checkSize(w, h, maxPixels int) error {
	if w <= 0 || h <= 0 {
		return fmt.Errorf("imaging: a picture of %dx%d has no pixels", w, h)
	}
	if w > maxPixels/h {
		return fmt.Errorf("imaging: a picture of %dx%d exceeds %d pixels", w, h, maxPixels)
	}
	return nil
}

// decodeGIF draws the first frame on the screen of the file; what it leaves uncovered is transparent black.
func decodeGIF(r io.Reader) (image.Image, error) {
	var all bytes.Buffer
	config, err := gif.DecodeConfig(io.TeeReader(r, &all))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(io.MultiReader(&all, r))
	if err != nil {
		return nil, err
	}
	screen := image.Rect(0, 0, config.Width, config.Height)
	if frame.Bounds() == screen {
		return frame, nil
	}
	out := image.NewNRGBA(screen)
	draw.Draw(out, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return out, nil
}

// Channels is 1 for a decoded picture that is grey (also by a palette of greys) and 3 for all others.
func Channels(img image.Image) int { return modelChannels(img.ColorModel()) }
