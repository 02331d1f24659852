package datasets

import (
	"context"
	"fmt"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Option changes how [Open] reads a source; nil changes nothing. Those that change pictures (crop, resize, width, short
// side, pad) are applied in the order in which they are given.
type Option func(*config) error

// Policy says what happens to files that cannot be decoded.
type Policy int

// The policies.
const (
	Fail Policy = iota // the first unreadable file is an error; the default
	Skip               // unreadable files are left out and listed by Set.Skipped, up to a limit
)

// Progress is called while something takes long: item names it (a file that is downloaded, in bytes, or "decoding", in
// pictures); total is -1 if unknown.
type Progress func(item string, done, total int64)

// defaultCache is the memory in bytes that decoded pictures of one set may take: all of CelebA at 64x64, for example.
const defaultCache = 2 << 30

// config is what the options decide.
type config struct {
	ctx        context.Context
	progress   Progress
	steps      []step
	channels   int // 0: those of the pictures
	flip       bool
	randomCrop int // pixels; 0: none
	randomFlip bool
	size       int // of sets that are drawn, in pixels; 0: as they come
	limit      int // 0: all
	policy     Policy
	skipLimit  int   // -1: one in a hundred, but at least 16
	cache      int64 // bytes
}

func newConfig(opts []Option) (config, error) {
	c := config{ctx: context.Background(), progress: func(string, int64, int64) {}, skipLimit: -1, cache: defaultCache}
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

func positive(what string, n int) error {
	if n <= 0 {
		return fmt.Errorf("datasets: %s must be positive, got %d", what, n)
	}
	return nil
}

// addStep appends a change of the pictures.
func addStep(kind stepKind, size int, filter imaging.Filter) Option {
	return func(c *config) error {
		if filter < imaging.Box || filter > imaging.Lanczos {
			return fmt.Errorf("datasets: there is no filter %d", int(filter))
		}
		c.steps = append(c.steps, step{kind, size, filter})
		return positive(string(kind), size)
	}
}

// WithResize makes every picture size x size pixels, whatever its proportions, as Pillow's Image.resize does.
func WithResize(size int, filter imaging.Filter) Option { return addStep(stepResize, size, filter) }

// WithShortSide scales every picture, keeping its proportions, until its shorter side has size pixels; the longer side
// is rounded down, as in torchvision's Resize(size).
func WithShortSide(size int, filter imaging.Filter) Option {
	return addStep(stepShortSide, size, filter)
}

// WithWidth scales every picture, keeping its proportions, until it is size pixels wide; the height is rounded down.
func WithWidth(size int, filter imaging.Filter) Option { return addStep(stepWidth, size, filter) }

// WithCrop takes the square of size x size pixels in the middle. A smaller picture is an error that names it.
func WithCrop(size int) Option { return addStep(stepCrop, size, imaging.Box) }

// WithPad sets every picture in the middle of size x size black pixels (-1 in a batch). A larger picture is an error
// that names it.
func WithPad(size int) Option { return addStep(stepPad, size, imaging.Box) }

// WithSize draws the pictures of a set that code draws (glyphs) with size x size pixels. It is an error for all others,
// which [WithResize] changes.
func WithSize(size int) Option {
	return func(c *config) error { c.size = size; return positive("a size", size) }
}

// WithChannels makes all pictures grey (1) or RGB (3): grey is replicated, colour becomes grey by ITU-R BT.601.
func WithChannels(n int) Option {
	return func(c *config) error {
		if n != 1 && n != 3 {
			return fmt.Errorf("datasets: pictures can have 1 or 3 channels, not %d", n)
		}
		c.channels = n
		return nil
	}
}

// WithFlip doubles the set by the mirror image (left to right) of every picture: picture i of N is mirrored as i+N.
// One epoch shows both.
func WithFlip() Option {
	return func(c *config) error { c.flip = true; return nil }
}

// WithLimit keeps the first n pictures in the order of the source; a smaller source stays whole.
func WithLimit(n int) Option {
	return func(c *config) error { c.limit = n; return positive("a limit", n) }
}

// WithPolicy says what happens to unreadable files. With Skip, Open decodes every picture once, since only that shows
// which are readable; with Fail it reads only the headers, and a damaged picture is found when it is needed.
func WithPolicy(p Policy) Option {
	return func(c *config) error {
		if p != Fail && p != Skip {
			return fmt.Errorf("datasets: there is no policy %d", int(p))
		}
		c.policy = p
		return nil
	}
}

// WithSkipLimit sets how many files [Skip] may leave out before Open fails; without it one in a hundred, but at least 16.
func WithSkipLimit(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("datasets: a limit of skipped files cannot be negative, got %d", n)
		}
		c.skipLimit = n
		return nil
	}
}

// WithCache sets how many bytes decoded pictures may take in memory (default 2 GiB). A set that fits is decoded once;
// one that does not is decoded anew in every epoch. 0 keeps nothing.
func WithCache(bytes int64) Option {
	return func(c *config) error {
		if bytes < 0 {
			return fmt.Errorf("datasets: a cache cannot have %d bytes", bytes)
		}
		c.cache = bytes
		return nil
	}
}

// WithContext ends a long Open (download, or decoding for Skip) when ctx does.
func WithContext(ctx context.Context) Option {
	return func(c *config) error { c.ctx = ctx; return nil }
}

// WithProgress reports what Open does when it takes long.
func WithProgress(p Progress) Option {
	return func(c *config) error {
		if p != nil {
			c.progress = p
		}
		return nil
	}
}
