package metrics

import (
	"iter"
	"sync"
)

// ahead runs a sequence in a goroutine of its own, up to n items ahead of the one that is yielded. When the loop over it
// ends, however it does, nothing of seq is running any more.
func ahead[T any](n int, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	type item struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		items, stop := make(chan item, n), make(chan struct{})
		var wait sync.WaitGroup
		defer wait.Wait()
		defer close(stop)
		wait.Go(func() {
			defer close(items)
			for value, err := range seq {
				select {
				case items <- item{value, err}:
				case <-stop:
					return
				}
			}
		})
		for next := range items {
			if !yield(next.value, next.err) {
				return
			}
		}
	}
}
