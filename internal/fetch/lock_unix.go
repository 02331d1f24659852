//go:build unix

package fetch

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lock waits until this process alone may write the file at path. The lock belongs to the open file, so that it ends
// with the process however that ends; the lock file stays, since removing it would let two others in.
func lock(ctx context.Context, path string, wait func(string)) (unlock func(), err error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for told := false; ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, err
		}
		if !told {
			told = true
			wait(path)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
