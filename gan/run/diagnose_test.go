package run

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func readLog(t *testing.T, name string) []Tick {
	t.Helper()
	ticks, err := readObjects[Tick](filepath.Join("testdata", "logs", name+".jsonl"))
	if err != nil || len(ticks) < 20 {
		t.Fatalf("%s: %d lines, %v", name, len(ticks), err)
	}
	return ticks
}

func kinds(findings []Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Kind)
	}
	return strings.Join(out, " ")
}

// follow returns the images shown when each kind was told first, as a training would have told it.
func follow(ticks []Tick, game Game) map[string]int64 {
	w := Watcher{game: game, told: map[string]bool{}}
	out := map[string]int64{}
	for _, t := range ticks {
		for _, f := range w.Add(t) {
			out[f.Kind] = t.Img
		}
	}
	return out
}

// No false alarm, at no moment of a training that went well.
func TestGoodTrainings(t *testing.T) {
	for name, loss := range map[string]string{
		"good-non-saturating": "non-saturating", "good-mlp": "non-saturating", "good-hinge": "hinge", "good-hinge-spectral": "hinge",
		"good-least-squares": "least-squares", "good-relativistic-average": "relativistic-average",
	} {
		if told := follow(readLog(t, name), Game{Loss: loss}); len(told) > 0 {
			t.Errorf("%s: %v", name, told)
		}
	}
}

func TestSpoiltTrainings(t *testing.T) {
	for name, test := range map[string]struct {
		loss, kind string
		by         int64 // images within which it is told
		end        string
	}{
		"won-non-saturating": {"non-saturating", DWon, 10_000, "discriminator-won"},
		"won-minimax":        {"minimax", DWon, 10_000, "discriminator-won"},
		"won-hinge":          {"hinge", DWon, 10_000, "discriminator-won"},
		"won-least-squares":  {"least-squares", DWon, 15_000, "discriminator-won"},
		"swings":             {"non-saturating", Oscillation, 22_000, "oscillation"},
		"stuck":              {"non-saturating", Oscillation, 22_000, "oscillation"},
		"collapsed":          {"non-saturating", ModeCollapse, 10_000, "mode-collapse discriminator-won"},
		"collapsed-mlp":      {"non-saturating", ModeCollapse, 15_000, "mode-collapse discriminator-won"},
	} {
		ticks := readLog(t, name)
		told := follow(ticks, Game{Loss: test.loss})
		if img, found := told[test.kind]; !found || img > test.by {
			t.Errorf("%s: told %v, want %s by %d", name, told, test.kind, test.by)
		}
		if got := kinds(Diagnose(ticks, Game{Loss: test.loss})); got != test.end {
			t.Errorf("%s: at the end %s, want %s", name, got, test.end)
		}
		// A critic that is far ahead is what the Wasserstein loss wants; of unknown losses nothing is known.
		for _, loss := range []string{"wasserstein", "my-loss"} {
			if got := kinds(Diagnose(ticks, Game{Loss: loss})); strings.Contains(got, DWon) || strings.Contains(got, Oscillation) {
				t.Errorf("%s as %s: got %s", name, loss, got)
			}
		}
	}
}

// made returns a log with a tick every 500 images up to last.
func made(last int64, value func(img int64) map[string]float64) []Tick {
	var out []Tick
	for img := int64(500); img <= last; img += 500 {
		out = append(out, Tick{Img: img, Values: value(img)})
	}
	return out
}

func spreads(share float64) map[string]float64 {
	return map[string]float64{"spread_real": 0.5, "spread_fake": 0.5 * share}
}

func TestModeCollapse(t *testing.T) {
	collapse := func(at, until int64, before, after float64) func(int64) map[string]float64 {
		return func(img int64) map[string]float64 {
			if img >= at && img < until {
				return spreads(after)
			}
			return spreads(before)
		}
	}
	const never = math.MaxInt64
	for name, test := range map[string]struct {
		ticks []Tick
		since int64 // 0: no finding
	}{
		"after variety":          {made(16_000, collapse(10_000, never, 0.8, 0.1)), 10_000},
		"too short":              {made(14_000, collapse(10_000, never, 0.8, 0.1)), 0},
		"overcome":               {made(20_000, collapse(10_000, 18_000, 0.8, 0.1)), 0},
		"just varied enough":     {made(40_000, collapse(10_000, never, 0.8, 0.26)), 0},
		"never varied":           {made(40_000, collapse(0, never, 1, 0.1)), 0},
		"from little to nothing": {made(16_000, collapse(10_000, never, 0.1, 0.04)), 10_000},
		"from little to less":    {made(16_000, collapse(10_000, never, 0.1, 0.06)), 0},
		"reals without a spread": {made(40_000, func(int64) map[string]float64 { return map[string]float64{"spread_real": 0, "spread_fake": 0} }), 0},
		"nothing logged":         {made(40_000, func(int64) map[string]float64 { return nil }), 0},
		"empty":                  {nil, 0},
	} {
		findings := Diagnose(test.ticks, Game{Loss: "wasserstein"})
		switch {
		case test.since == 0 && len(findings) > 0:
			t.Errorf("%s: got %v", name, findings)
		case test.since > 0 && (kinds(findings) != ModeCollapse || findings[0].Img != test.since):
			t.Errorf("%s: got %v, want one since %d", name, findings, test.since)
		}
	}
}

// Ticks between the steps of D and those of G hold one of them; they do not interrupt what lasts.
func TestDWon(t *testing.T) {
	outputs := func(real, fake, loss float64) func(int64) map[string]float64 {
		return func(img int64) map[string]float64 {
			if img%2000 == 0 {
				return map[string]float64{"loss_g": 5}
			}
			return map[string]float64{"d_real": real, "d_fake": fake, "loss_d": loss}
		}
	}
	for name, test := range map[string]struct {
		game Game
		log  func(int64) map[string]float64
		want string
	}{
		"sure of both": {Game{Loss: "non-saturating"}, outputs(0.99, 0.01, 0.02), DWon},
		"rather sure, G lost": {Game{Loss: "non-saturating"}, func(int64) map[string]float64 {
			return map[string]float64{"d_real": 0.92, "d_fake": 0.08, "loss_d": 0.2, "loss_g": 7}
		}, DWon},
		"rather sure": {Game{Loss: "non-saturating"}, func(int64) map[string]float64 {
			return map[string]float64{"d_real": 0.92, "d_fake": 0.08, "loss_d": 0.2, "loss_g": 4}
		}, ""},
		"of fakes only":        {Game{Loss: "non-saturating"}, outputs(0.9, 0.01, 0.12), ""},
		"of smoothed labels":   {Game{"non-saturating", 0.1}, outputs(0.89, 0.01, 0.35), DWon},
		"good":                 {Game{Loss: "non-saturating"}, outputs(0.7, 0.3, 0.7), ""},
		"hinge":                {Game{Loss: "hinge"}, outputs(5, -5, 0.01), DWon},
		"a hinge at work":      {Game{Loss: "hinge"}, outputs(5, -5, 0.2), ""},
		"least squares":        {Game{Loss: "least-squares"}, outputs(1, 0, 0.001), DWon},
		"relativistic pairing": {Game{Loss: "relativistic-pairing"}, outputs(1, 0, 0.001), DWon},
		"critic":               {Game{Loss: "wasserstein"}, outputs(0.99, 0.01, -20), ""},
	} {
		findings := Diagnose(made(12_500, test.log), test.game)
		if kinds(findings) != test.want {
			t.Errorf("%s: got %v, want %q", name, findings, test.want)
		}
		if test.want != "" && (findings[0].Img != 500 || !strings.Contains(findings[0].Text, "from the start")) {
			t.Errorf("%s: got %+v, want one from the start", name, findings[0])
		}
	}
}

func TestOscillation(t *testing.T) {
	wave := func(amplitude func(img float64) float64) func(int64) map[string]float64 {
		return func(img int64) map[string]float64 {
			x := float64(img)
			return map[string]float64{"loss_d": 0.6 + amplitude(x)*math.Sin(2*math.Pi*x/5000)}
		}
	}
	constant := func(a float64) func(float64) float64 { return func(float64) float64 { return a } }
	for name, test := range map[string]struct {
		ticks []Tick
		loss  string
		want  string // part of the text; "": no finding
	}{
		"sustained":            {made(30_000, wave(constant(0.4))), "non-saturating", "does not calm down"},
		"growing":              {made(30_000, wave(func(x float64) float64 { return 0.02 * math.Exp(x/9000) })), "non-saturating", "ever more so"},
		"dying away":           {made(30_000, wave(func(x float64) float64 { return 0.5 * math.Exp(-x/6000) })), "non-saturating", ""},
		"small":                {made(30_000, wave(constant(0.1))), "non-saturating", ""},
		"a short log":          {made(15_000, wave(constant(0.4))), "non-saturating", ""},
		"a loss without scale": {made(30_000, wave(constant(0.4))), "wasserstein", ""},
		"a fall": {made(30_000, func(img int64) map[string]float64 {
			return map[string]float64{"loss_d": 1.4*math.Exp(-float64(img)/8000) + 0.2}
		}), "non-saturating", ""},
		// Every second tick is far off: a mean over 1,000 images does not see it.
		"noise of single ticks": {made(30_000, func(img int64) map[string]float64 {
			return map[string]float64{"loss_d": 0.6 + 0.4*float64(img/500%2*2-1)}
		}), "non-saturating", ""},
	} {
		findings := Diagnose(test.ticks, Game{Loss: test.loss})
		switch {
		case test.want == "" && len(findings) > 0:
			t.Errorf("%s: got %v", name, findings)
		case test.want != "" && (kinds(findings) != Oscillation || !strings.Contains(findings[0].Text, test.want)):
			t.Errorf("%s: got %v, want one with %q", name, findings, test.want)
		}
	}
}

func TestWatcherTellsOnce(t *testing.T) {
	d, err := Create(t.TempDir(), Game{Loss: "hinge"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	lost := made(20_000, func(int64) map[string]float64 { return map[string]float64{"loss_d": 0.001} })
	for _, tick := range lost[:5] {
		if err := d.AppendTick(tick); err != nil {
			t.Fatal(err)
		}
	}
	w, err := d.Watcher()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, tick := range lost[5:] {
		for _, f := range w.Add(tick) {
			told = append(told, fmt.Sprintf("%s at %d since %d", f.Kind, tick.Img, f.Img))
		}
	}
	if want := []string{"discriminator-won at 5500 since 500"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}
