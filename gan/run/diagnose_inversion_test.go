package run

import (
	"strings"
	"testing"
)

func TestInversion(t *testing.T) {
	correlations := func(x, y float64) func(img int64) map[string]float64 {
		return func(img int64) map[string]float64 {
			if img < 8000 {
				return map[string]float64{"correlation_x": 0.5, "correlation_y": 0.1}
			}
			return map[string]float64{"correlation_x": x, "correlation_y": y}
		}
	}
	for name, test := range map[string]struct {
		ticks []Tick
		words string // "": no finding
	}{
		"both":      {made(16_000, correlations(-0.4, -0.25)), "since 8k img the correlation of x and G(x) (-0.40) and of y and F(y) (-0.25)"},
		"one":       {made(16_000, correlations(0.4, -0.25)), "the correlation of y and F(y) (-0.25) is negative"},
		"none":      {made(16_000, correlations(0.4, 0)), ""},
		"too short": {made(11_000, correlations(-0.4, -0.25)), ""},
		"no such":   {made(16_000, func(int64) map[string]float64 { return map[string]float64{"loss_g": 1} }), ""},
	} {
		findings := Diagnose(test.ticks, Game{Loss: "lsgan"})
		switch {
		case test.words == "" && len(findings) > 0:
			t.Errorf("%s: got %v", name, findings)
		case test.words != "" && (kinds(findings) != Inversion || findings[0].Img != 8000 || !strings.Contains(findings[0].Text, test.words)):
			t.Errorf("%s: got %v, want one since 8000 that says %q", name, findings, test.words)
		}
	}
}
