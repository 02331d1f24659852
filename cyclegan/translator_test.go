package cyclegan

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/golden"
	"github.com/gogan-ml/gogan/weights"
)

func loaded(t *testing.T, name string) *Model {
	t.Helper()
	m, err := LoadOn(goDevice(t), foreignFile(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// noisy is a picture of any samples.
func noisy(h, w, c int) *imaging.Image8 {
	m := imaging.NewImage8(h, w, c)
	for i, v := range golden.Values(7, len(m.Pix)) {
		m.Pix[i] = uint8(128 * (v + 1))
	}
	return m
}

func translate(t *testing.T, tr *Translator, img image.Image, options ...TranslateOption) *imaging.Image8 {
	t.Helper()
	out, err := tr.Translate(t.Context(), img, options...)
	if err != nil {
		t.Fatal(err)
	}
	return imaging.ToImage8(out, tr.runner.out)
}

// forwarded is what the network itself makes of a picture.
func forwarded(t *testing.T, name string, m *imaging.Image8) *imaging.Image8 {
	t.Helper()
	f, err := OpenForeign(goDevice(t), foreignFile(name), KindG)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x := make([]float32, len(m.Pix))
	m.Floats(x)
	nchw := make([]float32, len(x))
	for i, v := range x {
		nchw[i%m.C*m.H*m.W+i/m.C] = v
	}
	out, err := f.Forward(t.Context(), map[string]weights.Array{"x": weights.FromFloat32(nchw, 1, m.C, m.H, m.W)})
	if err != nil {
		t.Fatal(err)
	}
	y := floats(t, out, "img")
	pix := make([]float32, len(y))
	c := len(y) / (m.H * m.W)
	for i := range pix {
		pix[i] = float32(y[i%c*m.H*m.W+i/c])
	}
	return imaging.FromFloats(pix, m.H, m.W, c)
}

// TestTranslate: of a size that the network takes it is the network; other sizes are reflected and cropped.
func TestTranslate(t *testing.T) {
	m := loaded(t, "latest_net_G")
	if m.F != nil {
		t.Error("a file of one generator gives both")
	}
	whole := noisy(20, 28, 3)
	if got := translate(t, m.G, whole.Image()); !bytes.Equal(got.Pix, forwarded(t, "latest_net_G", whole).Pix) {
		t.Error("20x28 is not what the network makes of it")
	}
	// 18x25 becomes 20x28: rows 18 and 19 are 16 and 15, columns 25, 26, 27 are 23, 22, 21.
	odd := noisy(18, 25, 3)
	padded := imaging.NewImage8(20, 28, 3)
	rows, columns := append(upTo(18), 16, 15), append(upTo(25), 23, 22, 21)
	for i, row := range rows {
		for j, column := range columns {
			copy(padded.Pix[(i*28+j)*3:][:3], odd.Pix[(row*25+column)*3:][:3])
		}
	}
	want := forwarded(t, "latest_net_G", padded)
	got := translate(t, m.G, odd.Image())
	for i := range 18 {
		if !bytes.Equal(got.Pix[i*25*3:(i+1)*25*3], want.Pix[i*28*3:i*28*3+25*3]) {
			t.Fatalf("row %d is not that of the padded picture", i)
		}
	}
	if coarse := translate(t, m.G, odd.Image(), PadTo(32)); coarse.H != 18 || coarse.W != 25 || bytes.Equal(coarse.Pix, got.Pix) {
		t.Error("padding to 32 changes nothing, or the size")
	}
}

func upTo(n int) []int {
	var out []int
	for i := range n {
		out = append(out, i)
	}
	return out
}

// TestTranslateKinds: grey and transparent pictures are taken as the network takes pictures, one pixel is enough.
func TestTranslateKinds(t *testing.T) {
	rgb, grey, twoGrey := loaded(t, "latest_net_G"), loaded(t, "latest_net_G_A"), loaded(t, "old_net_G_B")
	g := noisy(16, 16, 1)
	if got := translate(t, rgb.G, g.Image()); !bytes.Equal(got.Pix, translate(t, rgb.G, imaging.ToImage8(g.Image(), 3).Image()).Pix) {
		t.Error("grey is not repeated")
	}
	clear := imaging.ToImage8(noisy(16, 16, 3).Image(), 4)
	for i := 3; i < len(clear.Pix); i += 4 {
		clear.Pix[i] = uint8(i)
	}
	if got := translate(t, rgb.G, clear.Image()); !bytes.Equal(got.Pix, translate(t, rgb.G, noisy(16, 16, 3).Image()).Pix) {
		t.Error("alpha changes the translation")
	}
	colour := noisy(16, 12, 3)
	if got := translate(t, grey.G, colour.Image()); !bytes.Equal(got.Pix, translate(t, grey.G, imaging.ToImage8(colour.Image(), 1).Image()).Pix) {
		t.Error("colour does not become grey")
	}
	if out, err := twoGrey.G.Translate(t.Context(), colour.Image()); err != nil || out.ColorModel() != color.GrayModel {
		t.Errorf("a network with one channel out makes %T (%v)", out, err)
	}
	for _, size := range [][2]int{{1, 1}, {1, 9}, {3, 2}, {70, 33}} {
		for name, m := range map[string]*Model{"resnet": rgb, "unet": loaded(t, "old_unet_net_G")} {
			if out := translate(t, m.G, noisy(size[0], size[1], 3).Image()); out.H != size[0] || out.W != size[1] {
				t.Errorf("%s: %v becomes %dx%d", name, size, out.H, out.W)
			}
		}
	}
	// A part of a picture whose corner is not at (0, 0).
	part := noisy(24, 20, 3).Image().(*image.NRGBA).SubImage(image.Rect(4, 8, 20, 24))
	if out := translate(t, rgb.G, part); out.H != 16 || out.W != 16 {
		t.Errorf("a part of 16x16 becomes %dx%d", out.H, out.W)
	}
	if _, err := rgb.G.Translate(t.Context(), image.NewGray(image.Rect(0, 0, 0, 5))); err == nil {
		t.Error("a picture without pixels is translated")
	}
}

// TestTranslateTiles: tiles of a network that sees single pixels give what the whole gives; of others they are near where
// norms see the same, and every size is one program.
func TestTranslateTiles(t *testing.T) {
	m := loaded(t, "batch_net_G_B") // its norms do not depend on the tile
	picture := noisy(150, 90, 3)
	whole := translate(t, m.G, picture.Image())
	tiled := translate(t, m.G, picture.Image(), Tile(96))
	if tiled.H != 150 || tiled.W != 90 {
		t.Fatalf("tiles make %dx%d of 150x90", tiled.H, tiled.W)
	}
	// Tiles begin at 0 and 54. A pixel depends on 24 around it; those that are this far from the edges of all its tiles are
	// those of the whole, if the tile begins at a multiple of the stride as the whole does, as 0 does.
	for i := range 50 {
		if !bytes.Equal(tiled.Pix[i*90*3:(i+1)*90*3], whole.Pix[i*90*3:(i+1)*90*3]) {
			t.Fatalf("row %d differs from the whole", i)
		}
	}
	if n := len(m.G.runner.programs); n != 2 {
		t.Errorf("%d programs for the whole and the tiles, want 2", n)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.G.Translate(cancelled, picture.Image(), Tile(96)); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancellation: %v", err)
	}
	for option, want := range map[string]TranslateOption{"tiles of 10": Tile(10), "tiles of 4": Tile(4), "multiples of 6": PadTo(6), "multiples of 0": PadTo(0)} {
		if _, err := m.G.Translate(t.Context(), picture.Image(), want); err == nil || !strings.Contains(err.Error(), option) {
			t.Errorf("%v, want an error that says %q", err, option)
		}
	}
}

// TestStarts: tiles cover the line, overlap enough, and are as few as can be.
func TestStarts(t *testing.T) {
	for _, test := range []struct {
		line, tile, overlap int
		want                []int
	}{
		{100, 100, 10, []int{0}}, {101, 100, 10, []int{0, 1}}, {190, 100, 10, []int{0, 90}}, {191, 100, 10, []int{0, 45, 91}},
	} {
		if got := starts(test.line, test.tile, test.overlap); !slices.Equal(got, test.want) {
			t.Errorf("starts(%d, %d, %d) = %v, want %v", test.line, test.tile, test.overlap, got, test.want)
		}
	}
}

// TestBlending: tiles that agree give what they agree on; between two that differ it changes little from row to row.
func TestBlending(t *testing.T) {
	out, sum := plane{h: 30, w: 1, c: 1, pix: make([]float32, 30)}, make([]float32, 30)
	for top, value := range map[int]float32{0: 1, 10: 3} {
		tile := plane{h: 20, w: 1, c: 1, pix: slices.Repeat([]float32{value}, 20)}
		out.add(tile, top, 0, 10, sum)
	}
	for i := range 30 {
		got := out.pix[i] / sum[i]
		want := 1 + 2*float32(i-9)/11 // over rows 10 to 19 the weights add up to 1
		want = min(max(want, 1), 3)
		if math.Abs(float64(got-want)) > 1e-5 {
			t.Errorf("row %d is %g, want %g", i, got, want)
		}
	}
}

// TestPrograms: of the sizes that were used last so many are kept, and those that are gone come back.
func TestPrograms(t *testing.T) {
	g := loaded(t, "latest_net_G").G
	first := translate(t, g, noisy(8, 8, 3).Image())
	for w := 2; w < 2+keptPrograms; w++ {
		translate(t, g, noisy(8, 4*w, 3).Image())
	}
	if n := len(g.runner.programs); n != keptPrograms {
		t.Errorf("%d programs are kept, want %d", n, keptPrograms)
	}
	translate(t, g, noisy(8, 8, 3).Image()) // the oldest, which is the newest now
	translate(t, g, noisy(12, 12, 3).Image())
	if p := g.runner.programs; p[0].width == 8 || p[len(p)-2].width != 8 {
		t.Error("a program that was used again is taken for old")
	}
	if again := translate(t, g, noisy(8, 8, 3).Image()); !bytes.Equal(first.Pix, again.Pix) {
		t.Error("the same picture is another one later")
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(foreignFile("latest_net_G"))
	if err != nil {
		t.Fatal(err)
	}
	truncated := filepath.Join(dir, "truncated.pth")
	if err := os.WriteFile(truncated, data[:len(data)-1000], 0o600); err != nil {
		t.Fatal(err)
	}
	four := rewritten(t, "pixel_net_D", func(arrays map[string]weights.Array) { arrays["other"] = arrays["net.0.weight"] })
	for path, want := range map[string]string{
		truncated:                     "truncated.pth",
		dir:                           "config.json",
		filepath.Join(dir, "nothing"): "nothing",
		foreignFile("latest_net_D_A"): "a discriminator",
		four:                          "changed.pth",
		"../gan/testdata/ref/foreign/netG_32.pth": "no generator of CycleGAN",
	} {
		if _, err := LoadOn(goDevice(t), path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want a line that says %q", path, err, want)
		}
	}
	m := loaded(t, "latest_net_G")
	m.Close()
	if _, err := m.G.Translate(t.Context(), noisy(8, 8, 3).Image()); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a closed model: %v", err)
	}
}

// told keeps what a reporter is told.
type told struct {
	gan.Reporter
	info  run.Info
	ticks []int64
	notes []string
	done  run.Summary
}

func (r *told) Start(info run.Info) { r.info = info }
func (r *told) Tick(tick run.Tick)  { r.ticks = append(r.ticks, tick.Img) }
func (r *told) Note(text string)    { r.notes = append(r.notes, text) }
func (r *told) Done(s run.Summary)  { r.done = s }

func writePNG(t *testing.T, path string, m *imaging.Image8) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m.Image()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, b.Bytes(), 0o666)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTranslateDir: folder, zip and file give the same pictures; a bad file is told and left out.
func TestTranslateDir(t *testing.T) {
	g, dir := loaded(t, "latest_net_G").G, t.TempDir()
	src := filepath.Join(dir, "photos")
	writePNG(t, filepath.Join(src, "a.png"), noisy(16, 12, 3))
	writePNG(t, filepath.Join(src, "deep/b.bmp.png"), noisy(10, 9, 1))
	if err := os.WriteFile(filepath.Join(src, "bad.jpg"), []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	rep := &told{Reporter: gan.Silent()}
	n, err := g.TranslateDir(t.Context(), src, filepath.Join(dir, "out"), rep)
	if n != 2 || err == nil || !strings.Contains(err.Error(), "1 of 3 pictures could not be translated, the first is bad.jpg") {
		t.Errorf("%d pictures, %v", n, err)
	}
	if rep.info.Until != 3 || rep.info.Title != "translating photos" || !slices.Equal(rep.ticks, []int64{1, 3}) || rep.done.Img != 2 ||
		len(rep.notes) != 1 || !strings.Contains(rep.notes[0], "left out bad.jpg") {
		t.Errorf("told %+v", rep)
	}
	data, err := os.ReadFile(filepath.Join(dir, "out", "deep", "b.bmp.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if want := translate(t, g, noisy(10, 9, 1).Image()); !bytes.Equal(imaging.ToImage8(img, 3).Pix, want.Pix) {
		t.Error("the file is another picture than Translate makes")
	}
	text, err := imaging.PNGText(bytes.NewReader(data))
	if err != nil || text["original"] != "deep/b.bmp.png" || text["run"] != "latest_net_G.pth" || text["version"] != gan.Version ||
		!strings.HasPrefix(text["network"], "ResNet generator of 6 blocks") {
		t.Errorf("it says %v (%v)", text, err)
	}

	archive := filepath.Join(dir, "photos.zip")
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("deep/b.bmp.png")
	if err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile(filepath.Join(src, "deep/b.bmp.png"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(original); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for source, target := range map[string]string{archive: "deep/b.bmp.png", filepath.Join(src, "deep/b.bmp.png"): "b.bmp.png"} {
		out := t.TempDir()
		if n, err := g.TranslateDir(t.Context(), source, out, nil); n != 1 || err != nil {
			t.Fatalf("%s: %d pictures, %v", source, n, err)
		}
		again, err := os.ReadFile(filepath.Join(out, target))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(again))
		if err != nil || !bytes.Equal(imaging.ToImage8(img, 3).Pix, translate(t, g, noisy(10, 9, 1).Image()).Pix) {
			t.Errorf("%s: another picture (%v)", source, err)
		}
	}
}

// TestManySizes: it is said once that every size is compiled, unless padding makes them one.
func TestManySizes(t *testing.T) {
	g, dir := loaded(t, "batch_net_G_B").G, t.TempDir()
	for w := 8; w < 40; w += 6 {
		writePNG(t, filepath.Join(dir, fmt.Sprint(w, ".png")), noisy(8, w, 3))
	}
	for notes, options := range map[int][]TranslateOption{1: nil, 0: {PadTo(64)}} {
		rep := &told{Reporter: gan.Silent()}
		if n, err := g.TranslateDir(t.Context(), dir, t.TempDir(), rep, options...); n != 6 || err != nil || len(rep.notes) != notes {
			t.Errorf("%d pictures, notes %q, want %d (%v)", n, rep.notes, notes, err)
		}
	}
}

func TestTranslateDirErrors(t *testing.T) {
	g, dir := loaded(t, "latest_net_G").G, t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	data := writePNG(t, path("twice/a.png"), noisy(8, 8, 3))
	for name, content := range map[string]string{"twice/a.gif": "", "text/notes.txt": "text", "cut.zip": "PK"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path(name)), 0o777), os.WriteFile(path(name), []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(path("escape.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("/up.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ src, dst, want string }{
		{"nothing", "out", "nothing"},
		{"text", "out", "no picture"},
		{"cut.zip", "out", "cut.zip"},
		{"escape.zip", "out", "no path inside a zip"},
		{"twice", "out", "a.gif and a.png would both become a.png"},
		{"twice/a.png", "twice", "the folder of the originals"},
		{"text/notes.txt", "out", "the first is notes.txt"},
		{"twice/a.png", "text/notes.txt", "notes.txt"},
	} {
		n, err := g.TranslateDir(t.Context(), path(test.src), path(test.dst), gan.Silent())
		if n != 0 || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %d pictures, %v, want an error that says %q", test.src, n, err, test.want)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := g.TranslateDir(cancelled, path("twice/a.png"), path("out"), gan.Silent()); n != 0 || err != context.Canceled {
		t.Errorf("after a cancellation: %d pictures, %v", n, err)
	}
	if _, err := os.Stat(path("out")); err == nil {
		t.Error("the failures left a folder")
	}
}

type listed []image.Image

func (f listed) Len() int { return len(f) }

func (f listed) All() iter.Seq2[image.Image, error] {
	return func(yield func(image.Image, error) bool) {
		for _, img := range f {
			if !yield(img, nil) {
				return
			}
		}
	}
}

func TestTranslations(t *testing.T) {
	g := loaded(t, "latest_net_G").G
	x := listed{noisy(8, 8, 3).Image(), image.NewGray(image.Rect(0, 0, 0, 0)), noisy(12, 8, 3).Image()}
	y := g.Translations(t.Context(), x)
	i := 0
	for img, err := range y.All() {
		if (err != nil) != (i == 1) {
			t.Errorf("picture %d: %v", i, err)
		}
		if err == nil && !bytes.Equal(imaging.ToImage8(img, 3).Pix, translate(t, g, x[i]).Pix) {
			t.Errorf("picture %d is another than Translate makes", i)
		}
		i++
	}
	if i != 3 || y.Len() != 3 {
		t.Errorf("%d pictures, Len is %d, want 3", i, y.Len())
	}
}
