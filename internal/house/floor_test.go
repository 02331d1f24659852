package house

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fashionLog reads the lines of a log beside the weights of fashion-cnn.
func fashionLog[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "extractors", "fashioncnn", name))
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	for line := range strings.Lines(string(data)) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// TestREADMEFashionCNN: what README.md says of fashion-cnn is what its logs say.
func TestREADMEFashionCNN(t *testing.T) {
	type trained struct {
		N        int     `json:"n_test"`
		Accuracy float64 `json:"test_accuracy"`
	}
	lines := fashionLog[trained](t, "train.jsonl")
	last := lines[len(lines)-1]
	want := []string{fmt.Sprintf("recognises %.2f %% of the %d,%03d test pictures", 100*last.Accuracy, last.N/1000, last.N%1000)}

	type floor struct {
		Reals string
		Score struct {
			Name  string
			Value float64
			NFake int `json:"n_fake"`
		}
	}
	distances := map[string]map[int]string{}
	var sizes []int
	for _, f := range fashionLog[floor](t, "floor.jsonl") {
		if f.Score.Name != "fd_fashion_cnn" {
			continue
		}
		if distances[f.Reals] == nil {
			distances[f.Reals] = map[int]string{}
		}
		distances[f.Reals][f.Score.NFake] = fmt.Sprintf("%.3f", f.Score.Value)
		if !slices.Contains(sizes, f.Score.NFake) {
			sizes = append(sizes, f.Score.NFake)
		}
	}
	slices.Sort(sizes)
	for _, reals := range []string{"fashion-mini:train", "fashion-mnist:train"} {
		row := "| `" + reals + "` |"
		for _, n := range sizes {
			row += strings.TrimRight(" "+distances[reals][n], " ") + " |" // not every size was measured
		}
		want = append(want, row)
	}
	text := documents(t)[filepath.Join(root, "README.md")]
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("README.md does not say %q, which the logs do", w)
		}
	}
}
