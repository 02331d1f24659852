package gan

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/blocks"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func export(t *testing.T, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Export(dir, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, dir string, cfg Config) *Run {
	t.Helper()
	r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg, noise{28, 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func train(t *testing.T, r *Run, until int64) {
	t.Helper()
	if err := r.TrainTo(t.Context(), until, nil); err != nil {
		t.Fatal(err)
	}
}

func TestTrainToIsAbsolute(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, tiny())
	train(t, r, 20)
	before := export(t, dir)
	train(t, r, 20)
	train(t, r, 8)
	if r.Img() != 20 || !bytes.Equal(before, export(t, dir)) {
		t.Errorf("asked again for what was done, the run moved to %d images", r.Img())
	}
}

// A checkpoint that was written between the last step of D and the step of G that follows it has the final number of
// images already; the one of G is saved all the same.
func TestTheLastStepIsSaved(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, tiny())
	steps(t, r.Trainer(), 1)
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	train(t, r, 4)
	state, _, _, _, err := r.Dir().Load()
	if err != nil || state.Img != 4 || state.Updates[GeneratorPlayer] != 1 {
		t.Errorf("the checkpoint is of %+v (%v), want one step of G", state, err)
	}
}

func TestRunDirectory(t *testing.T) {
	dir := t.TempDir()
	cfg := tiny()
	cfg.GridKimg = 0.008
	r := open(t, dir, cfg)
	train(t, r, 20)
	ticks, err := r.Dir().Ticks()
	if err != nil || len(ticks) == 0 {
		t.Fatalf("ticks %v, %v", ticks, err)
	}
	if first, last := ticks[0], ticks[len(ticks)-1]; first.Img != 4 || last.Img != 20 || last.Values["loss_d"] == 0 ||
		last.Values["loss_g"] == 0 || first.Values["loss_d"] == 0 {
		t.Errorf("the first tick must follow the first step and the last one the last: got %+v and %+v", first, last)
	}
	samples, err := r.Dir().Samples()
	var at []int64
	for _, s := range samples {
		at = append(at, s.Img)
	}
	if want := []int64{0, 8, 16, 20}; err != nil || !slices.Equal(at, want) {
		t.Errorf("grids at %v, %v; want %v", at, err, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "samples", "reals.png")); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	device := &accel.Device{Backend: testbackend.Go(t)}
	train(t, open(t, dir, tiny()), 4)
	again := func(change func(*Config)) error {
		cfg := tiny()
		change(&cfg)
		r, err := OpenOn(device, dir, cfg, noise{28, 1})
		if err == nil {
			r.Close()
		}
		return err
	}
	if err := again(func(*Config) {}); err == nil || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("a second writer: got %v, want an error with the process of the first", err)
	}
}

func TestOpenNamesTheConflict(t *testing.T) {
	dir := t.TempDir()
	device := &accel.Device{Backend: testbackend.Go(t)}
	first := open(t, dir, tiny())
	train(t, first, 4)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want   string
		change func(*Config)
	}{
		{"batch", func(c *Config) { c.Batch = 8 }},
		{"generator_optimizer.lr", func(c *Config) { c.GeneratorOptimizer.LR = 1 }},
		{"loss", func(c *Config) { c.Loss = Hinge }},
		{"networks", func(c *Config) { c.Generator = ownGenerator(8) }},
	} {
		cfg := tiny()
		test.change(&cfg)
		r, err := OpenOn(device, dir, cfg, noise{28, 1})
		if err == nil {
			r.Close()
			t.Errorf("a run was continued with another %s", test.want)
		} else if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %q, want one line that names %s", err, test.want)
		}
	}
	cfg := tiny()
	cfg.SnapshotSeconds, cfg.GridKimg = 5, 1
	if r, err := OpenOn(device, dir, cfg, noise{28, 1}); err != nil {
		t.Errorf("snapshot_seconds and grid_kimg may change: %v", err)
	} else {
		r.Close()
	}
}

// ownGenerator is what a reader of the notebook would write.
func ownGenerator(width int) Network {
	return func(scope *model.Scope, inputs ...*graph.Node) *graph.Node {
		x := blocks.ReLU(blocks.Dense(scope.In("000-dense"), inputs[0], width))
		x = blocks.Dense(scope.In("001-dense"), x, 28*28)
		return graph.Tanh(graph.Reshape(x, -1, 28, 28, 1))
	}
}

func TestOwnNetworks(t *testing.T) {
	dir := t.TempDir()
	device := &accel.Device{Backend: testbackend.Go(t)}
	cfg := tiny()
	cfg.Generator = ownGenerator(8)
	r := open(t, dir, cfg)
	train(t, r, 8)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOn(device, dir); err == nil || !strings.Contains(err.Error(), "WithGenerator") {
		t.Errorf("Load without the network: got %v", err)
	}
	g, err := LoadOn(device, dir, WithGenerator(ownGenerator(8)))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	cfg.Generator = ownGenerator(9)
	if _, err := OpenOn(device, dir, cfg, noise{28, 1}); err == nil || !strings.Contains(err.Error(), "generator/000-dense/bias") {
		t.Errorf("another variable list: got %v, want the first variable that differs", err)
	}
}

// notANumber is data that turns into NaN after some images, once or for good.
type notANumber struct {
	noise
	from  int64
	times *int
}

func (d notANumber) Batch(seed, seen int64, n int) (images, labels *tensors.Tensor, err error) {
	images, labels, err = d.noise.Batch(seed, seen, n)
	if seen >= d.from && *d.times > 0 {
		*d.times--
		err = tensors.MutableFlatData(images, func(x []float32) { x[0] = float32(math.NaN()) })
	}
	return images, labels, err
}

func TestNaN(t *testing.T) {
	for _, test := range []struct {
		times int
		fails bool
	}{{1, false}, {1 << 30, true}} {
		dir := t.TempDir()
		cfg := tiny()
		cfg.SnapshotSeconds = 1e-6
		times := test.times
		r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg, notANumber{noise{28, 1}, 40, &times})
		if err != nil {
			t.Fatal(err)
		}
		rep := &notes{Reporter: Silent()}
		err = r.TrainTo(t.Context(), 60, rep)
		if test.fails != (err != nil) {
			t.Errorf("NaN %d times: got %v", test.times, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if broken := (*Diverged)(nil); test.fails && (!errors.As(err, &broken) || broken.Img < 40 || broken.Back != r.Img()) {
			t.Errorf("got %v", err)
		}
		if !test.fails && (r.Img() != 60 || len(rep.lines) == 0 || !strings.Contains(rep.lines[0], "not a number")) {
			t.Errorf("at %d images, notes %q", r.Img(), rep.lines)
		}
		_, arrays, err := readModel(dir, false)
		if err != nil || notFiniteArray(arrays) != "" {
			t.Errorf("the checkpoint: %q, %v", notFiniteArray(arrays), err)
		}
	}
}

// notes keeps the lines that a reporter is told.
type notes struct {
	Reporter
	lines []string
}

func (n *notes) Note(line string) { n.lines = append(n.lines, line) }

func TestCancelSavesAfterTheRunningStep(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, tiny())
	ctx, cancel := context.WithCancel(t.Context())
	err := r.TrainTo(ctx, 1000, &cancelling{Reporter: Silent(), cancel: cancel})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "run it again") {
		t.Errorf("got %v", err)
	}
	at := r.Img()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, tiny())
	if again.Img() != at || at == 0 {
		t.Errorf("continued at %d images, was stopped at %d", again.Img(), at)
	}
}

type cancelling struct {
	Reporter
	cancel context.CancelFunc
}

func (c *cancelling) Tick(run.Tick) { c.cancel() }

func pixels(t *testing.T, img image.Image) []byte {
	t.Helper()
	gray, ok := img.(*image.Gray)
	if !ok {
		t.Fatalf("a grey picture is %T", img)
	}
	return gray.Pix
}

// A seed's picture depends neither on the pictures drawn with it nor on other calls at the same time.
func TestSample(t *testing.T) {
	dir := t.TempDir()
	cfg := tiny()
	cfg.Generator = ownGenerator(8) // tiny's own hardly leaves grey in so few steps
	train(t, open(t, dir, cfg), 12)
	g, err := LoadOn(&accel.Device{Backend: testbackend.Go(t)}, dir, WithGenerator(ownGenerator(8)))
	if err != nil {
		t.Fatal(err)
	}
	all, err := g.Sample(t.Context(), Seeds(0, 40))
	if err != nil || len(all) != 40 {
		t.Fatalf("%d pictures, %v", len(all), err)
	}
	if bytes.Equal(pixels(t, all[0]), pixels(t, all[1])) {
		t.Error("two seeds gave the same picture")
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			one, err := g.Sample(context.Background(), []int64{int64(5 * i)})
			if err != nil || !bytes.Equal(one[0].(*image.Gray).Pix, all[5*i].(*image.Gray).Pix) {
				t.Errorf("seed %d alone: %v, or another picture", 5*i, err)
			}
		})
	}
	wait.Wait()
	drawn := 0
	for img, err := range g.Samples(20, 3).All() {
		if err != nil || !bytes.Equal(pixels(t, img), pixels(t, all[3+drawn])) {
			t.Fatalf("sample %d: %v, or another picture", drawn, err)
		}
		drawn++
	}
	if drawn != 20 {
		t.Errorf("%d samples, want 20", drawn)
	}
	z := g.Latents([]int64{4})
	one, err := g.Synthesize(t.Context(), z)
	if err != nil || !bytes.Equal(pixels(t, one[0]), pixels(t, all[4])) {
		t.Errorf("the latents of a seed gave another picture than the seed: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Sample(t.Context(), Seeds(0, 1)); err == nil {
		t.Error("a closed generator drew")
	}
}

// A file that Export made holds what Load needs.
func TestExportedFile(t *testing.T) {
	dir := t.TempDir()
	train(t, open(t, dir, tiny()), 8)
	file := filepath.Join(t.TempDir(), "g.safetensors")
	if err := os.WriteFile(file, export(t, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	device := &accel.Device{Backend: testbackend.Go(t)}
	var pictures [][]byte
	for _, path := range []string{dir, file} {
		g, err := LoadOn(device, path)
		if err != nil {
			t.Fatal(err)
		}
		images, err := g.Sample(t.Context(), Seeds(0, 1))
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, pixels(t, images[0]))
		g.Close()
	}
	if !bytes.Equal(pictures[0], pictures[1]) {
		t.Error("the file draws another picture than the run")
	}
	if _, err := LoadOn(device, filepath.Join(dir, "nothing")); err == nil {
		t.Error("a path without anything was loaded")
	}
}
