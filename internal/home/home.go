// Package home decides where gogan keeps what it installs and downloads:
//
//	<home>/pjrt/<name>-<version>/   PJRT plugins
//	<home>/data/                    data sets
//	<home>/compiled/                compiled programs
//	<home>/weights/                 weights of other programs' networks
//	<home>/test/                    what tests make once and use again
//
// Nothing in it depends on GoMLX, so a notebook cell or a test may ask it at no cost.
package home

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Env is the environment variable that overrides every other choice of [Dir].
const Env = "GOGAN_HOME"

const modulePath = "github.com/gogan-ml/gogan"

// Dir returns the absolute path of gogan's home directory, the first of these:
//
//  1. $GOGAN_HOME, without asking whether it can be written;
//  2. the user's cache directory plus "/gogan", if it can be written;
//  3. ".cache/gogan" in the clone of gogan that holds the working directory, if it can be written;
//  4. a directory of this user alone (mode 0700) under the system's temporary directory.
//
// Candidates 2 to 4 are created in order to find out; the answer is not remembered, so that a test may change it.
func Dir() string {
	if dir := os.Getenv(Env); dir != "" {
		return absolute(dir)
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if dir := filepath.Join(cache, "gogan"); writable(dir) {
			return dir
		}
	}
	if root, ok := Repository(); ok {
		if dir := filepath.Join(root, ".cache", "gogan"); writable(dir) {
			return dir
		}
	}
	return private(os.TempDir())
}

// Join returns a path below [Dir].
func Join(elem ...string) string {
	return filepath.Join(append([]string{Dir()}, elem...)...)
}

// Repository returns the root of the clone of gogan that holds the working directory: the nearest directory upwards
// whose go.mod declares gogan's module. ok is false outside of a clone.
func Repository() (root string, ok bool) {
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for {
		if declaresModule(filepath.Join(dir, "go.mod")) {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// declaresModule tells whether the go.mod file at path declares gogan's module.
func declaresModule(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) >= 2 && fields[0] == "module" {
			return strings.Trim(fields[1], `"`) == modulePath
		}
	}
	return false
}

// writable creates dir and a file in it, which is the only test that also sees read-only mounts and full quotas.
func writable(dir string) bool {
	if os.MkdirAll(dir, 0o755) != nil {
		return false
	}
	f, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return false
	}
	f.Close()
	return os.Remove(f.Name()) == nil
}

// private returns a directory of this user alone under parent. Another user can put something at the usual name first;
// then the directory gets a name that nobody could foresee, and what is kept in it lasts for one process only.
func private(parent string) string {
	dir := filepath.Join(parent, fmt.Sprintf("gogan-%d", os.Getuid()))
	if err := os.Mkdir(dir, 0o700); err == nil {
		return absolute(dir)
	} else if errors.Is(err, fs.ErrExist) {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && info.Mode().Perm()&0o077 == 0 && ownedByUs(info) {
			return absolute(dir)
		}
	}
	if other, err := os.MkdirTemp(parent, "gogan-*"); err == nil {
		return absolute(other)
	}
	return absolute(dir) // the caller's own attempt to write there will say why it is impossible
}

func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
