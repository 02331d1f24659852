package run

import (
	"fmt"
	"math"
	"testing"
)

func TestParseImg(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "500": 500, "2k": 2000, "1.5k": 1500, "1.500k": 1500, "0.001k": 1, "1m": 1e6, "2M": 2e6, "3K": 3000,
		"1.234567m": 1234567, "1.0": 1, "007": 7, "9223372036854775807": math.MaxInt64,
	} {
		if got, err := ParseImg(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "k", ".5k", "1.k", "1.", "-1", "+1", "1.5", "1.0005k", "1e3", "1kk", "2 k", "paper", "1_000", "9223372036854775808", "9999999999999m", "٣"} {
		got, err := ParseImg(text)
		if err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
			continue
		}
		wantError(t, err, fmt.Sprintf("%q", text), "1.5k")
	}
}

func TestFormatImg(t *testing.T) {
	for want, n := range map[string]int64{
		"0": 0, "999": 999, "1k": 1000, "1.001k": 1001, "1.5k": 1500, "999.999k": 999999, "1m": 1e6, "1.000001m": 1000001, "25m": 25e6, "-5": -5,
	} {
		got := FormatImg(n)
		if got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
		if back, err := ParseImg(got); n >= 0 && (err != nil || back != n) {
			t.Errorf("%d: %q reads back as %d, %v", n, got, back, err)
		}
	}
}

func TestRoundImg(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1k", 20_480: "20.5k", 999_499: "999k",
		999_500: "1m", 1_250_000: "1.25m"} {
		if got := RoundImg(n); got != want {
			t.Errorf("RoundImg(%d) = %q, want %q", n, got, want)
		}
	}
}
