package gan

import (
	"math"
	"testing"

	"github.com/gogan-ml/gogan/internal/testbackend"
)

// After each update of its player, and of no other, every weight is the one of plain gradient descent brought back to
// the box; the weights of one run beside another that has no box would show a missing clip.
func TestClipWeights(t *testing.T) {
	const limit = 0.2
	boxed, free := regression(4, 0), regression(4, 0)
	boxed.Controllers = []Controller{ClipWeights{Player: "d", Limit: limit}}
	a, b := newSpecTrainer(t, testbackend.Go(t), boxed), newSpecTrainer(t, testbackend.Go(t), free)
	if first := floats(t, snapshot(t, a)["d/w"]); math.Abs(first[0]) <= limit {
		t.Fatalf("the first weights are %v, inside the box already", first)
	}
	steps(t, a, 2)
	steps(t, b, 2)
	clipped, inside := 0, 0
	unclipped := floats(t, snapshot(t, b)["d/w"])
	for i, w := range floats(t, snapshot(t, a)["d/w"]) {
		near(t, "d/w", w, min(limit, max(-limit, unclipped[i])), 1e-7) // one step in float32
		if math.Abs(unclipped[i]) > limit {
			clipped++
		} else {
			inside++
		}
	}
	if clipped == 0 || inside == 0 {
		t.Errorf("%d weights are clipped and %d are not: the test needs both", clipped, inside)
	}
	outside := 0
	for _, w := range floats(t, snapshot(t, a)["r/w"]) {
		if math.Abs(w) > limit {
			outside++
		}
	}
	if outside == 0 {
		t.Error("the other player was clipped too")
	}
}
