package cyclegan

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/weights"
)

// A Run is a training in a directory: opened, trained to a length counted in pairs, closed. It holds the lock of the
// directory and is not safe for concurrent use.
type Run struct {
	*gan.Session
	config Config
	grids  *grids
}

// Open starts a run in dir, or continues the one that is there to the same bits, pools included. x and y are the data of
// the two domains. The config must be the one that the run was started with, but for grid_kimg and snapshot_seconds; the
// error names the field that differs. A second process that opens the directory gets an error too.
func Open(dir string, cfg Config, x, y gan.Data) (*Run, error) {
	device, err := accel.Default(context.Background())
	if err != nil {
		return nil, err
	}
	return OpenOn(device, dir, cfg, x, y)
}

// OpenOn is Open on a device that the caller chose.
func OpenOn(device *accel.Device, dir string, cfg Config, x, y gan.Data) (*Run, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg, note, err := cfg.resolve(x, y)
	if err != nil {
		return nil, err
	}
	d, err := run.Create(dir, cfg, run.Options{KeepLast: 2, Changeable: changeable})
	if err != nil {
		return nil, err
	}
	r, err := openIn(d, device, cfg, x, y, note)
	if err != nil {
		d.Close()
		return nil, err
	}
	return r, nil
}

func openIn(d *run.Dir, device *accel.Device, cfg Config, x, y gan.Data, note string) (*Run, error) {
	trainer, err := gan.NewTrainer(device.Backend, cfg.game().spec(x, y))
	if err != nil {
		return nil, err
	}
	r := &Run{config: cfg}
	r.Session, err = gan.NewSession(d, trainer, gan.SessionOptions{
		Title:    cfg.Preset + " on " + cfg.DataX + " and " + cfg.DataY,
		Device:   device.Name(),
		Snapshot: time.Duration(cfg.SnapshotSeconds * float64(time.Second)),
		GridImg:  int64(cfg.GridKimg * float64(gan.Kimg)),
		Grid:     r.grid,
		Notes:    []string{device.Notice(), note},
	})
	if err != nil {
		trainer.Close()
		return nil, err
	}
	if r.grids, err = newGrids(device.Backend, cfg, cfg.source(x, y)); err == nil {
		err = d.WriteSample(run.RealsName, imaging.Grid(r.grids.reals(), 2, gridGap).Image(), r.text())
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Config returns the resolved config of the run.
func (r *Run) Config() Config { return r.config }

// Close stops the run and releases its directory. What was trained since the last checkpoint is saved by TrainTo.
func (r *Run) Close() error {
	if r.grids != nil {
		r.grids.close()
	}
	return r.Session.Close()
}

// grid draws the fixed pictures with the generators of the moment.
func (r *Run) grid(ctx context.Context, arrays map[string]weights.Array) (string, error) {
	images, err := r.grids.draw(ctx, arrays)
	if err != nil {
		return "", err
	}
	name := run.SampleName(r.Img())
	return name, r.Dir().WriteSample(name, imaging.Grid(images, gridColumns, gridGap).Image(), r.text())
}

// text is what every PNG of the run carries.
func (r *Run) text() map[string]string {
	return map[string]string{"run": filepath.Base(r.Dir().Path()), "preset": r.config.Preset, "data": r.config.DataX + " and " + r.config.DataY,
		"version": gan.Version, "run_seed": fmt.Sprint(r.config.Seed), "img": fmt.Sprint(r.Img())}
}
