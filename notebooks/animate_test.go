package notebooks

import (
	"bytes"
	"encoding/base64"
	"image/gif"
	"strings"
	"testing"
	"time"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/fakerun"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// The animation of a run is a GIF in the cell's HTML, with a frame for each grid, that the browser enlarges.
func TestAnimation(t *testing.T) {
	dir := t.TempDir()
	if err := fakerun.Make(dir, 10); err != nil {
		t.Fatal(err)
	}
	frames := figures.Frames(M1(figures.RunGrids(M1(run.Open(dir)), 12)), 1)
	html, err := animation(100*time.Millisecond, time.Second, frames)
	if err != nil {
		t.Fatal(err)
	}
	data, found := strings.CutPrefix(html, `<img width="476" style="image-rendering:pixelated" src="data:image/gif;base64,`)
	data, closed := strings.CutSuffix(data, `">`)
	if !found || !closed {
		t.Fatalf("the HTML begins with %.60q", html)
	}
	all, err := gif.DecodeAll(bytes.NewReader(M1(base64.StdEncoding.DecodeString(data))))
	if err != nil || len(all.Image) != 6 || all.Delay[0] != 10 || all.Delay[5] != 110 || all.Image[0].Bounds().Dx() != 238 {
		t.Errorf("got %+v, %v; want 6 frames of 238 pixels, the last one longer", all.Config, err)
	}
	if _, err := animation(time.Second, 0, nil); err == nil {
		t.Error("no frames were accepted")
	}
}
