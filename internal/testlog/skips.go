package main

import "strings"

// allowedSkips are tests that may be skipped in continuous integration, by their beginning: the package in this module and
// the test. Each has a reason for which a machine may lack what it needs.
var allowedSkips = map[string]string{
	"cmd/gogan TestUnwritableDirectory":          "root may write anywhere",
	"datasets TestFashionMiniEqualsTheOriginals": "the originals of Fashion-MNIST are a download or a package of Debian",
	"datasets TestFashionMNISTOfDebian":          "the package dataset-fashion-mnist is Debian's",
	"accel TestDamagedInstallationIsPassedOver":  "go-xla's own installer, on other platforms than linux/amd64, keeps no record",
	"accel/install TestPathSeesATruncatedPlugin": "the same",
}

// forbiddenSkips returns the skipped tests that are failures.
func forbiddenSkips(skipped []string, ci bool) (out []string) {
	if !ci {
		return nil
	}
	for _, skip := range skipped {
		allowed := false
		for name := range allowedSkips {
			allowed = allowed || strings.HasPrefix(short(skip), name+":")
		}
		if !allowed {
			out = append(out, short(skip))
		}
	}
	return out
}
