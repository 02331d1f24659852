package gan

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gomlx/gomlx/core/tensors"
)

// A test kills this process while it trains: with GOGAN_TEST_TRAIN=DIR the test binary trains there instead of testing, the
// preset of GOGAN_TEST_PRESET.
func TestMain(m *testing.M) {
	if dir := os.Getenv("GOGAN_TEST_TRAIN"); dir != "" {
		until, err := strconv.ParseInt(os.Getenv("GOGAN_TEST_UNTIL"), 10, 64)
		if err == nil {
			err = trainChild(dir, os.Getenv("GOGAN_TEST_PRESET"), until)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// restless is a preset at a size that steps in milliseconds on the pure Go backend, with a checkpoint after every step that
// takes time at all.
func restless(preset string) (Config, error) {
	cfg, err := Preset(preset)
	cfg.BaseChannels, cfg.Batch, cfg.Latents.Dim, cfg.Seed = 2, 4, 4, 7
	cfg.DiscriminatorChannels = min(cfg.DiscriminatorChannels, 2)
	cfg.SnapshotSeconds, cfg.GridKimg, cfg.EMAKimg = 0.02, 0.4, 0.1
	if cfg.Sound() {
		cfg.ImageSize, cfg.SampleRate = 1024, 0
	}
	return cfg, err
}

// labelled is noise whose pictures have classes.
type labelled struct{ noise }

func (labelled) ClassNames() []string { return []string{"a", "b", "c"} }

func (d labelled) Batch(seed, seen int64, n int) (images, labels *tensors.Tensor, err error) {
	images, _, err = d.noise.Batch(seed, seen, n)
	return images, drawClasses(stream("labels", seed, seen), n, 3), err
}

func trainChild(dir, preset string, until int64) error {
	cfg, err := restless(preset)
	if err != nil {
		return err
	}
	var data Data = labelled{noise{28, 1}}
	score := byBrightness
	if cfg.Sound() {
		data, score = hiss{1024, 4000}, byLoudness
	}
	r, err := Open(dir, cfg, data)
	if err != nil {
		return err
	}
	r.Evaluate(100, score)
	if err := r.TrainTo(context.Background(), until, nil); err != nil {
		return err
	}
	return r.Close()
}

func child(backend, preset, dir string, until int64) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GOGAN_TEST_TRAIN="+dir, "GOGAN_TEST_PRESET="+preset, fmt.Sprintf("GOGAN_TEST_UNTIL=%d", until),
		"GOMLX_BACKEND="+backend)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestKill: a run that is killed again and again ends with the bits of one that is left alone, and its directory can be
// read after each kill.
func TestKill(t *testing.T) {
	testbackend.XLA(t)
	for _, test := range []struct {
		backend  string
		kills    int
		min, max time.Duration // a kill comes between these times after the start
	}{{"go", 20, 100 * time.Millisecond, 400 * time.Millisecond}, {"xla:cpu", 3, time.Second, 3 * time.Second}} {
		t.Run(test.backend, func(t *testing.T) {
			dirs := []string{filepath.Join(t.TempDir(), "killed"), filepath.Join(t.TempDir(), "straight")}
			rng := rand.New(rand.NewPCG(1, 2))
			killed := 0
			for kill := range test.kills {
				cmd := child(test.backend, "dcgan", dirs[0], math.MaxInt32)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.min + time.Duration(rng.Int64N(int64(test.max-test.min))))
				if kill == test.kills-1 {
					waitForProgress(t, dirs[0])
				}
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err == nil {
					t.Fatal("the child ended before it was killed")
				}
				if _, err := os.Stat(filepath.Join(dirs[0], "config.json")); err == nil {
					readable(t, dirs[0])
					killed++
				}
			}
			if killed < test.kills/2 {
				t.Fatalf("only %d of %d kills came after the run had begun", killed, test.kills)
			}
			finish(t, test.backend, "dcgan", dirs)
		})
	}
}

// TestKillEveryPreset: every preset, killed in the middle, ends with the bits of a run that is left alone.
func TestKillEveryPreset(t *testing.T) {
	for _, preset := range PresetNames() {
		t.Run(preset, func(t *testing.T) {
			t.Parallel()
			dirs := []string{filepath.Join(t.TempDir(), "killed"), filepath.Join(t.TempDir(), "straight")}
			cmd := child("go", preset, dirs[0], math.MaxInt32)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForProgress(t, dirs[0])
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil {
				t.Fatal("the child ended before it was killed")
			}
			readable(t, dirs[0])
			finish(t, "go", preset, dirs)
		})
	}
}

// waitForProgress waits until the run has a checkpoint beyond its first state, however busy the machine is.
func waitForProgress(t *testing.T, dir string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if names, err := filepath.Glob(filepath.Join(dir, "checkpoint", strings.Repeat("[0-9]", 9))); err == nil && len(names) > 1 {
			return
		}
	}
	t.Fatal("no checkpoint in a minute")
}

// readable fails if the directory of a killed run cannot be read.
func readable(t *testing.T, dir string) {
	t.Helper()
	d, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, _, _, damaged, err := d.Load(); err != nil || len(damaged) > 0 {
		t.Fatalf("after a kill: damaged %v, %v", damaged, err)
	}
	if _, err := d.Ticks(); err != nil {
		t.Fatal(err)
	}
}

// finish trains both directories to the same length, beyond where the killed one is, and compares.
func finish(t *testing.T, backend, preset string, dirs []string) {
	t.Helper()
	d, err := run.Open(dirs[0])
	if err != nil {
		t.Fatal(err)
	}
	state, _, found, _, err := d.Load()
	d.Close()
	if err != nil || !found || state.Img == 0 {
		t.Fatalf("the killed run stands at %d images (found %v, %v)", state.Img, found, err)
	}
	for _, dir := range dirs {
		if err := child(backend, preset, dir, state.Img+40).Run(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(export(t, dirs[0]), export(t, dirs[1])) {
		t.Errorf("at %d images the killed run differs from the one that was left alone", state.Img+40)
	}
	for _, name := range []string{"scores.jsonl", "best.json"} {
		if killed, straight := read(t, dirs[0], name), read(t, dirs[1], name); killed != straight {
			t.Errorf("%s of the killed run:\n%s\nof the one that was left alone:\n%s", name, killed, straight)
		}
	}
}
