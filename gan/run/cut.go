package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gogan-ml/gogan/metrics/stats"
)

// CutAfter brings the directory back to the restored state: it removes the lines of the log and the scores, the
// samples and the checkpoints that lie beyond img. Checkpoints beyond the restored one are those that Load named as
// damaged; left there, a training that passes them by would have two pasts.
func (d *Dir) CutAfter(img int64) error {
	if err := d.writable(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	if err := d.cutAfter(img); err != nil {
		return fmt.Errorf("run: cannot go back to %s img in %s: %w", FormatImg(img), d.path, err)
	}
	return nil
}

func (d *Dir) cutAfter(img int64) error {
	for _, name := range []string{logName, scoresName} {
		if err := cutLines(d.Path(name), img); err != nil {
			return err
		}
	}
	samples, err := d.Samples()
	if err != nil {
		return err
	}
	sounds, err := d.Sounds()
	if err != nil {
		return err
	}
	for _, s := range append(samples, sounds...) {
		if s.Img > img {
			if err := os.Remove(s.Path); err != nil {
				return err
			}
		}
	}
	if d.best > img {
		if err := os.Remove(d.Path(bestName)); err != nil {
			return err
		}
		d.best = -1
	}
	states, err := d.checkpoints()
	if err != nil {
		return err
	}
	for _, c := range states {
		if c.img > img {
			if err := d.discard(c.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// best.json: the checkpoint to keep, and why.
type bestMark struct {
	Img   int64        `json:"img"`
	Score stats.Result `json:"score"`
}

// MarkBest keeps the checkpoint after img images, whatever its age, until another one is marked. score says why.
// The checkpoint must be there.
func (d *Dir) MarkBest(img int64, score stats.Result) error {
	if err := d.writable(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	if _, err := os.Stat(d.Path(checkpointName, checkpointDir(img))); err != nil {
		return fmt.Errorf("run: no checkpoint to mark as best: %w", err)
	}
	text, err := json.Marshal(bestMark{img, score})
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	if err := writeFile(d.Path(bestName), writeBytes(append(text, '\n'))); err != nil {
		return fmt.Errorf("run: cannot mark the best checkpoint: %w", err)
	}
	d.best = img
	return nil
}

// Best returns which checkpoint is marked as best, and its score; found is false if none is.
func (d *Dir) Best() (img int64, score stats.Result, found bool, err error) {
	text, err := os.ReadFile(d.Path(bestName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, stats.Result{}, false, nil
	}
	if err != nil {
		return 0, stats.Result{}, false, fmt.Errorf("run: %w", err)
	}
	var mark bestMark
	if err := json.Unmarshal(text, &mark); err != nil {
		return 0, stats.Result{}, false, fmt.Errorf("run: %s cannot be read: %w", d.Path(bestName), err)
	}
	return mark.Img, mark.Score, true, nil
}
