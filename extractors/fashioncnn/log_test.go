package fashioncnn

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/internal/testbackend"
	"github.com/gogan-ml/gogan/metrics/stats"
)

// trained is the last line of train.jsonl, header its first.
type trained struct {
	WeightsSHA256    string  `json:"weights_sha256"`
	NTest            int     `json:"n_test"`
	TestAccuracy     float64 `json:"test_accuracy"`
	NMiniTest        int     `json:"n_mini_test"`
	MiniTestAccuracy float64 `json:"mini_test_accuracy"`
}

type header struct {
	Command  string            `json:"command"`
	Versions map[string]string `json:"versions"`
}

func readLog(t *testing.T) (header, trained) {
	t.Helper()
	data, err := os.ReadFile("train.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	var first header
	var last trained
	if err := json.Unmarshal(lines[0], &first); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		t.Fatal(err)
	}
	return first, last
}

// The log belongs to the embedded weights and says that they are good enough: 91 % of the 10,000 test images.
func TestLog(t *testing.T) {
	first, last := readLog(t)
	sum := sha256.Sum256(official)
	if got := hex.EncodeToString(sum[:]); got != last.WeightsSHA256 {
		t.Errorf("the weights are %s, those of the log %s", got, last.WeightsSHA256)
	}
	if last.NTest != 10_000 || last.TestAccuracy < 0.91 || last.TestAccuracy > 1 {
		t.Errorf("accuracy %g on %d test images, want at least 0.91 on 10000", last.TestAccuracy, last.NTest)
	}
	if first.Command == "" || first.Versions["github.com/gomlx/gomlx"] == "" {
		t.Errorf("the log says not how it was made: %+v", first)
	}
	if len(official) > 2_000_000 {
		t.Errorf("the weights have %d bytes, more than 2 MB", len(official))
	}
}

// The embedded weights have the accuracy of the log on real images. A processor that rounds otherwise may move a picture
// that lies between two classes: two of 2,000 are allowed.
func TestAccuracyOfTheLog(t *testing.T) {
	_, last := readLog(t)
	images, labels := pictures(t, last.NMiniTest)
	_, logits := extract(t, open(t, &accel.Device{Backend: testbackend.XLA(t)}), images...)
	if got := Accuracy(logits, labels); math.Abs(got-last.MiniTestAccuracy) > 2.0/2000 {
		t.Errorf("accuracy %g, the log says %g", got, last.MiniTestAccuracy)
	}
}

// The floor was measured with the embedded weights, and falls as more pictures are compared: it is bias of the estimate.
func TestFloor(t *testing.T) {
	data, err := os.ReadFile("floor.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	_, last := readLog(t)
	type key struct {
		reals string
		n     int
	}
	floor := map[key]float64{}
	for line := range bytes.Lines(data) {
		var l struct {
			Reals string       `json:"reals"`
			Score stats.Result `json:"score"`
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		if l.Score.WeightsSHA256 != last.WeightsSHA256 || !l.Score.WeightsOfficial || l.Score.Preprocess != string(Preprocess) {
			t.Errorf("not of the embedded weights: %s", line)
		}
		if l.Score.Name == "fd_fashion_cnn" {
			floor[key{l.Reals, l.Score.NFake}] = l.Score.Value
		}
	}
	for set, numbers := range map[string][]int{"fashion-mini:train": {500, 1000, 2000}, "fashion-mnist:train": {500, 1000, 2000, 5000, 10_000}} {
		for i, n := range numbers {
			if v := floor[key{set, n}]; v <= 0 || i > 0 && v >= floor[key{set, numbers[i-1]}] {
				t.Errorf("%s: the floor of %d is %g, that of fewer %g", set, n, v, floor[key{set, numbers[max(0, i-1)]}])
			}
		}
	}
}
