package inception

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// parameterNames lists the arguments of a program of the first stages, after its input: for each convolution of the
// graph NAME and NAME.bias, siblings under the name of the first of them, and the last layer as "fc" [2048, 1008].
func parameterNames(depth int, head bool) []string {
	var names []string
	for stage := range depth {
		for _, c := range stageLayers[stage] {
			if i := slices.Index(siblingsOf(c.name), c.name); i <= 0 { // the first of its siblings, or none of any
				names = append(names, c.name, c.name+".bias")
			}
		}
	}
	if head {
		names = append(names, "fc")
	}
	return names
}

// siblingsOf returns the siblings of the block that a layer is in.
func siblingsOf(layer string) []string {
	block, _, _ := strings.Cut(layer, ".")
	return siblings(block)
}

// upload folds the layers and copies them to the device, in the order of parameterNames.
func (s *state) upload(backend compute.Backend) ([]*tensors.Tensor, error) {
	u := uploader{backend: backend}
	for stage := range s.depth {
		folded := map[string]*kernel{}
		for _, c := range stageLayers[stage] {
			k, err := s.fold(c)
			if err != nil {
				return nil, u.fail(err)
			}
			folded[c.name] = k
		}
		for _, c := range stageLayers[stage] {
			k := folded[c.name]
			together := siblingsOf(c.name)
			if i := slices.Index(together, c.name); i > 0 {
				continue
			} else if i == 0 {
				var kernels []*kernel
				for _, name := range together {
					kernels = append(kernels, folded[name])
				}
				k = beside(kernels)
			}
			u.add(k.weights, k.shape...)
			u.add(k.bias, len(k.bias))
		}
	}
	if s.head {
		w, err := s.finite("fc.weight")
		if err != nil {
			return nil, u.fail(err)
		}
		transposed := make([]float32, len(w))
		for i := range classes {
			for j := range Features {
				transposed[j*classes+i] = float32(w[i*Features+j])
			}
		}
		u.add(transposed, Features, classes)
	}
	return u.out, u.fail(u.err)
}

// bias returns the bias of the last layer [1008].
func (s *state) bias() ([]float32, error) {
	if !s.head {
		return nil, nil
	}
	values, err := s.finite("fc.bias")
	if err != nil {
		return nil, err
	}
	return weights.FromFloat64(values, classes).Float32s()
}

// uploader collects tensors on a device until one fails.
type uploader struct {
	backend compute.Backend
	out     []*tensors.Tensor
	err     error
}

func (u *uploader) add(values []float32, dims ...int) {
	if u.err != nil {
		return
	}
	t := tensors.FromFlatDataAndDimensions(values, dims...)
	if err := t.MaterializeOnDevice(u.backend, false, 0); err != nil {
		u.err = fmt.Errorf("cannot copy the weights to the device: %w", err)
		return
	}
	u.out = append(u.out, t)
}

// fail frees what was uploaded if there is an error, and returns it.
func (u *uploader) fail(err error) error {
	if err != nil {
		finalize(u.out)
		u.out = nil
	}
	return err
}

func finalize(all []*tensors.Tensor) {
	for _, t := range all {
		t.MustFinalizeAll()
	}
}
