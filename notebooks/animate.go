package notebooks

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// Animate shows pictures of one size one after another, each for delay, again and again, as a GIF. Small pictures are
// enlarged by a whole factor. It stays in the notebook, some 10 kB a frame: show few or small ones.
func Animate(delay time.Duration, frames ...image.Image) {
	animate(delay, 0, frames)
}

// OverTime shows the grids of a run as an animation from the first to the newest, the last of which stays longer; at most
// 40 of them. GridOverTime shows the same in one picture.
func OverTime(dir string) {
	frames := figures.Frames(M1(figures.RunGrids(M1(run.Open(dir)), 40)))
	animate(250*time.Millisecond, 2*time.Second, frames)
}

func animate(delay, pause time.Duration, frames []image.Image) {
	gonbui.DisplayHTML(M1(animation(delay, pause, frames)))
	flush()
}

// animation is the HTML of [Animate]: unlike a result of the type image/gif, every viewer of notebooks shows it.
func animation(delay, pause time.Duration, frames []image.Image) (string, error) {
	pictures := make([]*imaging.Image8, len(frames))
	for i, f := range frames {
		pictures[i] = imaging.ToImage8(figures.Enlarge(f, figures.Enlargement(f)), channels(f))
	}
	var gif bytes.Buffer
	if err := imaging.AnimateGIF(&gif, pictures, delay, pause); err != nil {
		return "", err
	}
	return fmt.Sprintf(`<img src="data:image/gif;base64,%s">`, base64.StdEncoding.EncodeToString(gif.Bytes())), nil
}
