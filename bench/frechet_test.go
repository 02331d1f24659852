package main

import (
	"strings"
	"testing"
)

const scipyAnswers = `test -z "$OPENBLAS_CORETYPE$OPENBLAS_L2_SIZE" || exit 3
echo '{"version": "fake 1", "seconds": 2.5, "value": 7}'`

func TestScipyFrechet(t *testing.T) {
	t.Setenv("OPENBLAS_CORETYPE", "Prescott")
	t.Setenv("OPENBLAS_L2_SIZE", "1")
	python := fakePeers(t, scipyAnswers)
	answer, err := scipyFrechet(t.Context(), python, "script", [2]string{"a", "b"})
	if err != nil || answer != (scipyAnswer{"fake 1", 2.5, 7}) {
		t.Errorf("the answer is %+v, %v", answer, err)
	}
	python = fakePeers(t, "echo 'Traceback' >&2; echo 'ImportError: no scipy' >&2; exit 1")
	if _, err := scipyFrechet(t.Context(), python, "script", [2]string{"a", "b"}); err == nil || err.Error() != "ImportError: no scipy" {
		t.Errorf("the error is %v, want the last line of stderr", err)
	}
}

// A peer that computes something else is an error, after one round.
func TestFrechetRaceComparesValues(t *testing.T) {
	fakePeers(t, scipyAnswers)
	if _, err := frechetRace(t.Context(), 32); err == nil || !strings.Contains(err.Error(), "the distance is 7, ours ") {
		t.Errorf("the error is %v, want one with both distances", err)
	}
}
