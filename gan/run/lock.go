package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

const lockName = "run.lock"

// lockPatience is how long a writer tries: a reader that only looks whether the lock is held takes it for an instant.
const lockPatience = 200 * time.Millisecond

// lock takes the lock of the directory for writing and notes who holds it in the file. The system releases it when
// the process ends, however it ends.
func lock(dir, path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run: cannot write in %s: %w", dir, err)
	}
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Since(begin) > lockPatience {
			break
		}
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return nil, fmt.Errorf("run: %s is being written by %s; wait for it, or stop it", dir, lockHolder(path))
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("run: cannot lock %s: %w", path, err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text := fmt.Sprintf("process %d on host %s\n", os.Getpid(), host)
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteString(text)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("run: cannot write in %s: %w", dir, err)
	}
	return f, nil
}

// lockHolder returns what the holder wrote into the lock file.
func lockHolder(path string) string {
	text, err := os.ReadFile(path)
	holder := strings.TrimSpace(string(text))
	if err != nil || holder == "" {
		return "another process"
	}
	return holder
}

// unlock empties the file and releases the lock. The file stays: removing it would let two writers lock two files.
func unlock(f *os.File) error {
	err := f.Truncate(0)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// locked reports whether some process, this one included, holds the lock at path for writing.
func locked(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("run: %w", err)
	}
	defer f.Close() // releases a lock that was taken
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("run: cannot look at the lock %s: %w", path, err)
	}
	return false, nil
}
