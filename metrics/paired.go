package metrics

import (
	"context"
	"fmt"
	"image"
	"iter"
	"math"
	"time"

	"github.com/gogan-ml/gogan/datasets/imaging"
)

// Paired compares picture i of the fakes with picture i of the reals, where it is known what should have come out. It returns
// two scores, with a prefix before their names:
//
//	PREFIX_l1     mean of |fake - real|, samples in [-1, 1] as networks have them; Std is that of pictures
//	PREFIX_psnr   10 log10(255^2 / MSE) in decibels, where MSE is the mean square of the difference of samples 0 to 255 over
//	              all pictures; +Inf if there is none
//
// Of translations it is what is left of x after a cycle, the error against truth, and that of doing nothing:
//
//	metrics.Paired(ctx, "cycle", x, model.F.Translations(ctx, model.G.Translations(ctx, x)))
//	metrics.Paired(ctx, "paired", y, model.G.Translations(ctx, x)) // y[i] is the truth for x[i]
//	metrics.Paired(ctx, "identity", y, x)
//
// A grey picture is compared with one in colour as if it were in colour; alpha is not looked at. The error names the picture
// that cannot be read or has another size than its partner, and tells sets of different lengths.
func Paired(ctx context.Context, prefix string, reals, fakes Images) ([]Result, error) {
	next, stop := iter.Pull2(fakes.All())
	defer stop()
	n, samples := 0, 0
	var sum, squares, all float64 // of the L1 of pictures, of its square, and of squared differences of samples
	for real, err := range reals.All() {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, &PictureError{realSide, n, err}
		}
		fake, err, found := next()
		switch {
		case !found:
			return nil, fmt.Errorf("metrics: there are %d fakes and more reals: pairs need as many", n)
		case err != nil:
			return nil, &PictureError{fakeSide, n, err}
		case real.Bounds().Size() != fake.Bounds().Size():
			return nil, fmt.Errorf("metrics: fake %d has %v pixels (width, height) and its real %v: pairs are of one size",
				n, fake.Bounds().Size(), real.Bounds().Size())
		}
		l1, square, k := difference(real, fake)
		sum, squares, all, samples = sum+l1, squares+l1*l1, all+square, samples+k
		n++
	}
	if _, _, found := next(); found {
		return nil, fmt.Errorf("metrics: there are %d reals and more fakes: pairs need as many", n)
	}
	if n == 0 {
		return nil, fmt.Errorf("metrics: there are no %s", realSide)
	}
	result := Result{NReal: n, NFake: n, Extractor: Pixels, Preprocess: "none", Time: time.Now()}
	l1, psnr := result, result
	mean := sum / float64(n)
	l1.Name, l1.Value, l1.Std, l1.StdOf = prefix+"_l1", mean, math.Sqrt(max(0, squares/float64(n)-mean*mean)), "pictures"
	psnr.Name, psnr.Value = prefix+"_psnr", 10*math.Log10(255*255/(all/float64(samples)))
	return []Result{l1, psnr}, nil
}

// difference returns the mean absolute difference of two pictures of one size, in [0, 2], the sum of the squares of the
// differences of their samples, 0 to 255, and how many samples these are.
func difference(a, b image.Image) (l1, squares float64, samples int) {
	channels := max(imaging.Channels(a), imaging.Channels(b))
	x, y := imaging.ToImage8(a, channels), imaging.ToImage8(b, channels)
	for i, v := range x.Pix {
		d := float64(v) - float64(y.Pix[i])
		l1 += math.Abs(d)
		squares += d * d
	}
	return l1 / 127.5 / float64(len(x.Pix)), squares, len(x.Pix)
}
