package cyclegan

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// trained returns the directory of a run of two steps, and its resolved config.
func trained(t *testing.T, cfg Config) (string, Config) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tiny")
	r := open(t, dir, cfg, domainX, domainY)
	train(t, r, 4)
	cfg = r.Config()
	r.Close()
	return dir, cfg
}

// evaluated runs a network of a checkpoint, without this package's ways to files, on samples.
func evaluated(t *testing.T, dir, scope string, network gan.Network) []float32 {
	t.Helper()
	_, arrays := newest(t, dir)
	player, name, _ := strings.Cut(scope, "/")
	i, err := gan.NewInference(goDevice(t).Backend, []string{scope}, func(root *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{network(root.At("%s", player).At("%s", name).ResetVisited(), in[0])}
	}, shapes.Make(dtypes.Float32, 1, 12, 16, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if err := i.SetWeights(arrays); err != nil {
		t.Fatal(err)
	}
	out, err := i.Call(tensors.FromFlatDataAndDimensions(sampleValues(), 1, 12, 16, 1))
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// samples is a picture of the size of the data.
func samples() *imaging.Image8 { return imaging.FromFloats(golden.Values(7, 12*16), 12, 16, 1) }

func sampleValues() []float32 {
	out := make([]float32, 12*16)
	samples().Floats(out)
	return out
}

// TestLoadRun: both directions of a run are those of its checkpoint, also of the file that is made of it.
func TestLoadRun(t *testing.T) {
	resize := tiny()
	resize.Upsampling = Resize
	batch := tiny()
	batch.Norm, batch.Dropout = BatchNorm, true
	for name, cfg := range map[string]Config{"instance": tiny(), "resize": resize, "batch, dropout": batch} {
		dir, cfg := trained(t, cfg)
		var b bytes.Buffer
		if err := gan.Export(dir, &b); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "tiny.safetensors")
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{dir, file} {
			m, err := LoadOn(goDevice(t), path)
			if err != nil {
				t.Fatal(err)
			}
			for scope, tr := range map[string]*Translator{ScopeG: m.G, ScopeF: m.F} {
				want := imaging.FromFloats(evaluated(t, dir, scope, cfg.Generator()), 12, 16, 1)
				if got := translate(t, tr, samples().Image()); !bytes.Equal(got.Pix, want.Pix) {
					t.Errorf("%s: %s of %s is not that of the checkpoint", name, scope, filepath.Base(path))
				}
			}
			if bytes.Equal(translate(t, m.G, samples().Image()).Pix, translate(t, m.F, samples().Image()).Pix) {
				t.Errorf("%s: G and F are one", name)
			}
			if text := m.F.text; text["direction"] != "BtoA" || text["preset"] != "cyclegan-64-small" || text["data"] != "x and y" ||
				text["run_seed"] != "7" || text["run"] != filepath.Base(path) || m.G.text["direction"] != "AtoB" {
				t.Errorf("%s: pictures would say %v", name, text)
			}
			if !Is(path) {
				t.Errorf("%s: %s is not taken for a model", name, path)
			}
			m.Close()
		}
	}
	if Is(t.TempDir()) || Is(foreignFile("latest_net_D_A")) || !Is(foreignFile("latest_net_G")) {
		t.Error("Is mistakes something")
	}
}

// TestExportForeign: each network of a run, read back as a file of the authors' code, is that of the checkpoint.
func TestExportForeign(t *testing.T) {
	batch := tiny()
	batch.Norm, batch.Dropout, batch.DiscriminatorLayers = BatchNorm, true, 2
	pixel := tiny()
	pixel.DiscriminatorLayers = 0
	for name, cfg := range map[string]Config{"instance": tiny(), "batch, dropout": batch, "pixel": pixel} {
		dir, cfg := trained(t, cfg)
		for _, network := range Networks() {
			kind, ours := KindG, cfg.Generator()
			if strings.HasPrefix(network, "D") {
				kind, ours = KindD, cfg.Discriminator()
			}
			state, err := ExportForeign(dir, kind, network)
			if err != nil {
				t.Fatal(err)
			}
			if got := GuessForeign(state); got != kind {
				t.Errorf("%s: %s is taken for %q", name, network, got)
			}
			path := rewritten(t, "latest_net_G", func(arrays map[string]weights.Array) {
				clear(arrays)
				for k, v := range state {
					arrays[k] = v
				}
			})
			f, err := OpenForeign(goDevice(t), path, kind)
			if err != nil {
				t.Fatal(err)
			}
			out, err := f.Forward(t.Context(), map[string]weights.Array{"x": weights.FromFloat32(sampleValues(), 1, 1, 12, 16)})
			if err != nil {
				t.Fatal(err)
			}
			var want []float64
			for _, v := range evaluated(t, dir, networkScopes[network], ours) {
				want = append(want, float64(v))
			}
			near(t, name+": "+network, floats(t, out, "y"), want, 1e-6, 0) // the same sums
			f.Close()
		}
	}
}

// TestExportForeignFile: a file of the authors' code comes out as it went in, but for what instance norms do not use and
// counters.
func TestExportForeignFile(t *testing.T) {
	for _, test := range foreignFiles {
		got, err := ExportForeign(foreignFile(test.name), test.kind, "")
		if err != nil {
			t.Fatal(err)
		}
		want, err := weights.Read(foreignFile(test.name))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for name, a := range want {
			name = strings.TrimPrefix(name, "module.")
			if strings.HasSuffix(name, "num_batches_tracked") || strings.HasPrefix(test.name, "old") && strings.Contains(name, ".running_") {
				continue
			}
			n++
			if b := got[name]; !slices.Equal(a.Shape, b.Shape) || !bytes.Equal(a.Data, b.Data) {
				t.Errorf("%s: %s is another tensor", test.name, name)
			}
		}
		if n != len(got) {
			t.Errorf("%s: %d tensors, want %d", test.name, len(got), n)
		}
	}
}

func TestExportForeignErrors(t *testing.T) {
	dir, _ := trained(t, tiny())
	resize := tiny()
	resize.Upsampling = Resize
	resized, _ := trained(t, resize)
	for _, test := range []struct{ path, kind, network, want string }{
		{dir, KindG, "", "G (X to Y) or F (Y to X)"},
		{dir, KindD, "", "DX (judges X) or DY (judges Y)"},
		{dir, KindG, "DX", `no network "DX" of kind cyclegan-g`},
		{dir, KindD, "G", `no network "G" of kind cyclegan-d`},
		{dir, "dcgan-g", "G", "there are cyclegan-g, cyclegan-d"},
		{resized, KindG, "G", "resizing and a convolution"},
		{foreignFile("latest_net_G"), KindG, "G", "leave G out"},
		{foreignFile("latest_net_G"), KindD, "", "no tensor model.0.weight"},
		{"nothing", KindG, "G", "nothing"},
	} {
		if _, err := ExportForeign(test.path, test.kind, test.network); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("%v, want an error that names %s and says %q", err, test.path, test.want)
		}
	}
	if _, err := gan.LoadOn(goDevice(t), dir); err == nil || !strings.Contains(err.Error(), "cyclegan.Load") {
		t.Errorf("gan opens it: %v", err)
	}
}
