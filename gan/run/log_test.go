package run

import (
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// fill writes one of everything for a state after img images.
func fill(t *testing.T, d *Dir, img int64) {
	t.Helper()
	for _, err := range []error{
		d.AppendTick(Tick{Img: img, Seconds: float64(img) / 1000, ImgPerSec: 1000, Values: map[string]float64{"loss_d": 1 / float64(img)}}),
		d.AppendScore(stats.Result{Name: "fid", Value: 1e6 / float64(img), Img: img}),
		d.WriteSample(SampleName(img), image.NewGray(image.Rect(0, 0, 2, 2)), map[string]string{"img": fmt.Sprint(img)}),
		d.WriteSample(RealsName, image.NewGray(image.Rect(0, 0, 2, 2)), nil),
		d.Save(State{Img: img, Seconds: float64(img) / 1000}, stateArrays(img, 0)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTicks(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	if ticks, err := d.Ticks(); len(ticks) != 0 || err != nil {
		t.Errorf("a new run has ticks: %v, %v", ticks, err)
	}
	want := []Tick{
		{Img: 32, Seconds: 0.5, ImgPerSec: 64, Values: map[string]float64{"loss_g": 0.6931471805599453, "loss_d": 1e-12}},
		{Img: 64, Seconds: 0.75, ImgPerSec: math.Inf(1), Values: map[string]float64{"loss_d": math.Inf(-1), "loss_g": 0}},
	}
	for _, tick := range want {
		if err := d.AppendTick(tick); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.AppendTick(Tick{Img: 96, Values: map[string]float64{"loss_d": math.NaN()}}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(d.Path(logName))
	wantText := `{"img":32,"sec":0.5,"img_per_sec":64,"loss_d":1e-12,"loss_g":0.6931471805599453}
{"img":64,"sec":0.75,"img_per_sec":"Infinity","loss_d":"-Infinity","loss_g":0}
{"img":96,"sec":0,"img_per_sec":0,"loss_d":"NaN"}
`
	if err != nil || string(text) != wantText {
		t.Errorf("got\n%s%v\nwant\n%s", text, err, wantText)
	}
	got, err := d.Ticks()
	if err != nil || len(got) != 3 || !reflect.DeepEqual(got[:2], want) {
		t.Errorf("read back %v, %v", got, err)
	}
	if v := got[2].Values["loss_d"]; !math.IsNaN(v) {
		t.Errorf("NaN became %v", v)
	}
	wantError(t, d.AppendTick(Tick{Values: map[string]float64{"sec": 1}}), `"sec"`)
}

// A later version may log what this one does not know.
func TestTickReadsUnknownFields(t *testing.T) {
	var tick Tick
	err := tick.UnmarshalJSON([]byte(`{"img":5,"event":"grown","on":true,"list":[1],"nothing":null,"p":0.25}`))
	if want := (Tick{Img: 5, Values: map[string]float64{"p": 0.25}}); err != nil || !reflect.DeepEqual(tick, want) {
		t.Errorf("got %v, %v, want %v", tick, err, want)
	}
	for _, text := range []string{`{"sec":1}`, `{"img":"5"}`, `{"img":1.5}`, `[]`} {
		if err := tick.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

func TestPartialLastLine(t *testing.T) {
	dir := t.TempDir()
	d := create(t, dir, Options{})
	for img := range int64(3) {
		if err := d.AppendTick(Tick{Img: img}); err != nil {
			t.Fatal(err)
		}
	}
	// Cut at every byte of the last line, its end too: the line does not count.
	whole, err := os.ReadFile(d.Path(logName))
	if err != nil {
		t.Fatal(err)
	}
	lastStart := strings.LastIndex(strings.TrimSuffix(string(whole), "\n"), "\n") + 1
	for n := lastStart; n < len(whole); n++ {
		if err := os.WriteFile(d.Path(logName), whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if ticks, err := d.Ticks(); len(ticks) != 2 || err != nil {
			t.Fatalf("cut at byte %d: %v, %v", n, ticks, err)
		}
	}
	// The next line begins a line of its own, after CutAfter and after Create.
	for i, repair := range []func() error{
		func() error { return d.CutAfter(1) },
		func() error {
			if err := d.Close(); err != nil {
				return err
			}
			d = create(t, dir, Options{})
			return nil
		},
	} {
		if err := os.WriteFile(d.Path(logName), whole[:len(whole)-3], 0o644); err != nil {
			t.Fatal(err)
		}
		if err := repair(); err != nil {
			t.Fatal(err)
		}
		if err := d.AppendTick(Tick{Img: 7}); err != nil {
			t.Fatal(err)
		}
		if ticks, err := d.Ticks(); err != nil || len(ticks) != 3 || ticks[2].Img != 7 {
			t.Errorf("repair %d: %v, %v", i, ticks, err)
		}
	}
}

func TestUnreadableLines(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	write := func(text string) {
		if err := os.WriteFile(d.Path(logName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("{\"img\":1}\n\x00\x00\x00\n\x00\x00\n") // what a crash of the machine may leave
	if ticks, err := d.Ticks(); err != nil || len(ticks) != 1 {
		t.Errorf("unreadable end: %v, %v", ticks, err)
	}
	write("{\"img\":1}\n\x00\n{\"img\":2}\n")
	_, err := d.Ticks()
	wantError(t, err, d.Path(logName), "line 2")
	if err := d.CutAfter(2); err != nil {
		t.Fatal(err)
	}
	if ticks, err := d.Ticks(); err != nil || len(ticks) != 2 {
		t.Errorf("after CutAfter: %v, %v", ticks, err)
	}
}

func TestCutAfter(t *testing.T) {
	d := create(t, t.TempDir(), Options{KeepLast: 10})
	for img := int64(1000); img <= 4000; img += 1000 {
		fill(t, d, img)
	}
	if err := d.AppendScore(stats.Result{Name: "kid", Value: 1}); err != nil { // of no img: stays
		t.Fatal(err)
	}
	if err := d.MarkBest(4000, stats.Result{Name: "fid", Value: 250}); err != nil {
		t.Fatal(err)
	}
	before := files(t, d.Path())
	if err := d.CutAfter(4000); err != nil {
		t.Fatal(err)
	}
	if after := files(t, d.Path()); !slices.Equal(before, after) {
		t.Errorf("nothing lies beyond, but files changed: %v, then %v", before, after)
	}
	if err := d.CutAfter(2500); err != nil {
		t.Fatal(err)
	}
	ticks, err := d.Ticks()
	if err != nil || len(ticks) != 2 || ticks[1].Img != 2000 {
		t.Errorf("ticks %v, %v", ticks, err)
	}
	scores, err := d.Scores()
	if err != nil || len(scores) != 3 || scores[1].Img != 2000 || scores[2].Name != "kid" {
		t.Errorf("scores %v, %v", scores, err)
	}
	want := []string{
		"checkpoint/000001000/state.json", "checkpoint/000001000/state.safetensors",
		"checkpoint/000002000/state.json", "checkpoint/000002000/state.safetensors",
		"config.json", "log.jsonl", "run.lock", "samples/fakes_000001000.png", "samples/fakes_000002000.png",
		"samples/reals.png", "scores.jsonl",
	}
	if got := files(t, d.Path()); !slices.Equal(got, want) {
		t.Errorf("left %v,\nwant %v", got, want)
	}
	wantLoad(t, d, 2000, 0)

	reader, err := Open(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, reader.CutAfter(0), "not open for writing")
}

func TestSamples(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	if d.Reals() != "" {
		t.Errorf("a new run has reals: %s", d.Reals())
	}
	for _, img := range []int64{20000, 3_000_000_000, 0} {
		if err := d.WriteSample(SampleName(img), image.NewGray(image.Rect(0, 0, 3, 2)), map[string]string{"seed": "0-63"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.WriteSample(RealsName, image.NewGray(image.Rect(0, 0, 2, 2)), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.Path(samplesName, "fakes_1.png"), nil, 0o644); err != nil { // no name of ours
		t.Fatal(err)
	}
	got, err := d.Samples()
	want := []Sample{
		{d.Path("samples", "fakes_000000000.png"), 0}, {d.Path("samples", "fakes_000020000.png"), 20000},
		{d.Path("samples", "fakes_3000000000.png"), 3_000_000_000},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if d.Reals() != filepath.Join(d.Path(), "samples", "reals.png") {
		t.Errorf("reals are %q", d.Reals())
	}
	f, err := os.Open(got[1].Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := imaging.PNGText(f); err != nil || text["seed"] != "0-63" {
		t.Errorf("text %v, %v", text, err)
	}
	for _, name := range []string{"../x.png", "a/b.png", ".png", ".tmp-x.png", "x.jpg", ""} {
		wantError(t, d.WriteSample(name, image.NewGray(image.Rect(0, 0, 2, 2)), nil), "file name")
	}
}

// Files of sounds are listed and cut as grids are.
func TestSounds(t *testing.T) {
	d := create(t, t.TempDir(), Options{})
	if got, err := d.Sounds(); err != nil || len(got) != 0 || d.RealSounds() != "" {
		t.Errorf("a new run has the sounds %v, %q, %v", got, d.RealSounds(), err)
	}
	s := audio.Sound{Rate: 8000, Samples: []float32{0.5}}
	for _, name := range []string{SoundName(3000), SoundName(1000), RealSoundsName} {
		if err := d.WriteSound(name, s, "seed=1"); err != nil {
			t.Fatal(err)
		}
	}
	first, second := Sample{d.Path("samples", "fakes_000001000.wav"), 1000}, Sample{d.Path("samples", "fakes_000003000.wav"), 3000}
	if got, err := d.Sounds(); err != nil || !slices.Equal(got, []Sample{first, second}) {
		t.Errorf("got %v, %v", got, err)
	}
	if err := d.CutAfter(2000); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Sounds(); err != nil || !slices.Equal(got, []Sample{first}) || d.RealSounds() != d.Path("samples", "reals.wav") {
		t.Errorf("after CutAfter %v, %q, %v", got, d.RealSounds(), err)
	}
	wantError(t, d.WriteSound("x.png", s, ""), "file name")
	wantError(t, d.WriteSound("x.wav", audio.Sound{}, ""), "cannot write the sample x.wav")
}

func TestSummary(t *testing.T) {
	dir := t.TempDir()
	d := create(t, dir, Options{})
	fill(t, d, 1000)
	fill(t, d, 2000)
	for _, r := range []stats.Result{{Name: "is", Value: 9}, {Name: "fid", Value: math.NaN()}, {Name: "fid", Value: 300, Img: 2000}, {Name: "fid", Value: 400}} {
		if err := d.AppendScore(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.AppendTick(Tick{Img: 2500, Seconds: 2.5, Values: map[string]float64{"loss_d": 7}}); err != nil {
		t.Fatal(err)
	}
	got, err := Summarize(dir)
	want := Summary{Dir: dir, Preset: "dcgan", State: Running, Img: 2500, Seconds: 2.5,
		Best: &stats.Result{Name: "fid", Value: 300, Img: 2000}, Values: map[string]float64{"loss_d": 7}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	d.Close()
	got, err = Summarize(dir)
	want.State, want.Img, want.Seconds, want.Values = Stopped, 2000, 2, map[string]float64{"loss_d": 1. / 2000}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("stopped: got %+v, %v\nwant %+v", got, err, want)
	}
	got.Values["loss_g"] = math.NaN()
	text, err := got.MarshalJSON()
	if err != nil || !strings.Contains(string(text), `"values":{"loss_d":0.0005,"loss_g":"NaN"}`) || !strings.Contains(string(text), `"state":"stopped"`) {
		t.Errorf("JSON %s, %v", text, err)
	}
	_, err = Summarize(t.TempDir())
	wantError(t, err, "no run directory")
}

func TestBestScore(t *testing.T) {
	r := func(name string, v float64) stats.Result { return stats.Result{Name: name, Value: v} }
	for _, test := range []struct {
		scores []stats.Result
		want   stats.Result
	}{
		{[]stats.Result{r("is", 3), r("is", 5), r("is", 4)}, r("is", 5)},
		{[]stats.Result{r("is", 3), r("fd_fashion_cnn", 9), r("fd_fashion_cnn", 8)}, r("fd_fashion_cnn", 8)},
		{[]stats.Result{r("kid", 0.1), r("fid", 9), r("kid", 0.05), r("fid", 10)}, r("fid", 9)},
		{[]stats.Result{r("precision", 0.1), r("is", 9)}, r("precision", 0.1)},
	} {
		if got := bestScore(test.scores); got == nil || *got != test.want {
			t.Errorf("best of %v is %v, want %v", test.scores, got, test.want)
		}
	}
	if got := bestScore(nil); got != nil {
		t.Errorf("best of nothing is %v", got)
	}
}
