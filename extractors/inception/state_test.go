package inception_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/extractors/inception"
	"github.com/gogan-ml/gogan/internal/inceptionweights"
	"github.com/gogan-ml/gogan/weights"
)

// TestParameters: the numbers are those of the published file (its length less what its format adds).
func TestParameters(t *testing.T) {
	total := 0
	names := map[string]bool{}
	for _, p := range inception.Parameters() {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		total += n
		names[p.Name] = true
	}
	if len(names) != 472 || total != 23_885_392 {
		t.Errorf("%d arrays with %d numbers, want 472 with 23885392", len(names), total)
	}
}

// file writes arrays into a file.
func file(t *testing.T, arrays map[string]weights.Array) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "w.safetensors")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(weights.WriteSafetensors(f, arrays, nil), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func openPart(t *testing.T, arrays map[string]weights.Array) (*inception.Network, error) {
	t.Helper()
	return inception.OpenPart(context.Background(), device(t), &inception.Options{Weights: file(t, arrays)})
}

// TestWrongWeights: the error names the file and the first array that is wrong.
func TestWrongWeights(t *testing.T) {
	all := inceptionweights.Arrays()
	nan := func(name string, value float32) map[string]weights.Array {
		values, err := all[name].Float32s()
		if err != nil {
			t.Fatal(err)
		}
		values[3] = value
		return map[string]weights.Array{name: weights.FromFloat32(values, all[name].Shape...)}
	}
	infinity := float32(math.Inf(1))
	for _, test := range []struct {
		name   string
		change map[string]weights.Array
		drop   []string
		want   string
	}{
		{"missing", nil, []string{"Mixed_6b.branch7x7_2.bn.bias", "fc.bias"}, "2 of its 472 arrays are missing, the first is Mixed_6b.branch7x7_2.bn.bias"},
		{"odd name", map[string]weights.Array{"Mixed_8a.conv.weight": weights.FromFloat32(nil, 0)}, nil, "no array Mixed_8a.conv.weight"},
		{"shape", map[string]weights.Array{"fc.weight": weights.FromFloat32(make([]float32, 4), 2, 2)}, nil, "fc.weight has the shape [2 2], want [1008 2048]"},
		{"integers", map[string]weights.Array{"fc.bias": weights.FromInt64(make([]int64, 1008), 1008)}, nil, "fc.bias is I64"},
		{"NaN", nan("Mixed_7c.branch1x1.conv.weight", float32(math.NaN())), nil, "Mixed_7c.branch1x1.conv.weight holds NaN at place 3"},
		{"infinity", nan("fc.bias", infinity), nil, "fc.bias holds +Inf at place 3"},
		{"variance", nan("Conv2d_1a_3x3.bn.running_var", -1), nil, "Conv2d_1a_3x3.bn.running_var[3] is -1"},
		{"torchvision", map[string]weights.Array{"fc.weight": weights.FromFloat32(make([]float32, 1000*2048), 1000, 2048)}, nil, "torchvision's weights"},
	} {
		t.Run(test.name, func(t *testing.T) {
			arrays := maps.Clone(all)
			maps.Copy(arrays, test.change)
			for _, name := range test.drop {
				delete(arrays, name)
			}
			n, err := openPart(t, arrays)
			if err == nil {
				n.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "inception: ") {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestNoWeights(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.pth")
	if err := os.WriteFile(text, []byte("<!DOCTYPE html>"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, filepath.Join(dir, "nosuch.pth")} {
		_, err := inception.Open(context.Background(), device(t), &inception.Options{Weights: path})
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}

// inBlocks renames a state dict to what pytorch-fid's class InceptionV3 saves, with its first blocks only.
func inBlocks(arrays map[string]weights.Array, blocks int) map[string]weights.Array {
	layers := [][]string{
		{"Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"},
		{"Conv2d_3b_1x1", "Conv2d_4a_3x3"},
		{"Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"},
		{"Mixed_7a", "Mixed_7b", "Mixed_7c"},
	}
	out := map[string]weights.Array{}
	for name, a := range arrays {
		layer, rest, _ := strings.Cut(name, ".")
		for i, block := range layers[:blocks] {
			if k := slices.Index(block, layer); k >= 0 {
				out[fmt.Sprintf("blocks.%d.%d.%s", i, k, rest)] = a
			}
		}
	}
	return out
}

// TestStateOfPytorchFIDsClass: the class keeps the layers under other names, and has no last layer; where it was asked
// for an early output, it has the first blocks only. Counters of training are left out.
func TestStateOfPytorchFIDsClass(t *testing.T) {
	images, stored := reference(t)
	all := inBlocks(inceptionweights.Arrays(), 4)
	all["blocks.0.0.bn.num_batches_tracked"] = weights.FromInt64([]int64{0})
	n, err := openPart(t, all)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if n.Width(extractors.Logits) != 0 || n.Width(extractors.Pool) != inception.Features || n.WeightsOfficial() {
		t.Errorf("widths %d and %d, official %t", n.Width(extractors.Logits), n.Width(extractors.Pool), n.WeightsOfficial())
	}
	if _, err := n.Extract(context.Background(), images, extractors.TF1, extractors.Logits); err == nil || !strings.Contains(err.Error(), "logits") {
		t.Errorf("logits without a last layer: error %v", err)
	}
	early, err := openPart(t, inBlocks(inceptionweights.Arrays(), 1))
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	var taps []float32
	for _, m := range images {
		out, err := early.Forward(context.Background(), weights.FromFloat32(unit(channelsFirst(m)), 1, 3, m.H, m.W), extractors.TF1, true)
		if err != nil {
			t.Fatal(err)
		}
		if names := slices.Collect(maps.Keys(out)); !slices.Equal(names, []string{"64"}) {
			t.Fatalf("block 0 gives %v", names)
		}
		taps = append(taps, floats(t, out["64"])...)
	}
	compare(t, stored, "pytorch-fid.64", taps, 1e-5)
	x := weights.FromUint8(make([]uint8, 3), 1, 3, 1, 1)
	if _, err := early.Forward(context.Background(), x, extractors.TF1, false); err == nil || !strings.Contains(err.Error(), "after block 0") {
		t.Errorf("block 0 without taps: error %v", err)
	}
	opt := &inception.Options{Weights: file(t, inBlocks(inceptionweights.Arrays(), 1))}
	if _, err := inception.Open(context.Background(), device(t), opt); err == nil || !strings.Contains(err.Error(), "block 0 of 3") {
		t.Errorf("Open of block 0: error %v", err)
	}
}

// TestClosed uses a network of its own.
func TestClosed(t *testing.T) {
	n, err := inception.Open(context.Background(), device(t), &inception.Options{Weights: inceptionweights.File(t)})
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	if err := n.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := n.Extract(context.Background(), []*imaging.Image8{picture(1, 8, 8, 3)}, extractors.TF1, extractors.Pool); err == nil || err.Error() != "inception: the network is closed" {
		t.Errorf("a closed network: error %v", err)
	}
}
