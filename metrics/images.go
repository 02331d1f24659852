package metrics

import (
	"fmt"
	"image"
	"iter"
	"runtime"
	"sync"
)

// Images is an ordered set of pictures. *datasets.Set and *gan.Samples are Images, and [Sequence] makes them of anything.
type Images interface {
	// Len is the number of pictures, negative if it is unknown until they have been read.
	Len() int
	// All yields all pictures in order. A picture that cannot be had comes as an error, after which others may follow.
	All() iter.Seq2[image.Image, error]
}

// indexed are Images of which any can be had by itself, from several goroutines; the second result of At, its class, is
// not used here.
type indexed interface {
	Len() int
	At(i int) (image.Image, int, error)
}

// Sequence returns Images of an iterator. n is the number of pictures that it yields, negative if it is unknown. The
// iterator must yield the same pictures each time it is used.
func Sequence(n int, pictures iter.Seq2[image.Image, error]) Images { return sequence{n, pictures} }

type sequence struct {
	n   int
	all iter.Seq2[image.Image, error]
}

func (s sequence) Len() int                           { return s.n }
func (s sequence) All() iter.Seq2[image.Image, error] { return s.all }

// Shard returns part i of n, with i from 1 to n: the pictures whose index, counted from 0, leaves the remainder i-1 when
// it is divided by n. Part 0 is part n, so that counting from 0 gives all parts as well. Of Images with a method
// At(i int) (image.Image, int, error), as *datasets.Set has, only the pictures of the part are decoded; others are read
// whole. The error tells an i or n that is out of range, and a part without pictures.
func Shard(images Images, i, n int) (Images, error) {
	if n < 1 || i < 0 || i > n {
		return nil, fmt.Errorf("metrics: there is no part %d of %d: want 1/%d to %d/%d", i, n, max(n, 1), max(n, 1), max(n, 1))
	}
	first := (i + n - 1) % n
	total := images.Len()
	if total >= 0 && total <= first {
		return nil, fmt.Errorf("metrics: part %d of %d of %d pictures is empty: use at most %d parts", i, n, total, total)
	}
	count := -1
	if total >= 0 {
		count = (total - first + n - 1) / n
	}
	if src, ok := images.(indexed); ok && total >= 0 {
		return &part{src, first, n, count}, nil
	}
	return Sequence(count, func(yield func(image.Image, error) bool) {
		at := 0
		for picture, err := range images.All() {
			if at%n == first && !yield(picture, err) {
				return
			}
			at++
		}
	}), nil
}

// part is every step-th picture of src from first on. Its All decodes on all processors, a bounded number of pictures
// ahead of the one that is yielded.
type part struct {
	src              indexed
	first, step, len int
}

func (p *part) Len() int { return p.len }

// decodeAhead is how many pictures may be decoded and not yet yielded, by processor: enough that one large picture does
// not hold up the others.
const decodeAhead = 4

func (p *part) All() iter.Seq2[image.Image, error] {
	type picture struct {
		img image.Image
		err error
	}
	type job struct {
		index int
		done  chan picture
	}
	return func(yield func(image.Image, error) bool) {
		workers := min(runtime.GOMAXPROCS(0), max(p.len, 1))
		jobs := make(chan job)
		order := make(chan chan picture, decodeAhead*workers)
		stop := make(chan struct{})
		var wait sync.WaitGroup
		defer wait.Wait() // nobody reads from the source once All has returned
		defer close(stop)
		for range workers {
			wait.Go(func() {
				for j := range jobs {
					img, _, err := p.src.At(j.index)
					j.done <- picture{img, err}
				}
			})
		}
		wait.Go(func() {
			defer close(order)
			defer close(jobs)
			for k := range p.len {
				j := job{p.first + k*p.step, make(chan picture, 1)}
				select {
				case order <- j.done:
				case <-stop:
					return
				}
				select {
				case jobs <- j:
				case <-stop:
					return
				}
			}
		})
		for done := range order {
			if next := <-done; !yield(next.img, next.err) {
				return
			}
		}
	}
}
