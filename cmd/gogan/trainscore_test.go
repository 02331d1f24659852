package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// scored are the flags of a tiny training on clothes.npz that is scored every 32 images.
func scored(args ...string) []string {
	return append(append([]string{"train", "dcgan", "--data", "clothes.npz", "--set", "base_channels=4", "--set", "batch=8"}, args...),
		"--every", "32", "--score-samples", "20")
}

func scoresOf(t *testing.T, dir string) []stats.Result {
	t.Helper()
	d, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	out, err := d.Scores()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A score changes no bit of the training; its results are in scores.jsonl, its best in `gogan runs` and `sample --best`.
func TestTrainScore(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "clothes.npz"), "test", 0, 40)
	args := scored("--run", "r", "--until", "80", "--score", "fd_fashion_cnn")
	text := execute(t, dir, args...).ok(t)
	got := scoresOf(t, filepath.Join(dir, "r"))
	if len(got) != 3 {
		t.Fatalf("%v\nscores %v, want 3", text, got)
	}
	best := got[0]
	for i, want := range []int64{32, 64, 80} {
		s := got[i]
		if s.Img != want || s.Name != "fd_fashion_cnn" || s.NReal != 40 || s.NFake != 20 || s.Extractor != "fashion-cnn" ||
			!s.WeightsOfficial || s.Preprocess != "fashion-cnn" || s.Value <= 0 {
			t.Errorf("score %d is %+v", i, s)
		}
		if s.Better(best) {
			best = s
		}
	}
	if !strings.Contains(text.stderr, "scoring fd_fashion_cnn at 32\n") || !strings.Contains(text.stderr, "\n32 img: fd_fashion_cnn ") {
		t.Errorf("%v\nwant a line before the score at 32 and one about it", text)
	}
	var list struct {
		Runs []struct {
			Best stats.Result `json:"best"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(execute(t, dir, "runs", "r", "--json").ok(t).stdout), &list); err != nil {
		t.Fatal(err)
	}
	if list.Runs[0].Best.Img != best.Img || list.Runs[0].Best.Value != best.Value {
		t.Errorf("`gogan runs` has %+v, want %+v", list.Runs[0].Best, best)
	}
	if table := execute(t, dir, "runs", "r").ok(t).stdout; !strings.Contains(table, "fd_fashion_cnn ") {
		t.Errorf("no score in the table:\n%s", table)
	}
	execute(t, dir, "sample", "r", "--best", "--seeds", "0-3", "--npz", "best.npz").ok(t)
	execute(t, dir, "sample", "r", "--seeds", "0-3", "--npz", "newest.npz").ok(t)
	newest, kept := read(t, dir, "newest.npz"), read(t, dir, "best.npz")
	if bytes.Equal(newest, kept) != (best.Img == 80) {
		t.Errorf("the best is at %d of 80; the pictures of the best and of the newest checkpoint are the same: %v",
			best.Img, bytes.Equal(newest, kept))
	}
	execute(t, dir, "train", "dcgan", "--data", "clothes.npz", "--set", "base_channels=4", "--set", "batch=8", "--run", "plain",
		"--until", "80").ok(t)
	if !bytes.Equal(converted(t, dir, "r"), converted(t, dir, "plain")) {
		t.Error("a run with scores ended with other bits than one without")
	}
	execute(t, dir, "sample", "plain", "--best", "--seeds", "0", "--out", "x").fails(t, 1, "plain", "without scores")
	// Long enough and scored already: nothing happens.
	execute(t, dir, args...).ok(t)
	if again := scoresOf(t, filepath.Join(dir, "r")); len(again) != 3 {
		t.Errorf("the same command again left %d scores", len(again))
	}
	// A score of another kind at the end of a run does not stand for that of its training.
	execute(t, dir, "score", "--real", "clothes.npz", "--fake", "plain", "--extractor", "fashion-cnn", "--samples", "30", "--record").ok(t)
	execute(t, dir, scored("--run", "plain", "--until", "80", "--score", "fd_fashion_cnn")...).ok(t)
	if both := scoresOf(t, filepath.Join(dir, "plain")); len(both) != 2 || both[0].NFake != 30 || both[1].NFake != 20 {
		t.Errorf("after --record and then a training, the scores are %v", both)
	}
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// With --seeds every run is scored, and the best scores are summed up; so are pictures that the networks see padded and in
// colour, with a warning.
func TestTrainScoreOfSeeds(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "clothes.npz"), "test", 0, 40)
	var got struct {
		Spread []struct {
			Name string  `json:"name"`
			Mean float64 `json:"mean"`
			N    int     `json:"n"`
		} `json:"spread"`
	}
	r := execute(t, dir, scored("--run", "many", "--until", "16", "--seeds", "1-2", "--set", "image_size=32", "--set", "base_channels=2",
		"--set", "channels=3", "--score", "classifier_score_fashion_cnn", "--json")...)
	if err := json.Unmarshal([]byte(r.ok(t).stdout), &got); err != nil {
		t.Fatal(err)
	}
	if strings.Count(r.stderr, "warning: fashion-cnn looks at grey pictures") != 1 {
		t.Errorf("%v\nwant one warning about colour", r)
	}
	a, b := scoresOf(t, filepath.Join(dir, "many", "seed-1")), scoresOf(t, filepath.Join(dir, "many", "seed-2"))
	if len(a) != 1 || len(b) != 1 || a[0].Value < 1 || a[0].Value > 10 {
		t.Fatalf("scores %v and %v, want one each, between 1 and the number of classes", a, b)
	}
	for _, s := range got.Spread {
		if s.Name == "classifier_score_fashion_cnn" {
			if want := (a[0].Value + b[0].Value) / 2; s.N != 2 || s.Mean < want-1e-9 || s.Mean > want+1e-9 {
				t.Errorf("the spread is %+v, want the mean %v of 2", s, want)
			}
			return
		}
	}
	t.Errorf("no spread of the score in %+v", got.Spread)
}

// What cannot be scored is refused before there is a run.
func TestTrainScoreRefuses(t *testing.T) {
	dir := t.TempDir()
	clothes(t, filepath.Join(dir, "clothes.npz"), "test", 0, 40)
	for _, test := range []struct {
		code int
		want []string
		more []string
	}{
		{2, []string{"fdi", "fd_fashion_cnn", "fid"}, []string{"--score", "fdi"}},
		{2, []string{"prdc", "fid"}, []string{"--score", "prdc"}},
		{2, []string{"1000", "kd_fashion_cnn"}, []string{"--score", "kd_fashion_cnn"}},
		{2, []string{"--weights", "--score"}, []string{"--weights", "x.pth"}},
		{2, []string{"weights", "fashion-cnn"}, []string{"--score", "fd_fashion_cnn", "--weights", "x.pth"}},
		{2, []string{"0"}, []string{"--score", "fd_fashion_cnn", "--every", "0"}},
		{1, []string{"fid", "x.pth"}, []string{"--score", "fid", "--weights", "x.pth"}},
		{1, []string{"1000", "40"}, []string{"--score", "kd_fashion_cnn", "--score-samples", "1000"}},
	} {
		args := []string{"train", "dcgan", "--data", "clothes.npz", "--run", "r", "--until", "16", "--score-samples", "20"}
		if test.want[0] == "--weights" {
			args = args[:len(args)-2]
		}
		execute(t, dir, append(args, test.more...)...).fails(t, test.code, test.want...)
	}
	if got := entries(t, dir); len(got) != 1 {
		t.Errorf("a refused command wrote: %v", got)
	}
}
