//go:build unix

package install

import (
	"os"
	"syscall"
)

// errLocked says that somebody else holds the lock.
const errLocked = syscall.EWOULDBLOCK

// tryLock takes an advisory lock that ends with the file or the process.
func tryLock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
