package gan

import (
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/internal/testbackend"
)

// A D whose learning rate is 100 times that of the preset wins, and the run says so once, while it trains and in its
// summary; the same game with the preset's rate is quiet.
func TestALostGameIsNoted(t *testing.T) {
	const until = 12_000
	for _, test := range []struct {
		lr   float64
		want string
	}{{2e-2, run.DWon}, {2e-4, ""}} {
		cfg := MLPGAN()
		cfg.BaseChannels, cfg.Batch, cfg.Latents.Dim, cfg.DiscriminatorOptimizer.LR = 20, 32, 8, test.lr
		dir := t.TempDir()
		r, err := OpenOn(&accel.Device{Backend: testbackend.Go(t)}, dir, cfg, noise{8, 1})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		rep := &notes{Reporter: Silent()}
		if err := r.TrainTo(t.Context(), until, rep); err != nil {
			t.Fatal(err)
		}
		s, err := run.Summarize(dir)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, line := range rep.lines {
			if strings.HasPrefix(line, "D has won") {
				told++
			}
		}
		if test.want == "" && (len(rep.lines) > 0 || len(s.Findings) > 0) {
			t.Errorf("a good game: notes %q, findings %v", rep.lines, s.Findings)
		}
		if test.want != "" && (told != 1 || len(s.Findings) != 1 || s.Findings[0].Kind != test.want) {
			t.Errorf("a lost game: notes %q, findings %v", rep.lines, s.Findings)
		}
	}
}
