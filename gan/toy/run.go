package toy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
)

// A Run is a training on points in a directory, like a gan.Run on images: it goes on where it was stopped, to the same
// bits. It is not safe for concurrent use.
type Run struct {
	session *gan.Session
	config  Config
	device  *accel.Device
	g, d    *evaluator
}

// Open starts a run in dir, or continues the one that is there. The config must be the one that the run was started with,
// but for samples, sample_steps and snapshot_seconds; the error names the field that differs.
func Open(dir string, cfg Config) (*Run, error) {
	device, err := accel.Default(context.Background())
	if err != nil {
		return nil, err
	}
	return OpenOn(device, dir, cfg)
}

// OpenOn is Open on a device that the caller chose.
func OpenOn(device *accel.Device, dir string, cfg Config) (*Run, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.DataName = cfg.Data.Name()
	d, err := run.Create(dir, cfg, run.Options{KeepLast: 2, Changeable: changeable})
	if err != nil {
		return nil, err
	}
	r := &Run{config: cfg, device: device}
	if err := r.open(d); err != nil {
		r.Close()
		d.Close()
		return nil, err
	}
	return r, nil
}

func (r *Run) open(d *run.Dir) (err error) {
	if r.g, err = newEvaluator(r.device.Backend, gan.GeneratorPlayer, r.config.generator(), r.config.Latents.Dim); err != nil {
		return err
	}
	if r.d, err = newEvaluator(r.device.Backend, gan.DiscriminatorPlayer, r.config.discriminator(), 2*r.config.Pack); err != nil {
		return err
	}
	trainer, err := gan.NewTrainer(r.device.Backend, r.config.spec())
	if err != nil {
		return err
	}
	r.session, err = gan.NewSession(d, trainer, gan.SessionOptions{
		Title: r.config.Preset + " on " + r.config.DataName, Device: r.device.Name(),
		Snapshot: time.Duration(r.config.SnapshotSeconds * float64(time.Second)),
		GridImg:  r.config.img(r.config.SampleSteps),
		Grid:     r.writeSamples,
	})
	if err != nil {
		trainer.Close()
	}
	return err
}

// Config returns the config of the run.
func (r *Run) Config() Config { return r.config }

// Device returns the name of the device that the run computes on.
func (r *Run) Device() string { return r.device.Name() }

// Steps returns the number of steps of G that were made (of D, where G is fixed).
func (r *Run) Steps() int64 { return r.session.Img() / r.config.img(1) }

// TrainTo trains until this many steps of G (of D, where G is fixed) have been made in all, and saves; see
// gan.Session.TrainTo.
func (r *Run) TrainTo(ctx context.Context, steps int64, rep gan.Reporter) error {
	if rep == nil {
		rep = gan.Silent()
	}
	return r.session.TrainTo(ctx, r.config.img(steps), withoutPictures{rep})
}

// withoutPictures keeps from a reporter the files of points, which are no pictures.
type withoutPictures struct{ gan.Reporter }

func (withoutPictures) Sample(string) {}

// Close stops the run and releases its directory.
func (r *Run) Close() error {
	for _, e := range []*evaluator{r.g, r.d} {
		if e != nil {
			e.close()
		}
	}
	if r.session == nil {
		return nil
	}
	return r.session.Close()
}

// Draw draws n points from G as it is, from seed; those of the fixed generator are reals with noise.
func (r *Run) Draw(n int, seed int64) (Points, error) {
	_, state, err := r.session.Trainer().State()
	if err != nil {
		return nil, err
	}
	return r.draw(state, n, seed)
}

func (r *Run) draw(state map[string]weights.Array, n int, seed int64) (Points, error) {
	if r.config.FixedNoise > 0 {
		points, rng := Draw(r.config.Data, n, seed), stream("noise", seed)
		for i := range points {
			points[i] += float32(r.config.FixedNoise * rng.NormFloat64())
		}
		return points, nil
	}
	if err := r.g.set(state); err != nil {
		return nil, err
	}
	seeds := make([]int64, n)
	for i := range seeds {
		seeds[i] = seed + int64(i)
	}
	out, err := r.g.call(r.config.Latents.Seeded(seeds))
	return Points(out), err
}

// Critic returns D's output for each point, as it is: a logit or a critic's value. It returns an error for a D that judges
// several points together.
func (r *Run) Critic(at Points) ([]float32, error) {
	if r.config.Pack > 1 {
		return nil, fmt.Errorf("toy: this D judges %d points together; it has no value at one", r.config.Pack)
	}
	_, state, err := r.session.Trainer().State()
	if err != nil {
		return nil, err
	}
	if err := r.d.set(state); err != nil {
		return nil, err
	}
	return r.d.call(at)
}

// sampleSeed is the first of the seeds whose points are written while a run trains, the same ones each time.
const sampleSeed = 0

// writeSamples draws points into the directory, as the array "x" [n, 2] of samples/points_NNNNNNNNN.npz, NNNNNNNNN being
// the number of steps.
func (r *Run) writeSamples(_ context.Context, state map[string]weights.Array) (string, error) {
	points, err := r.draw(state, r.config.Samples, sampleSeed)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("points_%09d.npz", r.Steps())
	return name, writePoints(r.session.Dir().Path("samples", name), points)
}

// writePoints writes a file, or replaces the one that is there, whole.
func writePoints(path string, points Points) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("toy: %w", err)
	}
	defer os.Remove(f.Name())
	err = weights.WriteNPZ(f, map[string]weights.Array{"x": weights.FromFloat32(points, points.Len(), 2)}, true)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("toy: cannot write %s: %w", path, err)
	}
	return nil
}

// A Moment is what G drew at one time of a run.
type Moment struct {
	Steps  int64
	Points Points
}

// Moments returns what the run in a directory has drawn, by rising steps. Drawings beyond its newest checkpoint, which an
// interrupted run makes again, are among them.
func Moments(dir string) ([]Moment, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "samples", "points_*.npz"))
	if err != nil {
		return nil, fmt.Errorf("toy: %w", err)
	}
	slices.Sort(paths)
	var out []Moment
	for _, path := range paths {
		var m Moment
		if _, err := fmt.Sscanf(strings.TrimSuffix(filepath.Base(path), ".npz"), "points_%d", &m.Steps); err != nil {
			continue
		}
		arrays, err := weights.ReadNPZ(path)
		if err != nil {
			return nil, err
		}
		points, err := arrays["x"].Float32s()
		if err != nil {
			return nil, fmt.Errorf("toy: %s: %w", path, err)
		}
		m.Points = points
		out = append(out, m)
	}
	return out, nil
}
