package gan

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
)

// A Run is a training in a directory: opened, trained to a length, closed. It holds the lock of the directory and is
// not safe for concurrent use.
type Run struct {
	*Session
	config Config
	fixed  *Generator // draws the grids, with the weights of the moment
}

// Open starts a run in dir, or continues the one that is there to the same bits. The config must be the one that the
// run was started with, but for grid_kimg and snapshot_seconds; the error names the field that differs, and for other
// networks the first variable that differs. A second process that opens the directory gets an error too.
func Open(dir string, cfg Config, data Data) (*Run, error) {
	device, err := accel.Default(context.Background())
	if err != nil {
		return nil, err
	}
	return OpenOn(device, dir, cfg, data)
}

// OpenOn is Open on a device that the caller chose.
func OpenOn(device *accel.Device, dir string, cfg Config, data Data) (*Run, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg, note, err := cfg.resolve(data)
	if err != nil {
		return nil, err
	}
	d, err := run.Create(dir, cfg, run.Options{KeepLast: 2, Changeable: changeable})
	if err != nil {
		return nil, err
	}
	r, err := openIn(d, device, cfg, data, note)
	if err != nil {
		d.Close()
		return nil, err
	}
	return r, nil
}

func openIn(d *run.Dir, device *accel.Device, cfg Config, data Data, note string) (*Run, error) {
	trainer, err := NewTrainer(device.Backend, cfg.spec(data))
	if err != nil {
		return nil, err
	}
	r := &Run{config: cfg}
	r.Session, err = NewSession(d, trainer, SessionOptions{
		Title:    cfg.Preset + " on " + cfg.Data,
		Device:   device.Name(),
		Snapshot: seconds(cfg.SnapshotSeconds),
		GridImg:  int64(cfg.GridKimg * float64(Kimg)),
		Grid:     r.grid,
		Notes:    []string{device.Notice(), note},
	})
	if err != nil {
		trainer.Close()
		return nil, err
	}
	if r.fixed, err = newGenerator(device.Backend, cfg); err != nil {
		r.Close()
		return nil, err
	}
	if err := r.reals(data); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Config returns the resolved config of the run.
func (r *Run) Config() Config { return r.config }

// Close stops the run and releases its directory. What was trained since the last checkpoint is saved by TrainTo.
func (r *Run) Close() error {
	if r.fixed != nil {
		r.fixed.Close()
	}
	return r.Session.Close()
}

// gridSide is the number of rows and columns of a grid.
const gridSide = 8

// grid draws the samples of seeds 0 to 63, which `gogan sample --seeds 0-63` draws too.
func (r *Run) grid(ctx context.Context, arrays map[string]weights.Array) (string, error) {
	if err := r.fixed.setWeights(arrays); err != nil {
		return "", err
	}
	if r.config.Sound() {
		return r.drawSounds(ctx)
	}
	images, err := r.fixed.draw(ctx, Seeds(0, gridSide*gridSide))
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("fakes_%09d.png", r.Img())
	return name, r.dir.WriteSample(name, gridImage(images), r.text(map[string]string{"seed": "0-63", "psi": "1"}))
}

// reals draws the first images of the data once.
func (r *Run) reals(data Data) error {
	batch, err := r.config.source(data).Next(0, gridSide*gridSide)
	if err != nil {
		return err
	}
	if r.config.Sound() {
		return r.realSounds(batch.X)
	}
	images, err := Pictures(batch.X)
	if err != nil {
		return err
	}
	return r.dir.WriteSample("reals.png", gridImage(images), r.text(nil))
}

// text is what every PNG of the run carries.
func (r *Run) text(more map[string]string) map[string]string {
	out := map[string]string{"run": filepath.Base(r.dir.Path()), "preset": r.config.Preset, "data": r.config.Data, "version": Version,
		"run_seed": fmt.Sprint(r.config.Seed), "img": fmt.Sprint(r.Img())}
	for k, v := range more {
		out[k] = v
	}
	return out
}
