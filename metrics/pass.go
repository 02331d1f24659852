package metrics

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"time"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// A PictureError is the error of a picture that cannot be read.
type PictureError struct {
	Side  string // "reals", "fakes" or "pictures"
	Index int    // from 0
	Err   error  // names the file, if there is one
}

// Error says which picture it is and why.
func (e *PictureError) Error() string {
	return fmt.Sprintf("metrics: picture %d of the %s cannot be read: %v (the policy Skip of Options.Unreadable leaves such pictures out)",
		e.Index, e.Side, e.Err)
}

// Unwrap returns the cause.
func (e *PictureError) Unwrap() error { return e.Err }

// pass is one reading of one side, for one or several rules of preprocessing.
type pass struct {
	*Scorer
	side   string
	rules  []Preprocess
	wants  needs
	images Images

	look    look  // of the pictures that were read
	skipped int   // pictures that were left out
	skip    error // of the first of them
}

// What is decoded at a time, at most: a batch of the network's, or of huge pictures this many bytes.
const chunkBytes = 128 << 20

// chunksAhead is how many chunks may be decoded while the device computes one.
const chunksAhead = 2

// features are the rows of some pictures, by rule and output.
type features struct {
	n      int
	byRule [][][]float32
}

// check returns an error if there are no pictures, or if they say that they are too few for the metrics.
func (p *pass) check() error {
	if p.images == nil {
		return fmt.Errorf("metrics: there are no %s", p.side)
	}
	if n := p.images.Len(); n >= 0 {
		return p.set.checkCount(p.side, n)
	}
	return nil
}

// run reads all pictures and returns their statistics by rule. Three stages work at the same time: pictures are decoded
// to chunks, the network computes a chunk, moments are added up. No more than a few chunks are ever in memory.
func (p *pass) run(ctx context.Context) ([]*stats.Stats, error) {
	total := p.images.Len()
	collectors := make([]*collector, len(p.rules))
	for i := range collectors {
		collectors[i] = newCollector(p.network, p.wants, total)
	}
	done := 0
	p.set.Progress(p.side, 0, int64(total))
	for f, err := range ahead(1, p.features(ctx, ahead(chunksAhead, p.chunks(ctx)))) {
		if err != nil {
			return nil, err
		}
		for i, c := range collectors {
			if err := c.add(f.n, f.byRule[i]); err != nil {
				return nil, fmt.Errorf("metrics: %s: %w", p.side, err)
			}
		}
		done += f.n
		p.set.Progress(p.side, int64(done), int64(total))
	}
	if err := p.complete(done, total); err != nil {
		return nil, err
	}
	return p.stats(collectors)
}

// chunks decodes the pictures.
func (p *pass) chunks(ctx context.Context) iter.Seq2[[]*imaging.Image8, error] {
	return func(yield func([]*imaging.Image8, error) bool) {
		var chunk []*imaging.Image8
		bytes, index := 0, -1
		for img, err := range p.pictures() {
			index++
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			if err != nil {
				if err = p.unreadable(index, err); err != nil {
					yield(nil, err)
					return
				}
				continue
			}
			picture := imaging.ToImage8(img, imaging.Channels(img))
			p.look.add(picture)
			chunk = append(chunk, picture)
			if bytes += len(picture.Pix); len(chunk) < p.network.Batch() && bytes < chunkBytes {
				continue
			}
			if !yield(chunk, nil) {
				return
			}
			chunk, bytes = nil, 0
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}

// pictures returns the pictures in order, decoded on all processors if the images allow it.
func (p *pass) pictures() iter.Seq2[image.Image, error] {
	if src, ok := p.images.(indexed); ok && p.images.Len() >= 0 {
		return (&part{src, 0, 1, p.images.Len()}).All()
	}
	return p.images.All()
}

// unreadable returns the error that ends the pass because of a picture, nil if the picture is left out.
func (p *pass) unreadable(index int, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if p.set.Unreadable != Skip {
		return &PictureError{p.side, index, err}
	}
	if p.skipped++; p.skip == nil {
		p.skip = err
	}
	return nil
}

// features computes chunks, by each rule.
func (p *pass) features(ctx context.Context, chunks iter.Seq2[[]*imaging.Image8, error]) iter.Seq2[features, error] {
	outputs := p.wants.outputs()
	return func(yield func(features, error) bool) {
		for chunk, err := range chunks {
			f := features{n: len(chunk), byRule: make([][][]float32, len(p.rules))}
			for i := 0; i < len(p.rules) && err == nil; i++ {
				f.byRule[i], err = p.network.Extract(ctx, chunk, p.rules[i], outputs...)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// complete tells about pictures that were left out, and returns an error if there are none at all, or fewer than there
// should be.
func (p *pass) complete(done, total int) error {
	switch {
	case total >= 0 && done+p.skipped < total && p.skip != nil:
		return fmt.Errorf("metrics: the %s end after %d of %d pictures: %w", p.side, done+p.skipped, total, p.skip)
	case total >= 0 && done+p.skipped != total:
		return fmt.Errorf("metrics: the %s have %d pictures where their Len is %d", p.side, done+p.skipped, total)
	case done == 0 && p.skip != nil:
		return fmt.Errorf("metrics: none of the %d %s can be read, the first because: %w", p.skipped, p.side, p.skip)
	case p.skipped > 0:
		p.set.Warn(fmt.Sprintf("%d of %d %s could not be read and were left out, the first because: %v", p.skipped, done+p.skipped,
			p.side, p.skip))
	}
	return p.set.checkCount(p.side, done)
}

// stats returns what the collectors have, with how it was made.
func (p *pass) stats(collectors []*collector) ([]*stats.Stats, error) {
	out := make([]*stats.Stats, len(collectors))
	for i, c := range collectors {
		s, err := c.stats(p.set.stats.DDoF, p.side == oneSide)
		if err != nil {
			return nil, fmt.Errorf("metrics: %s: %w", p.side, err)
		}
		if named, ok := p.images.(interface{ Name() string }); ok {
			s.Source = named.Name()
		}
		s.Extractor, s.WeightsSHA256, s.WeightsOfficial = p.network.Name(), p.network.WeightsSHA256(), p.network.WeightsOfficial()
		s.Preprocess, s.Time = string(p.rules[i]), time.Now().UTC().Truncate(time.Second)
		out[i] = s
	}
	return out, nil
}
