package lab

import (
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
)

func TestScore(t *testing.T) {
	dir := trained(t)
	g, err := gan.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	reals, err := datasets.Open("fashion-mini:test", datasets.WithLimit(40))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fd_fashion_cnn", "classifier_score_fashion_cnn"} {
		score, err := Score(t.Context(), name, reals, 20)
		if err != nil {
			t.Fatal(err)
		}
		r, err := score.Measure(t.Context(), g)
		if k := score.Kind; k.Name != r.Name || k.NReal != r.NReal || k.NFake != r.NFake || k.WeightsSHA256 != r.WeightsSHA256 ||
			k.Preprocess != r.Preprocess || k.DDoF != r.DDoF {
			t.Errorf("the kind %+v is not that of the score %+v", k, r)
		}
		if err != nil || r.Name != name || r.NFake != 20 || !(r.Value > 0) {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
	if _, err := Score(t.Context(), "fdi", reals, 20); err == nil || !strings.Contains(err.Error(), "fd_fashion_cnn") {
		t.Errorf("a score that does not exist: %v, want the names that do", err)
	}
}
