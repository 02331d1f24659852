package setup

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lock makes this process the only one that sets up the clone; it waits for another one. The lock ends with the process.
func (c *clone) lock(ctx context.Context) (unlock func(), err error) {
	path := c.path(".cache", "setup.lock")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for told := false; ; told = true {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			f.Close()
			return nil, err
		}
		if !told {
			c.progress("another set-up of this clone is running: waiting for it")
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		}
	}
}
