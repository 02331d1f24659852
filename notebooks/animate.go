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

// Animate shows pictures of one size one after another, each for delay, again and again, as a GIF that stays in the notebook.
// The browser enlarges small ones by a whole factor: a picture of 28 pixels takes about 1 kB, a grid of 64 of them 50.
func Animate(delay time.Duration, frames ...image.Image) { animate(delay, 0, frames) }

// OverTime shows at most twelve grids of a run as an animation from its first to its newest, which stays longer.
// GridOverTime shows the same in one picture.
func OverTime(dir string) {
	frames := figures.Frames(M1(figures.RunGrids(M1(run.Open(dir)), 12)), 1)
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
		pictures[i] = imaging.ToImage8(f, channels(f))
	}
	var gif bytes.Buffer
	if err := imaging.AnimateGIF(&gif, pictures, delay, pause); err != nil {
		return "", err
	}
	return fmt.Sprintf(`<img width="%d" style="image-rendering:pixelated" src="data:image/gif;base64,%s">`,
		frames[0].Bounds().Dx()*figures.Enlargement(frames[0]), base64.StdEncoding.EncodeToString(gif.Bytes())), nil
}
