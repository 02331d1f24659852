package cyclegan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/foreign"
	"github.com/gogan-ml/gogan/weights"
)

// Foreign is a network of the reference code, to be run on arrays. It is safe for concurrent use.
type Foreign struct{ r *runner }

// OpenForeign opens the network of a state dict, in any file that weights.Read knows; kind is one of ForeignKinds. Which
// network it is, is read off names and shapes:
//
//	cyclegan-g   ResNet of any number of blocks, with dropout or without; U-Net of 5 levels or more
//	cyclegan-d   PatchGAN of 1 layer or more; PixelGAN
//
// of any width, with instance norm or batch norm, also as saved from DataParallel. Averages that instance norms saved with
// PyTorch before 0.4 are left out, as in the reference code; with batch norm those of the file are used, as after eval().
//
// The error names the first tensor that is missing or has another shape than the network.
func OpenForeign(device *accel.Device, path, kind string) (*Foreign, error) {
	arrays, err := weights.Read(path)
	if err != nil {
		return nil, err
	}
	l, variables, err := readForeign(kind, arrays, "/")
	if err != nil {
		return nil, fmt.Errorf("cyclegan: %s is no %s: %w", path, kind, err)
	}
	r, err := newRunner(device, l, variables)
	if err != nil {
		return nil, fmt.Errorf("cyclegan: %s: %w", path, err)
	}
	return &Foreign{r}, nil
}

// String says which network it is.
func (f *Foreign) String() string { return f.r.String() }

// Forward runs the network on x [n, channels, height, width], values in [-1, 1]. A generator returns img [n, channels,
// height, width], which is also called y, as in the paper; a discriminator returns y [n, 1, h, w], its map before any
// sigmoid. Other arrays are not looked at. Height and width must be multiples of 4 for a ResNet, and of 2^levels for a U-Net.
func (f *Foreign) Forward(ctx context.Context, in map[string]weights.Array) (map[string]weights.Array, error) {
	x, found := in["x"]
	if !found {
		return nil, fmt.Errorf("cyclegan: there is no array x among the inputs, but %s", strings.Join(slices.Sorted(maps.Keys(in)), ", "))
	}
	d := x.Shape
	if len(d) != 4 || d[0] < 1 || d[1] != f.r.in {
		return nil, fmt.Errorf("cyclegan: input x is %v, this network's is [n, %d, height, width]", d, f.r.in)
	}
	values, err := x.Float32s()
	if err != nil {
		return nil, fmt.Errorf("cyclegan: input x: %w", err)
	}
	values, _ = foreign.Permuted(values, d, []int{0, 2, 3, 1})
	var out []float32
	var dims []int
	row := len(values) / d[0]
	for i := range d[0] {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		y, shape, err := f.r.run(values[i*row:(i+1)*row], d[2], d[3])
		if err != nil {
			return nil, fmt.Errorf("cyclegan: %w", err)
		}
		out, dims = append(out, y...), shape
	}
	out, dims = foreign.Permuted(out, append([]int{d[0]}, dims...), []int{0, 3, 1, 2})
	y := weights.FromFloat32(out, dims...)
	if f.r.kind == KindG {
		return map[string]weights.Array{"img": y, "y": y}, nil
	}
	return map[string]weights.Array{"y": y}, nil
}

// Close frees the device's memory. Calls after it return an error.
func (f *Foreign) Close() error {
	f.r.close()
	return nil
}
