package cyclegan

import (
	"github.com/gogan-ml/gogan/gan"
)

// pairs gives batches of both domains. They are not pairs of anything: each domain has an order of its own.
type pairs struct{ x, y gan.Source }

// source gives the data as the networks of a resolved config take it.
func (c Config) source(x, y gan.Data) pairs {
	return pairs{
		x: gan.NewSource(x, c.Seed, c.Height, c.Width, c.Channels),
		// Another seed, so that two sets of the same length are not shown in the same order.
		y: gan.NewSource(y, ^c.Seed, c.Height, c.Width, c.Channels),
	}
}

// Next returns n pictures of X and as many of Y.
func (p pairs) Next(seen int64, n int) (gan.Batch, error) {
	x, err := p.x.Next(seen, n)
	if err != nil {
		return gan.Batch{}, err
	}
	y, err := p.y.Next(seen, n)
	return gan.Batch{X: x.X, Y: y.X}, err
}
