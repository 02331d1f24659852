package cyclegan

import (
	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// A pool holds earlier pictures of one generator, of which its discriminator is shown some, so that it does not forget
// (Zhu et al. 2017, section 4, "training details"; Shrivastava et al. 2017, section 2.3, https://arxiv.org/abs/1612.07828).
//
// For each picture of a batch, one after another: while the pool is not full it takes the picture in, and that is what is
// shown. Then, with probability 1/2, a random one of the pool is shown and the new one takes its place; else the new one is
// shown and the pool stays. So does the reference code (util/image_pool.py).
//
// All is kept in variables, which no optimizer touches and every checkpoint holds: pictures [size, height, width, channels],
// their number, and what is shown [batch, height, width, channels].
type pool struct {
	size int
	// pictures and count are nil if size is 0.
	pictures, count, shown *model.Variable
}

// newPool returns the pool whose variables are in scope, for batches of the given dimensions.
func newPool(scope *model.Scope, size int, batch []int) pool {
	p := pool{size: size, shown: blocks.Buffer(scope, "shown", zeroInit, batch...)}
	if size > 0 {
		p.pictures = blocks.Buffer(scope, "pictures", zeroInit, append([]int{size}, batch[1:]...)...)
		p.count = blocks.Buffer(scope, "count", zeroInit)
	}
	return p
}

// pool is that of the generator which makes pictures of a domain, "X" or "Y".
func (c Config) pool(s *gan.Step, domain string, batch []int) pool {
	return newPool(s.Scope("pool/"+domain), c.PoolSize, batch)
}

// update takes in the pictures fakes [batch, height, width, channels] and decides what is shown. coin and pick are random
// numbers [batch] in [0, 1): whether one of the pool is shown, and which.
func (p pool) update(fakes, coin, pick *Node) {
	if p.size == 0 {
		p.shown.SetNodeValue(fakes)
		return
	}
	g := fakes.Graph()
	pictures, count := p.pictures.NodeValue(g), p.count.NodeValue(g)
	size := Scalar(g, dtypes.Float32, p.size)
	places := Iota(g, shapes.Make(dtypes.Float32, p.size, 1, 1, 1), 0)
	shown := make([]*Node, fakes.Shape().Dim(0))
	for i := range shown {
		fake, at := SliceAxis(fakes, 0, AxisElem(i)), func(v *Node) *Node { return Reshape(Slice(v, AxisElem(i))) }
		filling := LessThan(count, size)
		// u·size may be rounded up to size.
		place := Where(filling, count, Min(Floor(Mul(at(pick), size)), AddScalar(size, -1)))
		swap := And(LogicalNot(filling), GreaterThan(at(coin), Scalar(g, dtypes.Float32, 0.5)))
		here := BroadcastToDims(Equal(places, place), pictures.Shape().Dimensions...)
		old := ReduceAndKeep(Where(here, pictures, ZerosLike(pictures)), ReduceSum, 0)
		shown[i] = Where(BroadcastToDims(swap, fake.Shape().Dimensions...), old, fake)
		taken := And(here, BroadcastToDims(Or(filling, swap), here.Shape().Dimensions...))
		pictures = Where(taken, BroadcastToDims(fake, pictures.Shape().Dimensions...), pictures)
		count = Min(OnePlus(count), size)
	}
	p.shown.SetNodeValue(Concatenate(shown, 0))
	p.pictures.SetNodeValue(pictures)
	p.count.SetNodeValue(count)
}
