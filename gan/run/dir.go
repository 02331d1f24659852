package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

const (
	configName     = "config.json"
	bestName       = "best.json"
	logName        = "log.jsonl"
	scoresName     = "scores.jsonl"
	checkpointName = "checkpoint"
	samplesName    = "samples"
)

// DefaultKeepLast is the number of newest checkpoints kept when Options.KeepLast is 0.
const DefaultKeepLast = 2

// Options says how a run directory is written. The zero value is usable.
type Options struct {
	// KeepLast is the number of newest checkpoints kept, besides the best; 0 means DefaultKeepLast.
	KeepLast int
	// Changeable names the fields of the config that may differ when a run is continued, by their JSON names, nested
	// ones with dots ("optimizer.beta1"). A name covers everything below it.
	Changeable []string
}

// Dir is an open run directory. Its methods may be called by several goroutines at once.
type Dir struct {
	path string
	opt  Options

	mu   sync.Mutex
	lock *os.File // nil: opened for reading, or closed
	best int64    // img of the checkpoint marked best, -1: none
}

// Create opens dir for writing, made if need be, for a new run or to continue the one that is there. It takes the
// run's lock until Close; the error of a second writer, in this process or another, names the process that holds it.
//
// config is written as JSON; values that differ per machine (absolute paths) do not belong in it. If the run has a
// config already, every field must have the same JSON value, but for those in opt.Changeable: the error names the
// first that differs with both values, and nothing is changed.
//
// A directory that cannot be written, or whose disk is full, is an error here rather than after the first minutes of
// training.
func Create(dir string, config any, opt Options) (*Dir, error) {
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	if opt.KeepLast < 0 {
		return nil, fmt.Errorf("run: KeepLast is %d; it must be at least 1, or 0 for %d", opt.KeepLast, DefaultKeepLast)
	}
	if opt.KeepLast == 0 {
		opt.KeepLast = DefaultKeepLast
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("run: cannot make %s: %w", dir, err)
	}
	d := &Dir{path: dir, opt: opt, best: -1}
	if d.lock, err = lock(dir, d.Path(lockName)); err != nil {
		return nil, err
	}
	if err := d.prepare(text); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// prepare tries the directory out, clears up after an interrupted writer and settles the config.
func (d *Dir) prepare(config []byte) error {
	for _, sub := range []string{"", checkpointName, samplesName} {
		err := os.MkdirAll(d.Path(sub), 0o755)
		if err == nil {
			err = removeTmp(d.Path(sub))
		}
		if err == nil {
			err = probe(d.Path(sub))
		}
		if err != nil {
			return fmt.Errorf("run: cannot write in %s: %w", d.Path(sub), err)
		}
	}
	if err := d.settleConfig(config); err != nil {
		return err
	}
	if err := d.recoverReplaced(); err != nil {
		return fmt.Errorf("run: cannot clear up in %s: %w", d.path, err)
	}
	for _, name := range []string{logName, scoresName} {
		if err := trimPartialLine(d.Path(name)); err != nil {
			return fmt.Errorf("run: cannot write %s: %w", d.Path(name), err)
		}
	}
	img, _, found, err := d.Best()
	if err != nil {
		return err
	}
	if found {
		d.best = img
	}
	return nil
}

// settleConfig writes the config of a new run, or compares it with the one that is there.
func (d *Dir) settleConfig(text []byte) error {
	old, err := os.ReadFile(d.Path(configName))
	if errors.Is(err, fs.ErrNotExist) {
		states, err := d.checkpoints()
		if err != nil {
			return err
		}
		if len(states) > 0 {
			return fmt.Errorf("run: %s has checkpoints but no config.json; put the file back, or use another directory", d.path)
		}
	} else if err != nil {
		return fmt.Errorf("run: %w", err)
	} else {
		changed, err := d.compareConfig(old, text)
		if err != nil || !changed {
			return err
		}
	}
	if err := writeFile(d.Path(configName), writeBytes(text)); err != nil {
		return fmt.Errorf("run: cannot write the config of %s: %w", d.path, err)
	}
	return nil
}

// Open opens a run directory for reading. It takes no lock: what a writer does at the same time is seen file by file,
// each of them whole.
func Open(dir string) (*Dir, error) {
	info, err := os.Stat(filepath.Join(dir, configName))
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return nil, fmt.Errorf("run: %s is no run directory: it has no %s", dir, configName)
	}
	if err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	return &Dir{path: dir, best: -1}, nil
}

// Path returns the path of the directory, or of something in it.
func (d *Dir) Path(elem ...string) string {
	return filepath.Join(append([]string{d.path}, elem...)...)
}

// ConfigJSON returns the text of config.json.
func (d *Dir) ConfigJSON() ([]byte, error) {
	text, err := os.ReadFile(d.Path(configName))
	if err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	return text, nil
}

// Close releases the lock. A second call does nothing.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lock == nil {
		return nil
	}
	err := unlock(d.lock)
	d.lock = nil
	if err != nil {
		return fmt.Errorf("run: cannot release %s: %w", d.path, err)
	}
	return nil
}

// writable takes the mutex of a directory that was opened for writing. The caller unlocks it if err is nil.
func (d *Dir) writable() error {
	d.mu.Lock()
	if d.lock == nil {
		d.mu.Unlock()
		return fmt.Errorf("run: %s is not open for writing; open it with Create", d.path)
	}
	return nil
}
