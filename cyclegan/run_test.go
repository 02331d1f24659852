package cyclegan

import (
	"context"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/weights"
	"github.com/gomlx/gomlx/core/tensors"
)

// A test kills this process while it trains: with GOGAN_TEST_TRAIN=DIR the test binary trains there instead of testing.
func TestMain(m *testing.M) {
	if dir := os.Getenv("GOGAN_TEST_TRAIN"); dir != "" {
		until, err := strconv.ParseInt(os.Getenv("GOGAN_TEST_UNTIL"), 10, 64)
		if err == nil {
			err = trainChild(dir, until)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// noise is data: pictures drawn from seed and position.
type noise struct {
	name                    string
	n                       int
	height, width, channels int
}

func (d noise) Name() string { return d.name }

func (d noise) Len() int { return d.n }

func (d noise) ImageShape() (height, width, channels int) { return d.height, d.width, d.channels }

func (d noise) Batch(seed, seen int64, n int) (images, labels *tensors.Tensor, err error) {
	values := make([]float32, n*d.height*d.width*d.channels)
	rng := rand.New(rand.NewPCG(uint64(seed), uint64(seen)))
	for i := range values {
		values[i] = 2*rng.Float32() - 1
	}
	return tensors.FromFlatDataAndDimensions(values, n, d.height, d.width, d.channels), nil, nil
}

var (
	domainX = noise{"x", 100, 12, 16, 1}
	domainY = noise{"y", 80, 12, 16, 1}
)

// tiny is a config that steps in milliseconds on the pure Go backend, on pictures that are not square.
func tiny() Config {
	c := CycleGAN64Small()
	c.NBlocks, c.BaseChannels, c.DiscriminatorChannels, c.DiscriminatorLayers = 1, 2, 2, 1
	c.Batch, c.PoolSize, c.Seed, c.SnapshotSeconds, c.GridKimg = 2, 3, 7, 3600, 0.1
	return c
}

func trainChild(dir string, until int64) error {
	cfg := tiny()
	cfg.SnapshotSeconds = 0.02 // a checkpoint after every step that takes time at all
	r, err := Open(dir, cfg, domainX, domainY)
	if err != nil {
		return err
	}
	if err := r.TrainTo(context.Background(), until, nil); err != nil {
		return err
	}
	return r.Close()
}

func open(t *testing.T, dir string, cfg Config, x, y gan.Data) *Run {
	t.Helper()
	r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg, x, y)
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

// newest is the newest checkpoint of a directory.
func newest(t *testing.T, dir string) (run.State, map[string]weights.Array) {
	t.Helper()
	d, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	state, arrays, found, damaged, err := d.Load()
	if err != nil || !found || len(damaged) > 0 {
		t.Fatalf("%s: found %t, damaged %v, %v", dir, found, damaged, err)
	}
	return state, arrays
}

// TestKill: a run that is killed, and goes on, ends with the bits of one that is left alone: networks, moments and pools.
func TestKill(t *testing.T) {
	dirs := []string{filepath.Join(t.TempDir(), "killed"), filepath.Join(t.TempDir(), "straight")}
	child := func(dir string, until int64) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "GOGAN_TEST_TRAIN="+dir, fmt.Sprintf("GOGAN_TEST_UNTIL=%d", until), "GOMLX_BACKEND=go")
		cmd.Stderr = os.Stderr
		return cmd
	}
	cmd := child(dirs[0], math.MaxInt32)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		names, err := filepath.Glob(filepath.Join(dirs[0], "checkpoint", strings.Repeat("[0-9]", 9)))
		if err == nil && len(names) > 1 && filepath.Base(names[len(names)-1]) > "000000009" { // the pools of 3 are full
			break
		}
		if time.Now().After(end) {
			t.Fatal("no checkpoint with full pools in a minute")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended before it was killed")
	}
	state, _ := newest(t, dirs[0])
	for _, dir := range dirs {
		if err := child(dir, 2*state.Img).Run(); err != nil {
			t.Fatal(err)
		}
	}
	_, killed := newest(t, dirs[0])
	_, straight := newest(t, dirs[1])
	if !reflect.DeepEqual(killed, straight) {
		t.Errorf("killed at %d and trained to %d pairs, the run differs from the one that was left alone", state.Img, 2*state.Img)
	}
	for _, name := range []string{"pool/X/pictures", "pool/Y/shown", "generator/G/000-conv/weight", "optimizer/discriminator/DX/000-conv/weight/v"} {
		if _, found := killed[name]; !found {
			t.Errorf("the checkpoint has no %s", name)
		}
	}
}

// TestRunDirectory: what a run leaves.
func TestRunDirectory(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, tiny(), domainX, domainY)
	train(t, r, 20)
	ticks, err := r.Dir().Ticks()
	if err != nil || len(ticks) == 0 {
		t.Fatalf("%d ticks, %v", len(ticks), err)
	}
	last := ticks[len(ticks)-1]
	if last.Img != 20 {
		t.Errorf("the last tick is at %d pairs, want 20", last.Img)
	}
	for _, name := range []string{"loss_g", "loss_dx", "loss_dy", "adversarial_g", "adversarial_f", "cycle_x", "cycle_y", "identity_x",
		"identity_y", "correlation_x", "correlation_y"} {
		if _, found := last.Values[name]; !found {
			t.Errorf("the log has no %s", name)
		}
	}
	samples, err := r.Dir().Samples()
	if err != nil || len(samples) < 2 {
		t.Fatalf("%d grids, %v", len(samples), err)
	}
	for path, columns := range map[string]int{samples[0].Path: gridColumns, r.Dir().Reals(): 2} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		grid, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		width, height := columns*(16+gridGap)-gridGap, gridRows*(12+gridGap)-gridGap
		if size := grid.Bounds().Size(); size.X != width || size.Y != height {
			t.Errorf("%s is %v, want %dx%d", path, size, width, height)
		}
	}
	cfg := r.Config()
	if cfg.Height != 12 || cfg.Width != 16 || cfg.Channels != 1 || cfg.DataX != "x" || cfg.DataY != "y" || cfg.LoweringTable == 0 {
		t.Errorf("the config is %+v", cfg)
	}
}

// TestResumeNeedsTheSameConfig: a field that differs is named, the changeable ones are not.
func TestResumeNeedsTheSameConfig(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir, tiny(), domainX, domainY).Close(); err != nil {
		t.Fatal(err)
	}
	cfg := tiny()
	cfg.GridKimg = 5
	if err := open(t, dir, cfg, domainX, domainY).Close(); err != nil {
		t.Fatal(err)
	}
	cfg.LambdaX = 3
	if _, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg, domainX, domainY); err == nil || !strings.Contains(err.Error(), "lambda_x") {
		t.Errorf("another lambda_x: %v", err)
	}
}

// TestEachStepMovesItsPlayer: the step of G leaves DX and DY as they were, that of D leaves G and F; each moves all of its
// own.
func TestEachStepMovesItsPlayer(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"lsgan":   func(*Config) {},
		"wgan-gp": func(c *Config) { c.Loss = WGANGP },
		"dropout": func(c *Config) { c.Dropout, c.Upsampling, c.DiscriminatorLayers = true, Resize, 0 },
		"batch":   func(c *Config) { c.Norm, c.Loss, c.PoolSize, c.LambdaIdentity = BatchNorm, Vanilla, 0, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := tiny()
			change(&cfg)
			cfg, _, err := cfg.resolve(domainX, domainY)
			if err != nil {
				t.Fatal(err)
			}
			trainer, err := gan.NewTrainer(testbackend.Go(t), cfg.game().spec(domainX, domainY))
			if err != nil {
				t.Fatal(err)
			}
			defer trainer.Close()
			for _, moved := range []string{gan.GeneratorPlayer, gan.DiscriminatorPlayer} {
				before := values(t, trainer)
				if _, err := trainer.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
				for path, after := range values(t, trainer) {
					// Biases before an instance norm stay; moments tell what is trained.
					_, trained := before["/optimizer"+path+"/m"]
					if want := trained && strings.HasPrefix(path, "/"+moved+"/"); want == reflect.DeepEqual(before[path], after) {
						t.Errorf("the step of the %s moves %s: %t, want %t", moved, path, !want, want)
					}
				}
			}
		})
	}
}

// values are the trained variables of all networks and the moments.
func values(t *testing.T, trainer *gan.Trainer) map[string][]float64 {
	t.Helper()
	out := map[string][]float64{}
	for _, scope := range []string{gan.GeneratorPlayer, gan.DiscriminatorPlayer, "optimizer"} {
		for path, value := range trainer.Variables().Under(scope) {
			if strings.Contains(path, "running_") || scope == "optimizer" && !strings.HasSuffix(path, "/m") {
				continue
			}
			out[path] = flat(t, value)
		}
	}
	for path := range out { // moments change with their player: they are only looked up
		if strings.HasPrefix(path, "/optimizer/") {
			out[path] = nil
		}
	}
	return out
}

// TestTheDomainsHaveOrdersOfTheirOwn: the same data for both is shown in two orders.
func TestTheDomainsHaveOrdersOfTheirOwn(t *testing.T) {
	cfg, _, err := tiny().resolve(domainX, domainX)
	if err != nil {
		t.Fatal(err)
	}
	b, err := cfg.source(domainX, domainX).Next(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(flat(t, b.X), flat(t, b.Y)) {
		t.Error("x and y are the same pictures")
	}
}
