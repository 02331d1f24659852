// Package inceptionweights makes weights of the 2015 Inception network by a formula, for tests: the published ones cannot
// be in the repository. extractors/inception/testdata/ref/make_inception.py makes the same in Python.
//
// Array number i of inception.Parameters, counted from 0, holds golden.Values(Salt+i, n) as u, changed so that the
// activations of 94 layers stay near 1 and no two channels are alike:
//
//	conv.weight       u·√(6/(in·height·width))
//	bn.weight         1 + u/4        bn.bias           u/4
//	bn.running_mean   u/4            bn.running_var    1 + u/4
//	fc.weight         u·√(3/2048)    fc.bias           u/4
//
// in float64, rounded to float32.
package inceptionweights

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gogan-ml/gogan/extractors/inception"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/weights"
)

// Salt is the stream of the first array.
const Salt = 1000

// Arrays returns the state dict, 96 MB.
func Arrays() map[string]weights.Array {
	arrays := map[string]weights.Array{}
	for i, p := range inception.Parameters() {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		offset, scale := 0., 0.25
		switch {
		case p.Name == "fc.weight":
			scale = math.Sqrt(3. / float64(p.Shape[1]))
		case strings.HasSuffix(p.Name, ".conv.weight"):
			scale = math.Sqrt(6 * float64(p.Shape[0]) / float64(n))
		case strings.HasSuffix(p.Name, ".bn.weight"), strings.HasSuffix(p.Name, ".running_var"):
			offset = 1
		}
		values := golden.Values(uint32(Salt+i), n)
		for k, u := range values {
			values[k] = float32(offset + float64(u)*scale)
		}
		arrays[p.Name] = weights.FromFloat32(values, p.Shape...)
	}
	return arrays
}

// fileVersion changes with the formula, as the file is kept.
const fileVersion = 1

var file struct {
	sync.Once
	path string
	err  error
}

// File returns the path of a safetensors file with Arrays. It is made once and kept in gogan's home directory.
func File(t testing.TB) string {
	t.Helper()
	file.Do(func() {
		file.path = home.Join("test", fmt.Sprintf("inception-formula-%d.safetensors", fileVersion))
		file.err = write(file.path)
	})
	if file.err != nil {
		t.Fatal(file.err)
	}
	return file.path
}

// write makes the file unless it is there. Several test processes may do it at once.
func write(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".inception-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, as it should, once the file has its name
	if err := weights.WriteSafetensors(f, Arrays(), nil); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
