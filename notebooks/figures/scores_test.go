package figures

import (
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/metrics/stats"
)

func TestScores(t *testing.T) {
	score := func(name string, img int64, value float64) stats.Result {
		return stats.Result{Name: name, Img: img, Value: value}
	}
	f, err := Scores([]stats.Result{score("fd_fashion_cnn", 20_000, 40), score("is", 20_000, 3), score("fd_fashion_cnn", 40_000, 12.5),
		score("is", 40_000, 4.25), score("fd_fashion_cnn", 60_000, 15), score("fid", 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.panels) != 2 {
		t.Fatalf("%d panels, want one for each score with a length", len(f.panels))
	}
	svg, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(svg)), " ")
	for _, want := range []string{">fd_fashion_cnn (lower is better)<", ">12.5<", ">is (higher is better)<", ">4.25<"} {
		if !strings.Contains(text, want) {
			t.Errorf("the figure does not say %s", want)
		}
	}
	if _, err := Scores([]stats.Result{score("fid", 0, 1)}); err == nil {
		t.Error("a score of no training gave a figure")
	}
}
