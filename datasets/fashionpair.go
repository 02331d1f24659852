package datasets

import (
	"fmt"
	"math/rand/v2"

	"github.com/gogan-ml/gogan/datasets/internal/fashion"
)

// fashionPairVersion is part of the fingerprint: it is raised when the pixels of any of these pairs change.
const fashionPairVersion = 1

// A fashionPair makes the two domains of Fashion-MNIST.
type fashionPair struct {
	kind     string
	channels int
	x, y     func(out []uint8, p garment) // out has channels samples for each pixel, side by side
}

// garment is one picture of Fashion-MNIST.
type garment struct {
	pixels []uint8 // grey, fashion.Side rows of fashion.Side
	class  int32
	stream uint64 // of the split
	number int    // in the split
}

// fashionPairs are the kinds, each of fashion-mini and of fashion-mnist.
var fashionPairs = []fashionPair{
	{"negative", 1, grey, negative},
	{"colour", 3, grey, colour},
	{"degraded", 1, degraded, grey},
}

// open opens one side of a split of a base, fashion-mini or fashion-mnist. The two sides of train are the halves of the
// split; those of test are the whole of it, picture i of both the same garment.
func (f fashionPair) open(name, base string, s side, c config) (*opened, error) {
	whole, err := namedSet(base)(s.split, c)
	if err != nil {
		return nil, err
	}
	from := whole.source.(*arrays)
	first, end, stream := 0, from.n, uint64(2)
	if s.split == "train" {
		stream = 1
		if s.second {
			first = from.n / 2
		} else {
			end = from.n / 2
		}
	}
	change := f.x
	if s.second {
		change = f.y
	}
	full := name + ":" + s.String()
	to := &arrays{name: full, n: end - first, h: from.h, w: from.w, c: f.channels,
		identity: fmt.Sprintf("%s %d of %s", full, fashionPairVersion, from.identity)}
	size := fashion.Pixels * f.channels
	to.pix = make([]uint8, to.n*size)
	for i := range to.n {
		number := first + i
		change(to.pix[i*size:(i+1)*size], garment{from.pix[number*fashion.Pixels : (number+1)*fashion.Pixels],
			whole.labels[number], stream, number})
	}
	return &opened{source: to, name: full, labels: whole.labels[first:end], classes: whole.classes}, nil
}

// grey is the picture itself, in as many channels as there are.
func grey(out []uint8, p garment) {
	channels := len(out) / len(p.pixels)
	for i := range out {
		out[i] = p.pixels[i/channels]
	}
}

// negative turns light into dark, as a photographic negative.
func negative(out []uint8, p garment) {
	for i, v := range p.pixels {
		out[i] = 255 - v
	}
}

// colour gives each of four kinds of garment a dye of its own; a grey v becomes v/255 of the dye, rounded. The largest
// channel of every dye is 255, so that the grey is the largest of the three.
func colour(out []uint8, p garment) {
	for i, v := range p.pixels {
		for k, part := range dyes[dyeOf[p.class]] {
			out[3*i+k] = uint8((int(v)*part + 127) / 255)
		}
	}
}

var dyes = [...][3]int{
	{255, 96, 80},  // coral: T-shirt, pullover, coat, shirt
	{104, 255, 96}, // green: trouser, dress
	{88, 160, 255}, // blue: sandal, sneaker, ankle boot
	{255, 208, 64}, // amber: bag
}

// dyeOf is the dye of each class, in the order of fashion.ClassNames.
var dyeOf = [fashion.Classes]int{0, 1, 0, 1, 0, 2, 0, 2, 3, 2}

// noiseReach bounds the four uniform numbers of which noise is the sum: its standard deviation is
// sqrt(4·a(a+1)/3) = 20.2 levels of 255 for a = 17.
const noiseReach = 17

// degraded blurs the picture by the binomial kernel 1 4 6 4 1 along both axes (a standard deviation of one pixel), the
// border repeated, and adds noise, clamped to 0..255.
func degraded(out []uint8, p garment) {
	random := rand.NewPCG(p.stream, uint64(p.number))
	kernel := [...]int{1, 4, 6, 4, 1}
	at := func(k int) int { return min(max(k, 0), fashion.Side-1) }
	var rows [fashion.Pixels]int // 16 times the picture, blurred along x
	for i := range rows {
		for k, weight := range kernel {
			rows[i] += weight * int(p.pixels[i/fashion.Side*fashion.Side+at(i%fashion.Side+k-2)])
		}
	}
	for i := range out {
		sum := 0
		for k, weight := range kernel {
			sum += weight * rows[at(i/fashion.Side+k-2)*fashion.Side+i%fashion.Side]
		}
		noise := -4 * noiseReach
		for word := random.Uint64(); word > 0; word >>= 16 {
			noise += int((word & 0xffff) * (2*noiseReach + 1) >> 16)
		}
		out[i] = uint8(min(max((sum+128)/256+noise, 0), 255))
	}
}
