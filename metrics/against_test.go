package metrics

import (
	"testing"
)

// Reals that are measured once score as they do when they are read beside the fakes.
func TestAgainst(t *testing.T) {
	n := small()
	scorer, err := Open(t.Context(), &Options{Network: n, Metrics: []string{"fd", "prdc"}})
	if err != nil {
		t.Fatal(err)
	}
	defer scorer.Close()
	reals := pictures{n: 30, salt: 1}
	score, err := scorer.Against(t.Context(), reals)
	if err != nil {
		t.Fatal(err)
	}
	for salt := range uint32(2) {
		fakes := pictures{n: 20, salt: 100 * (salt + 1)}
		got, err := score(t.Context(), fakes)
		if err != nil {
			t.Fatal(err)
		}
		want, err := scorer.Score(t.Context(), reals, fakes)
		if err != nil || len(got) != len(want) {
			t.Fatal(got, want, err)
		}
		for i := range want {
			near(t, want[i].Name, got[i].Value, want[i].Value, 1e-12)
		}
	}
	if got, want := n.pictures.Load(), int64(30+2*(20+30+20)); got != want {
		t.Errorf("%d pictures went through the network, want %d: the reals once", got, want)
	}
	// A metric that needs no reals reads none.
	alone, err := Open(t.Context(), &Options{Network: n, Metrics: []string{"classifier_score"}})
	if err != nil {
		t.Fatal(err)
	}
	if score, err = alone.Against(t.Context(), unread(t, 30)); err != nil {
		t.Fatal(err)
	}
	if _, err := score(t.Context(), pictures{n: 20}); err != nil {
		t.Error(err)
	}
}
