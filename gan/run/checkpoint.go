package run

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gogan-ml/gogan/weights"
)

const (
	stateName  = "state.json"
	arraysName = "state.safetensors"
)

// State is the position of a training: what state.json of a checkpoint holds. Together with the arrays and the config
// it decides everything that follows.
type State struct {
	Img      int64             `json:"img"`      // real images shown
	Cycle    int64             `json:"cycle"`    // rounds through the list of phases
	Phase    int               `json:"phase"`    // index of the next phase
	Repeat   int               `json:"repeat"`   // runs of that phase in this cycle
	Updates  map[string]int64  `json:"updates"`  // optimizer steps, by player
	Seed     int64             `json:"seed"`     // of latents, noise and the order of the data
	NaNs     int               `json:"nans"`     // times that training was set back because a loss was no number
	Seconds  float64           `json:"seconds"`  // training time so far
	SHA256   string            `json:"sha256"`   // of state.safetensors, in hex; Save fills it in
	Versions map[string]string `json:"versions"` // of the programs that made it
	Time     time.Time         `json:"time"`     // when it was saved; Save fills in a zero
}

// checkpointDir returns the name below checkpoint/ for a state after img images.
func checkpointDir(img int64) string { return fmt.Sprintf("%09d", img) }

// Save writes a checkpoint of the state and arrays, and then removes old ones: the newest KeepLast stay, and the one
// marked best. A checkpoint is complete or not there at all; one with the same img is replaced, and until the new one
// is complete the old one is valid. After Save returned nil the state survives a crash of the machine, and so do the
// lines of the log and the scores before it.
func (d *Dir) Save(st State, arrays map[string]weights.Array) error {
	if st.Img < 0 {
		return fmt.Errorf("run: a state after %d images cannot be saved", st.Img)
	}
	if err := d.writable(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	if st.Time.IsZero() {
		st.Time = time.Now()
	}
	name := checkpointDir(st.Img)
	if err := d.writeCheckpoint(name, st, arrays); err != nil {
		return fmt.Errorf("run: cannot save the state at %s img in %s: %w", FormatImg(st.Img), d.path, err)
	}
	if err := d.removeOld(st.Img); err != nil {
		return fmt.Errorf("run: the state at %s img is saved, but an older one cannot be removed: %w", FormatImg(st.Img), err)
	}
	return nil
}

// writeCheckpoint makes the directory under a temporary name and puts it in place.
func (d *Dir) writeCheckpoint(name string, st State, arrays map[string]weights.Array) (err error) {
	tmp := d.Path(checkpointName, tmpPrefix+name)
	if err := os.RemoveAll(tmp); err != nil { // of a Save that failed and could not clear up
		return err
	}
	if err := os.Mkdir(tmp, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(tmp)
		}
	}()
	hash := sha256.New()
	err = writeSynced(filepath.Join(tmp, arraysName), func(w io.Writer) error {
		b := bufio.NewWriterSize(io.MultiWriter(w, hash), 1<<20)
		if err := weights.WriteSafetensors(b, arrays, nil); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		return err
	}
	st.SHA256 = hex.EncodeToString(hash.Sum(nil))
	text, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(tmp, stateName), writeBytes(append(text, '\n'))); err != nil {
		return err
	}
	if err := syncDir(tmp); err != nil {
		return err
	}
	for _, lines := range []string{logName, scoresName} {
		if err := syncFile(d.Path(lines)); err != nil {
			return err
		}
	}
	return d.place(tmp, name)
}

// place renames the complete directory tmp to its name. A directory cannot be renamed over another one, so the one
// that has the name steps aside first, under a name that readers know.
func (d *Dir) place(tmp, name string) error {
	final := d.Path(checkpointName, name)
	aside := final + asideSuffix
	err := os.Rename(final, aside)
	replaced := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(tmp, final); err != nil {
		if replaced {
			if back := os.Rename(aside, final); back != nil {
				return fmt.Errorf("%w; the old one stays in %s", err, aside)
			}
		}
		return err
	}
	if err := syncDir(d.Path(checkpointName)); err != nil {
		return err
	}
	if replaced {
		return d.discard(name + asideSuffix)
	}
	return nil
}

// asideSuffix marks a checkpoint that is being replaced by another one with the same img.
const asideSuffix = ".old"

// recoverReplaced finishes replacements that were interrupted.
func (d *Dir) recoverReplaced() error {
	states, err := d.checkpoints()
	if err != nil {
		return err
	}
	for _, c := range states {
		name, aside := strings.CutSuffix(c.name, asideSuffix)
		if !aside {
			continue
		}
		_, err := os.Stat(d.Path(checkpointName, name))
		switch {
		case err == nil:
			err = d.discard(c.name)
		case errors.Is(err, fs.ErrNotExist):
			err = os.Rename(d.Path(checkpointName, c.name), d.Path(checkpointName, name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// discard removes a checkpoint; it is gone at once, not file by file.
func (d *Dir) discard(name string) error {
	tmp := d.Path(checkpointName, tmpPrefix+"discarded-"+name)
	if err := os.Rename(d.Path(checkpointName, name), tmp); err != nil {
		return err
	}
	return os.RemoveAll(tmp)
}

// removeOld keeps the newest KeepLast checkpoints, the best one, and the one that was just saved.
func (d *Dir) removeOld(saved int64) error {
	states, err := d.checkpoints()
	if err != nil {
		return err
	}
	for i, c := range states {
		if i < d.opt.KeepLast || c.img == d.best || c.img == saved {
			continue
		}
		if err := d.discard(c.name); err != nil {
			return err
		}
	}
	return nil
}

// syncFile waits until a file is on the disk; a file that is not there is no error.
func syncFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
