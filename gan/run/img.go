package run

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kimg is a thousand real images: the unit that lengths of trainings are usually given in.
const Kimg int64 = 1000

// ParseImg reads a number of images: "500", "2k", "1.5k", "1m". The result must be a whole number that fits an int64.
func ParseImg(s string) (int64, error) {
	fail := func(why string) (int64, error) {
		return 0, fmt.Errorf("run: %q is no number of images (%s); write 500, 2k, 1.5k or 1m", s, why)
	}
	digits, zeros := s, 0
	switch {
	case strings.HasSuffix(s, "k"), strings.HasSuffix(s, "K"):
		digits, zeros = s[:len(s)-1], 3
	case strings.HasSuffix(s, "m"), strings.HasSuffix(s, "M"):
		digits, zeros = s[:len(s)-1], 6
	}
	whole, fraction, point := strings.Cut(digits, ".")
	fraction = strings.TrimRight(fraction, "0")
	if whole == "" || point && strings.HasSuffix(digits, ".") {
		return fail("digits are missing")
	}
	if len(fraction) > zeros {
		return fail("not a whole number")
	}
	all := whole + fraction + strings.Repeat("0", zeros-len(fraction))
	if strings.Trim(all, "0123456789") != "" {
		return fail("other signs than digits")
	}
	n, err := strconv.ParseInt(all, 10, 64)
	if err != nil {
		return fail(fmt.Sprintf("more than %d", int64(math.MaxInt64)))
	}
	return n, nil
}

// FormatImg writes a number of images as ParseImg reads it, exactly: 500, 2k, 1.5k, 1m.
func FormatImg(n int64) string {
	unit, suffix := int64(1), ""
	switch {
	case n >= 1e6:
		unit, suffix = 1e6, "m"
	case n >= 1000:
		unit, suffix = 1000, "k"
	}
	text := strconv.FormatInt(n/unit, 10)
	if rest := n % unit; rest > 0 {
		// unit+rest has a leading 1 before the digits of rest, with their leading zeros.
		text += "." + strings.TrimRight(strconv.FormatInt(unit+rest, 10)[1:], "0")
	}
	return text + suffix
}

// RoundImg writes a number of images with three digits: 940, 20.5k, 1.25m.
func RoundImg(n int64) string {
	switch {
	case n >= 999_500:
		return fmt.Sprintf("%.3gm", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.3gk", float64(n)/1e3)
	}
	return fmt.Sprint(n)
}
