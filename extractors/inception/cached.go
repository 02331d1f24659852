package inception

import (
	"os"

	"github.com/gogan-ml/gogan/internal/home"
)

// Cached returns where the published weights lie in the user's cache, and whether a file is there: whether Open with nil
// options needs no network. The content is not read; Open checks it.
func Cached() (path string, ok bool) {
	path = home.Join("weights", fileName)
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}
