package gan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// DiffAugment changes images at random before D sees them, reals and fakes alike, in the steps of D and of G; since it
// can be differentiated (to every order), G learns through it and does not learn it.
//
// x [batch, height, width, channels] in [-1, 1]; the result has its shape and is not held in its range. policy lists, by
// commas and in their order, "color", "translation" and "cutout"; "" is no change. Every image has draws of its own,
// U in [0, 1):
//
//	color        brightness x + U - 1/2; saturation m + 2U·(x - m) with m the mean over the channels of a pixel;
//	             contrast m + (U + 1/2)·(x - m) with m the mean over the image. Grey images have no saturation to
//	             change: for them it is the identity.
//	translation  by whole pixels, up to an eighth of the size to each side, with 0 (mid grey) where nothing was
//	cutout       a rectangle of half the height and width is 0; its centre lies anywhere, so part of it may be outside
//
// Zhao et al. 2020, section 3 and appendix, https://arxiv.org/abs/2006.10738, with the arithmetic of the authors'
// DiffAugment_pytorch.py. DiffAugment panics if the policy names another change.
func DiffAugment(s *Step, x *Node, policy string) *Node {
	return augment(x, policy, func(n int) *Node { return s.RandomUniform(n, x.Shape().Dimensions[0]) })
}

// validatePolicy returns an error if DiffAugment does not know a name of the policy.
func validatePolicy(policy string) error {
	for _, name := range policyNames(policy) {
		if _, known := augmentations[name]; !known {
			return fmt.Errorf("no change of images is called %q; there are %s", name,
				strings.Join(slices.Sorted(maps.Keys(augmentations)), ", "))
		}
	}
	return nil
}

func policyNames(policy string) []string {
	if policy == "" {
		return nil
	}
	return strings.Split(policy, ",")
}

// augmentation is a change that takes draws numbers in [0, 1) for each image.
type augmentation struct {
	draws int
	apply func(x *Node, u []*Node) *Node // u[i] is [batch, 1, 1, 1]
}

var augmentations = map[string]augmentation{
	"color": {3, func(x *Node, u []*Node) *Node {
		x = Add(x, AddScalar(u[0], -0.5))
		x = aroundMean(x, MulScalar(u[1], 2), 3)
		return aroundMean(x, AddScalar(u[2], 0.5), 1, 2, 3)
	}},
	"translation": {2, func(x *Node, u []*Node) *Node { return translate(translate(x, u[0], 1), u[1], 2) }},
	"cutout": {2, func(x *Node, u []*Node) *Node {
		return Mul(x, OneMinus(Mul(cut(x, u[0], 1), cut(x, u[1], 2))))
	}},
}

// augment is DiffAugment with the source of its numbers: draw(n) gives [n, batch].
func augment(x *Node, policy string, draw func(n int) *Node) *Node {
	if x.Rank() != 4 {
		exceptions.Panicf("gan: DiffAugment needs images [batch, height, width, channels], got %s", x.Shape())
	}
	if err := validatePolicy(policy); err != nil {
		exceptions.Panicf("gan: DiffAugment: %v", err)
	}
	for _, name := range policyNames(policy) {
		a := augmentations[name]
		numbers := draw(a.draws)
		u := make([]*Node, a.draws)
		for i := range u {
			u[i] = perSample(Reshape(Slice(numbers, AxisElem(i)), x.Shape().Dimensions[0]), x)
		}
		x = a.apply(x, u)
	}
	return x
}

// aroundMean scales the distance of x from its mean over axes.
func aroundMean(x, scale *Node, axes ...int) *Node {
	mean := ReduceAndKeep(x, ReduceMean, axes...)
	return Add(mean, Mul(Sub(x, mean), scale))
}

// translate moves the images along an axis by a whole number of pixels, each of -size/8 to size/8 as likely.
func translate(x, u *Node, axis int) *Node {
	size := x.Shape().Dimensions[axis]
	largest := size / 8
	shift := AddScalar(wholeNumber(u, 2*largest+1), -float64(largest))
	// out[i] = x[i + shift], as a product with a matrix of zeros and ones: exact, and linear in x.
	g, batch := x.Graph(), x.Shape().Dimensions[0]
	dims := shapes.Make(x.DType(), batch, size, size)
	chosen := Equal(Iota(g, dims, 2), Add(Iota(g, dims, 1), Reshape(shift, batch, 1, 1)))
	matrix := ConvertDType(chosen, x.DType())
	if axis == 1 {
		return Einsum("bij,bjwc->biwc", matrix, x)
	}
	return Einsum("bij,bhjc->bhic", matrix, x)
}

// cut is 1 along an axis where the rectangle of cutout is, else 0: [batch, size, 1, 1] for axis 1, [batch, 1, size, 1]
// for axis 2. Half the size is cut out, around one of size+1 edges (size pixels, if that half is odd).
func cut(x, u *Node, axis int) *Node {
	size := x.Shape().Dimensions[axis]
	length := size / 2
	start := AddScalar(wholeNumber(u, size+1-length%2), -float64(length/2))
	dims := []int{1, 1, 1, 1}
	dims[axis] = size
	at := Sub(Iota(x.Graph(), shapes.Make(x.DType(), dims...), axis), start)
	inside := And(GreaterOrEqual(at, ZerosLike(at)), LessThan(at, Scalar(x.Graph(), x.DType(), length)))
	return ConvertDType(inside, x.DType())
}

// wholeNumber turns u in [0, 1) into one of 0 ... n-1, each as likely.
func wholeNumber(u *Node, n int) *Node {
	return Min(Floor(MulScalar(u, n)), Scalar(u.Graph(), u.DType(), n-1)) // u·n may be rounded up to n
}
