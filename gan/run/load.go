package run

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gogan-ml/gogan/weights"
)

// checkpoint is a directory below checkpoint/.
type checkpoint struct {
	name string
	img  int64
}

// checkpoints lists what looks like a checkpoint, newest first; one that stepped aside comes after its replacement.
func (d *Dir) checkpoints() ([]checkpoint, error) {
	entries, err := os.ReadDir(d.Path(checkpointName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run: %w", err)
	}
	var out []checkpoint
	for _, entry := range entries {
		img, err := strconv.ParseInt(strings.TrimSuffix(entry.Name(), asideSuffix), 10, 64)
		if err != nil || !entry.IsDir() || checkpointDir(img) != strings.TrimSuffix(entry.Name(), asideSuffix) {
			continue
		}
		out = append(out, checkpoint{entry.Name(), img})
	}
	slices.SortFunc(out, func(a, b checkpoint) int {
		return cmp.Or(cmp.Compare(b.img, a.img), cmp.Compare(a.name, b.name))
	})
	return out, nil
}

// maxScans bounds how often Load looks again because a writer removed the checkpoints it was reading.
const maxScans = 20

// Load reads the newest checkpoint that is intact: its files are there, parse, and fit its hash. Newer ones that are
// not are named in damaged, one string each with the directory (relative to the run) and the cause. found is false if
// the run has no checkpoint yet. It is an error if there are checkpoints, but none is intact: starting anew would throw
// them away.
//
// Load may be called while another process writes.
func (d *Dir) Load() (st State, arrays map[string]weights.Array, found bool, damaged []string, err error) {
	for range maxScans {
		st, arrays, found, damaged, err = d.loadOnce()
		if !errors.Is(err, errMoved) {
			break
		}
	}
	if err != nil {
		return State{}, nil, false, damaged, err
	}
	if !found && len(damaged) > 0 {
		return State{}, nil, false, damaged, fmt.Errorf(
			"run: no checkpoint of %s is intact: %s; put back a copy, or start anew in another directory", d.path, strings.Join(damaged, "; "))
	}
	return st, arrays, found, damaged, nil
}

// LoadBest reads the checkpoint that is marked as best. It is an error if none is, or if that one is damaged.
//
// LoadBest may be called while another process writes.
func (d *Dir) LoadBest() (State, map[string]weights.Array, error) {
	var cause error
	for range maxScans {
		img, _, found, err := d.Best()
		if err != nil {
			return State{}, nil, err
		}
		if !found {
			return State{}, nil, fmt.Errorf("run: no checkpoint of %s is marked as best: it was trained without scores", d.path)
		}
		st, arrays, err := readCheckpoint(d.Path(checkpointName, checkpointDir(img)), img)
		if err == nil {
			return st, arrays, nil
		}
		cause = err
		if now, _, found, err := d.Best(); err != nil || !found || now == img {
			break // it is damaged, not replaced by a better one
		}
	}
	return State{}, nil, fmt.Errorf("run: the best checkpoint of %s cannot be read: %w", d.path, cause)
}

// errMoved: the checkpoint was removed or replaced while it was read.
var errMoved = errors.New("run: the checkpoints change faster than they can be read")

func (d *Dir) loadOnce() (st State, arrays map[string]weights.Array, found bool, damaged []string, err error) {
	states, err := d.checkpoints()
	if err != nil {
		return State{}, nil, false, nil, err
	}
	for _, c := range states {
		path := d.Path(checkpointName, c.name)
		before, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return State{}, nil, false, nil, errMoved
		}
		if err != nil {
			return State{}, nil, false, nil, fmt.Errorf("run: %w", err)
		}
		st, arrays, cause := readCheckpoint(path, c.img)
		if cause == nil {
			return st, arrays, true, damaged, nil
		}
		if after, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && !sameDir(before, after) {
			return State{}, nil, false, nil, errMoved
		}
		// A file that the system does not let us read may well be intact: going back behind it would lose work.
		var system *fs.PathError
		if errors.As(cause, &system) && !errors.Is(cause, fs.ErrNotExist) {
			return State{}, nil, false, nil, fmt.Errorf("run: a checkpoint cannot be read: %w", cause)
		}
		damaged = append(damaged, fmt.Sprintf("%s/%s (%v)", checkpointName, c.name, cause))
	}
	return State{}, nil, false, damaged, nil
}

// sameDir compares the times too: a file system gives the number of a removed directory to a new one.
func sameDir(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime())
}

// readCheckpoint reads one directory, which must hold a state after img images.
func readCheckpoint(path string, img int64) (State, map[string]weights.Array, error) {
	st, err := readState(path, img)
	if err != nil {
		return State{}, nil, err
	}
	f, err := os.Open(filepath.Join(path, arraysName))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, nil, missing{arraysName}
	}
	if err != nil {
		return State{}, nil, err
	}
	defer f.Close()
	arrays, err := readArrays(f, st.SHA256)
	return st, arrays, err
}

// readArrays reads the arrays and demands the SHA-256 of their file. Both come from one pass: a writer may put another
// file in its place between two.
func readArrays(f *os.File, sum string) (map[string]weights.Array, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	arrays, _, parseErr := weights.DecodeSafetensors(io.TeeReader(f, hash), info.Size())
	if _, err := io.Copy(hash, f); err != nil { // what a damaged header left unread
		return nil, err
	}
	if hex.EncodeToString(hash.Sum(nil)) != sum {
		return nil, fmt.Errorf("the SHA-256 of %s is not the one in %s", arraysName, stateName)
	}
	if parseErr != nil {
		return nil, fmt.Errorf("%s: %w", arraysName, parseErr)
	}
	return arrays, nil
}

// readState reads state.json of a checkpoint, which must be of a state after img images.
func readState(path string, img int64) (State, error) {
	text, err := os.ReadFile(filepath.Join(path, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, missing{stateName}
	}
	if err != nil {
		return State{}, err
	}
	var st State
	if err := json.Unmarshal(text, &st); err != nil {
		return State{}, fmt.Errorf("%s cannot be read: %w", stateName, err)
	}
	if st.Img != img {
		return State{}, fmt.Errorf("%s is of %s img", stateName, FormatImg(st.Img))
	}
	return st, nil
}

// missing is the cause of damage when a file is not there: without its path, which depends on the machine.
type missing struct{ name string }

func (m missing) Error() string { return m.name + " is missing" }
