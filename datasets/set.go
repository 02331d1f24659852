package datasets

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/internal/arrange"
)

// Set is an opened source of pictures. All methods are safe for concurrent calls.
type Set struct {
	src      *opened
	config   config
	index    []int32 // the pictures of src that count, in order
	skipped  []Skipped
	shape    shape // of the first picture of a batch
	odd      error // names the first picture of another shape
	channels int   // all pictures get these; 0 if they differ
	cache    []atomic.Pointer[imaging.Image8]
	orders   arrange.Orders

	fingerprint func() string
}

// shape is the size of a picture.
type shape struct{ h, w, c int }

func (s shape) String() string { return fmt.Sprintf("%dx%d pixels with %d channel(s)", s.w, s.h, s.c) }

// Skipped is a file that was left out because of its content.
type Skipped struct {
	Name string // relative to the source
	Err  error
}

// newSet reads the headers and, with the policy Skip, all pictures.
func newSet(src *opened, c config) (*Set, error) {
	s := &Set{src: src, config: c}
	n := src.count()
	if c.limit > 0 {
		n = min(n, c.limit)
	}
	shapes := make([]shape, n)
	faults := make([]error, n)
	err := parallel(c.ctx, n, func(i int) { shapes[i], faults[i] = s.header(i) })
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", src.name, err)
	}
	s.keepPictures(shapes)
	for i := range shapes {
		if faults[i] == nil {
			shapes[i], faults[i] = c.cut(shapes[i])
		}
	}
	if c.policy == Skip && !src.inMemory() {
		if err := s.decodeAll(faults); err != nil {
			return nil, fmt.Errorf("datasets: %s: %w", src.name, err)
		}
	}
	if err := s.sortOut(shapes, faults); err != nil {
		return nil, err
	}
	s.fingerprint = sync.OnceValue(s.computeFingerprint)
	return s, nil
}

// keepPictures makes room for decoded pictures if all of them together stay within the budget.
func (s *Set) keepPictures(shapes []shape) {
	if s.src.inMemory() && len(s.config.steps) == 0 && s.config.channels == 0 {
		return
	}
	total := int64(0)
	for _, sh := range shapes {
		total += int64(sh.h) * int64(sh.w) * int64(sh.c)
	}
	if total <= s.config.cache {
		s.cache = make([]atomic.Pointer[imaging.Image8], s.src.count())
	}
}

// decodeAll finds the pictures whose header is good and whose pixels are not.
func (s *Set) decodeAll(faults []error) error {
	var mu sync.Mutex
	done := 0
	return parallel(s.config.ctx, len(faults), func(i int) {
		if faults[i] == nil {
			_, faults[i] = s.picture(i)
		}
		mu.Lock()
		defer mu.Unlock()
		done++
		s.config.progress("decoding", int64(done), int64(len(faults)))
	})
}

// sortOut applies the policy to faults and looks for odd shapes.
func (s *Set) sortOut(shapes []shape, faults []error) error {
	for i, err := range faults {
		if err != nil {
			s.skipped = append(s.skipped, Skipped{s.src.item(i), err})
			continue
		}
		s.index = append(s.index, int32(i))
		if len(s.index) == 1 {
			s.shape = shapes[i]
		} else if shapes[i] != s.shape && s.odd == nil {
			s.odd = s.oddError(i, shapes[i])
		}
	}
	if s.odd == nil {
		s.channels = s.shape.c
	}
	if len(s.skipped) == 0 {
		return nil
	}
	bad, name := s.skipped[0], s.src.name
	switch limit := s.skipLimit(len(shapes)); {
	case s.config.policy == Fail:
		return fmt.Errorf("datasets: %s: %d of %d files cannot be used, the first is %s: %w; remove them, or leave them out with the policy Skip",
			name, len(s.skipped), len(shapes), bad.Name, bad.Err)
	case len(s.skipped) > limit:
		return fmt.Errorf("datasets: %s: %d of %d files cannot be used, more than the %d that may be skipped; the first is %s: %w",
			name, len(s.skipped), len(shapes), limit, bad.Name, bad.Err)
	case len(s.index) == 0:
		return fmt.Errorf("datasets: %s: none of %d files can be used; the first is %s: %w", name, len(shapes), bad.Name, bad.Err)
	}
	return nil
}

func (s *Set) skipLimit(n int) int {
	if s.config.skipLimit >= 0 {
		return s.config.skipLimit
	}
	return max(16, n/100)
}

// oddError says which picture keeps a set from making batches, and what would help.
func (s *Set) oddError(i int, odd shape) error {
	help := "crop, resize or pad the pictures (resize=..., crop=..., random_crop=...)"
	if odd.h == s.shape.h && odd.w == s.shape.w {
		help = "set the number of channels (channels=3 makes grey pictures RGB)"
	}
	return fmt.Errorf("datasets: %s: the pictures differ: %s has %v, the first, %s, has %v; %s",
		s.src.name, s.src.item(i), odd, s.src.item(int(s.index[0])), s.shape, help)
}

// header gives the shape of picture i of the source after all steps, before the random crop.
func (s *Set) header(i int) (shape, error) {
	h, w, c, err := s.src.header(i)
	if err != nil {
		return shape{}, err
	}
	if s.config.channels != 0 {
		c = s.config.channels
	}
	for _, step := range s.config.steps {
		if h, w, err = step.shape(h, w); err != nil {
			return shape{}, err
		}
	}
	return shape{h, w, c}, nil
}

// picture gives picture i of the source after all steps, before the random crop, from the cache if it is there.
func (s *Set) picture(i int) (*imaging.Image8, error) {
	if s.cache != nil {
		if m := s.cache[i].Load(); m != nil {
			return m, nil
		}
	}
	m, err := s.src.load(i)
	if err != nil {
		return nil, err
	}
	m = replicate(m, s.config.channels)
	for _, step := range s.config.steps {
		if m, err = step.apply(m); err != nil {
			return nil, err
		}
	}
	if s.cache != nil {
		s.cache[i].Store(m)
	}
	return m, nil
}

// at gives picture i of the set, and whether it is to be mirrored.
func (s *Set) at(i int) (m *imaging.Image8, mirrored bool, err error) {
	n := len(s.index)
	from := int(s.index[i%n])
	m, err = s.picture(from)
	if err != nil {
		return nil, false, fmt.Errorf("datasets: %s: %s: %w; remove it, or leave it out with the policy Skip", s.src.name, s.src.item(from), err)
	}
	// A GIF may be grey by its header and coloured by its first frame.
	return replicate(m, s.channels), i >= n, nil
}

// Name returns the name of a named set with its split ("fashion-mini:train"), or the last part of the path of a folder
// or file, with the folder in it if only that was opened ("photos.zip:testB").
func (s *Set) Name() string { return s.src.name }

// Len returns the number of pictures, mirrored ones included.
func (s *Set) Len() int {
	if s.config.flip {
		return 2 * len(s.index)
	}
	return len(s.index)
}

// NumClasses returns the number of classes, 0 if the set has no labels.
func (s *Set) NumClasses() int { return len(s.src.classes) }

// ClassNames returns the names of the classes in the order of the labels; empty if the set has no labels.
func (s *Set) ClassNames() []string { return append([]string(nil), s.src.classes...) }

// ImageShape returns the size in pixels and the channels (1 or 3) of the pictures, of the first one if they differ, after
// all options.
func (s *Set) ImageShape() (height, width, channels int) { return s.shape.h, s.shape.w, s.shape.c }

// Uniform returns nil if all pictures have one shape, and otherwise an error that names the first odd one and says
// what to do.
func (s *Set) Uniform() error { return s.odd }

// Skipped returns the files that were left out by the policy [Skip], in order.
func (s *Set) Skipped() []Skipped { return append([]Skipped(nil), s.skipped...) }

// Close releases the file of a zip. Pictures that are in memory can still be had.
func (s *Set) Close() error { return s.src.Close() }

// At returns picture i of 0..Len-1 after all options, image.Gray or image.NRGBA, and its class, -1 without labels. The
// picture belongs to the set and is not to be changed. The error names the file that cannot be decoded, or the index if
// there is no such picture.
func (s *Set) At(i int) (image.Image, int, error) {
	if i < 0 || i >= s.Len() {
		return nil, 0, fmt.Errorf("datasets: %s has the pictures 0..%d, not %d", s.Name(), s.Len()-1, i)
	}
	m, mirrored, err := s.at(i)
	if err != nil {
		return nil, 0, err
	}
	if s.config.randomCrop > 0 {
		m = imaging.CenterCrop(m, s.config.randomCrop)
	}
	if mirrored {
		m = imaging.FlipX(m)
	}
	return m.Image(), int(s.label(i)), nil
}

// label gives the class of picture i of the set, -1 without labels.
func (s *Set) label(i int) int32 {
	if s.src.labels == nil {
		return -1
	}
	return s.src.labels[s.index[i%len(s.index)]]
}

// All returns all pictures in order, decoded in parallel a little ahead. A picture that cannot be decoded comes as a
// nil image and an error that names it; the ones after it still come.
func (s *Set) All() iter.Seq2[image.Image, error] {
	type result struct {
		img image.Image
		err error
	}
	return func(yield func(image.Image, error) bool) {
		ahead := 4 * runtime.GOMAXPROCS(0)
		for start := 0; start < s.Len(); start += ahead {
			results := make([]result, min(ahead, s.Len()-start))
			err := parallel(context.Background(), len(results), func(k int) {
				results[k].img, _, results[k].err = s.At(start + k)
			})
			for _, r := range results {
				if !yield(r.img, errors.Join(r.err, err)) {
					return
				}
			}
		}
	}
}

// parallel calls do for 0..n-1 from as many goroutines as there are processors, until ctx ends.
func parallel(ctx context.Context, n int, do func(i int)) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := 0; i < n && ctx.Err() == nil; i++ {
			do(i)
		}
		return context.Cause(ctx)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}
