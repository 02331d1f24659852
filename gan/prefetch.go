package gan

// prefetcher prepares the batch that follows the last one while a step runs.
type prefetcher struct {
	source  Source
	seen    int64
	n       int
	pending chan fetched
}

type fetched struct {
	batch Batch
	err   error
}

// Next returns the batch of n images that follows the first seen ones.
func (p *prefetcher) Next(seen int64, n int) (Batch, error) {
	if p.pending == nil || p.seen != seen || p.n != n {
		p.start(seen, n) // a batch prepared for another position is dropped
	}
	got := <-p.pending
	p.start(seen+int64(n), n)
	return got.batch, got.err
}

func (p *prefetcher) start(seen int64, n int) {
	p.seen, p.n, p.pending = seen, n, make(chan fetched, 1)
	go func(out chan<- fetched) {
		batch, err := p.source.Next(seen, n)
		out <- fetched{batch, err}
	}(p.pending)
}
