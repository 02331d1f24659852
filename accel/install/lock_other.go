//go:build !unix

package install

import (
	"errors"
	"os"
)

var errLocked = errors.New("locked")

// tryLock has nothing to do: where flock is missing, go-xla's installer works, which has a lock of its own.
func tryLock(*os.File) error { return nil }
